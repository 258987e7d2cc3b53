import { describe, expect, test } from 'vitest';
import { scanObject } from '../../src/json-scan.ts';
import { diagnose, type Turn } from '../../src/prompt-cache/diagnose.ts';
import { fingerprint, type Memo } from '../../src/prompt-cache/fingerprint.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';

const MINUTE_MS = 60_000;

const turn = (fields: Partial<Turn> = {}): Turn => ({
  asked: 'm',
  served: 'acme/m',
  prompt: { tools: 't', system: 's', messages: ['a', 'b', 'c'] },
  usage: { input: 30_000, cacheRead: 0, cacheWrite: 25_000 },
  began: 0,
  ended: 1_000,
  ...fields,
});
const later = (ms: number, fields: Partial<Turn> = {}): Turn =>
  turn({ began: 1_000 + ms, ended: 2_000 + ms, usage: { input: 31_000, cacheRead: 0 }, ...fields });

describe('a cache that lives for a time', () => {
  test.each([
    ['5 minutes', { input: 30_000, cacheWrite: 25_000 }, 5],
    ['an hour when it was written for one', { input: 30_000, cacheWrite: 25_000, cacheWrite1h: 25_000 }, 60],
    ['10 minutes where nobody bills writes', { input: 30_000, cacheRead: 25_000 }, 10],
  ])('is gone after %s', (_words, usage, minutes) => {
    const before = turn({ usage });
    expect(diagnose(before, later(minutes * MINUTE_MS + 1))).toMatchObject({ by: 'ttl', part: null });
    expect(diagnose(before, later(minutes * MINUTE_MS - 1))).toMatchObject({ by: 'provider' });
  });
});

describe('what is no loss', () => {
  test.each<[string, Turn, Turn]>([
    ['more than half was read', turn(), later(0, { usage: { input: 31_000, cacheRead: 13_000 } })],
    ['too little was there', turn({ usage: { input: 2_000, cacheWrite: 1_000 } }), later(0)],
    ['the provider does not say', turn(), later(0, { usage: { input: 31_000 } })],
  ])('%s', (_words, before, now) => {
    expect(diagnose(before, now)).toBeNull();
  });
});

test('what stands first in a prompt is to blame for all behind it; its last message may grow', () => {
  const changed = { tools: 'T', system: 'S', messages: ['A', 'b', 'c'] };
  expect(diagnose(turn(), later(0, { prompt: changed }))).toMatchObject({ part: 'tools' });
  expect(diagnose(turn(), later(0, { prompt: { ...changed, tools: 't' } }))).toMatchObject({
    part: 'system',
  });
  const message = { tools: 't', system: 's', messages: ['a', 'B', 'c'] };
  expect(diagnose(turn(), later(0, { prompt: message }))).toMatchObject({ part: 'message', message: 2 });
  const grown = { tools: 't', system: 's', messages: ['a', 'b', 'C', 'd'] };
  expect(diagnose(turn(), later(0, { prompt: grown }))).toMatchObject({ by: 'provider' });
  const shorter = { tools: 't', system: 's', messages: ['a'] };
  expect(diagnose(turn(), later(0, { prompt: shorter }))).toMatchObject({ part: 'message', message: 2 });
});

describe('parts of a prompt', () => {
  const parts = (protocol: ProtocolId, body: object, before: Memo = new Map()) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const scanned = scanObject(bytes);
    if ('problem' in scanned) throw new Error(scanned.problem);
    const memo: Memo = new Map();
    // The text itself in the place of its hash shows what is compared.
    return { made: fingerprint({ bytes, scanned, protocol }, String, before, memo), memo };
  };

  test.each<[ProtocolId, object, { tools: RegExp; system: RegExp; messages: number }]>([
    [
      'openai-chat',
      {
        messages: [
          { role: 'system', content: 'be' },
          { role: 'user', content: 'hi' },
        ],
        tools: [{ name: 'f' }],
      },
      { tools: /"f"/, system: /"be"/, messages: 1 },
    ],
    [
      'openai-responses',
      {
        instructions: 'be',
        input: [{ role: 'user', content: 'hi' }, { type: 'reasoning' }],
        tools: [{ name: 'f' }],
      },
      { tools: /"f"/, system: /"be"/, messages: 2 },
    ],
    ['openai-responses', { input: 'hi' }, { tools: /^$/, system: /^$/, messages: 1 }],
    [
      'gemini',
      { systemInstruction: { parts: [{ text: 'be' }] }, contents: [{ parts: [] }], tools: [{ name: 'f' }] },
      { tools: /"f"/, system: /"be"/, messages: 1 },
    ],
  ])('are found on the wire of %s', (protocol, body, expected) => {
    const { made } = parts(protocol, body);
    expect(made?.tools).toMatch(expected.tools);
    expect(made?.system).toMatch(expected.system);
    expect(made?.messages).toHaveLength(expected.messages);
  });

  test('are the same with other marks, in short or long form, and whatever the billing header says', () => {
    const short = {
      system: [{ text: 'x-anthropic-billing-header: a=1' }, { text: 'be' }],
      messages: [{ role: 'user', content: 'hi' }],
    };
    const long = {
      system: [
        { text: 'x-anthropic-billing-header: a=2' },
        { text: 'be', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] },
      ],
    };
    expect(parts('anthropic-messages', long).made).toEqual(parts('anthropic-messages', short).made);
  });

  test('that have been seen are not worked out again', () => {
    const body = { messages: [{ role: 'user', content: 'hi' }] };
    const { memo } = parts('openai-chat', body);
    expect(memo.size).toBe(1);
    const known: Memo = new Map([...memo.keys()].map((raw) => [raw, 'as before']));
    expect(parts('openai-chat', body, known).made?.messages).toEqual(['as before']);
  });
});
