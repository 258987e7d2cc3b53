import { describe, expect, it } from 'vitest';
import { answerHeaders, requestHeaders, retryAfterMs } from '../../src/upstream/index.ts';
import { fakeTarget } from '../support/relay.ts';

const { provider } = fakeTarget('http://x', 'openai-chat', { headers: { 'X-Own': 'yes' } });

function headersFor(
  protocol: 'openai-chat' | 'anthropic-messages',
  auth: 'bearer' | 'x-api-key' | 'x-goog-api-key' | 'api-key' | 'none',
  key: string | null = 'k',
) {
  return requestHeaders({
    client: {
      'user-agent': 'agent/1',
      'anthropic-beta': 'b1',
      authorization: 'Bearer uno-local',
      'x-api-key': 'uno-local',
      'x-goog-api-key': 'uno-local',
      cookie: 'c=1',
      'accept-encoding': 'br',
      'chatgpt-account-id': 'me',
      'x-forwarded-for': '10.0.0.1',
      host: '127.0.0.1',
    },
    provider,
    surface: { protocol, url: 'http://x', auth },
    key,
    contentType: 'application/json',
  });
}

describe('the headers of an upstream call', () => {
  it("are those that a provider may see, the key by its scheme, and the user's own", () => {
    expect(headersFor('openai-chat', 'bearer')).toEqual({
      'accept-encoding': 'identity',
      'user-agent': 'agent/1',
      'anthropic-beta': 'b1',
      'content-type': 'application/json',
      'x-own': 'yes',
      authorization: 'Bearer k',
    });
    expect(headersFor('anthropic-messages', 'x-api-key')).toMatchObject({
      'x-api-key': 'k',
      'anthropic-version': '2023-06-01',
    });
    expect(headersFor('openai-chat', 'x-goog-api-key')).toMatchObject({ 'x-goog-api-key': 'k' });
    expect(headersFor('openai-chat', 'api-key')).toMatchObject({ 'api-key': 'k' });
  });

  it('never hold the local token, whatever the scheme', () => {
    for (const auth of ['bearer', 'x-api-key', 'x-goog-api-key', 'api-key', 'none'] as const)
      for (const key of ['k', null])
        expect(JSON.stringify(headersFor('openai-chat', auth, key))).not.toContain('uno-local');
  });
});

describe('the headers of an answer', () => {
  it('are an allow-list without control characters', () => {
    expect(
      answerHeaders({
        'content-type': 'application/json',
        'x-request-id': 'a\r\nset-cookie: x=1',
        'x-ratelimit-remaining': '5',
        'anthropic-ratelimit-tokens': '9',
        'set-cookie': ['a=b'],
        server: 'nginx',
        'transfer-encoding': 'chunked',
        'content-length': '5',
        location: 'http://evil',
      }),
    ).toEqual({
      'content-type': 'application/json',
      'x-request-id': 'aset-cookie: x=1',
      'x-ratelimit-remaining': '5',
      'anthropic-ratelimit-tokens': '9',
    });
  });
});

describe('how long an upstream asks to wait', () => {
  const NOW = Date.parse('2026-11-25T00:00:00Z');
  it.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': 'Wed, 25 Nov 2026 00:00:07 GMT' }, 7_000],
    [{ 'retry-after': 'Wed, 25 Nov 2020 00:00:07 GMT' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': '99999999999' }, undefined],
    [{ 'retry-after-ms': 'NaN', 'retry-after': '4' }, 4_000],
    [{ 'retry-after-ms': '', 'retry-after': '4' }, 4_000],
    [{}, undefined],
  ])('%j is %s ms', (headers, ms) => {
    expect(retryAfterMs(headers, NOW)).toBe(ms);
  });
});
