import { describe, expect, it } from 'vitest';
import type { FailureKind, PivotError } from '../../src/pivot/index.ts';
import { protocolOf } from '../../src/protocols/index.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import { createFrameParser } from '../../src/sse.ts';
import { PROTOCOL_IDS } from '../support/fixtures.ts';

const CONTEXT = { stream: false, id: '01ABC', model: 'asked/name', created: 1_760_000_000 };

function error(kind: FailureKind, status: number, extra: Partial<PivotError> = {}): PivotError {
  return { kind, status, message: 'unorouter: something. Run: unorouter status', ...extra };
}

/** Kind and upstream status to what each protocol answers before anything was sent: status and its word for it. */
const TABLE: [FailureKind, number, Record<ProtocolId, [number, string]>][] = [
  ['config', 400, row([400, 'configuration'], [424, 'invalid_request_error'], [400, 'FAILED_PRECONDITION'])],
  ['budget', 400, row([400, 'budget_reached'], [402, 'invalid_request_error'], [400, 'FAILED_PRECONDITION'])],
  ['overloaded', 529, row([503, 'overloaded'], [529, 'overloaded_error'], [503, 'UNAVAILABLE'])],
  ['overloaded', 503, row([503, 'overloaded'], [529, 'overloaded_error'], [503, 'UNAVAILABLE'])],
  [
    'rate-limit',
    429,
    row([429, 'rate_limit_exceeded'], [429, 'rate_limit_error'], [429, 'RESOURCE_EXHAUSTED']),
  ],
  ['quota', 402, row([429, 'insufficient_quota'], [429, 'rate_limit_error'], [429, 'RESOURCE_EXHAUSTED'])],
  ['timeout', 504, row([504, 'upstream_timeout'], [504, 'timeout_error'], [504, 'DEADLINE_EXCEEDED'])],
  ['network', 502, row([502, 'upstream_unreachable'], [502, 'api_error'], [503, 'UNAVAILABLE'])],
  ['malformed', 502, row([502, 'upstream_malformed'], [502, 'api_error'], [502, 'INTERNAL'])],
  ['bad-request', 422, row([422, 'bad_request'], [422, 'invalid_request_error'], [422, 'INVALID_ARGUMENT'])],
  [
    'context-too-long',
    400,
    row([400, 'context_length_exceeded'], [400, 'invalid_request_error'], [400, 'INVALID_ARGUMENT']),
  ],
  ['not-found', 404, row([404, 'not_found'], [404, 'not_found_error'], [404, 'NOT_FOUND'])],
  ['client', 413, row([413, 'bad_request'], [413, 'invalid_request_error'], [413, 'INVALID_ARGUMENT'])],
  ['internal', 500, row([500, 'internal'], [500, 'api_error'], [500, 'INTERNAL'])],
];

function row(
  openai: [number, string],
  messages: [number, string],
  gemini: [number, string],
): Record<ProtocolId, [number, string]> {
  return { 'openai-chat': openai, 'openai-responses': openai, 'anthropic-messages': messages, gemini };
}

/** Where each protocol says what kind of error it is. */
const WORD: Record<ProtocolId, (body: { error: Record<string, unknown> }) => unknown> = {
  'openai-chat': (body) => body.error.code,
  'openai-responses': (body) => body.error.code,
  'anthropic-messages': (body) => body.error.type,
  gemini: (body) => body.error.status,
};

describe('an error before anything was sent', () => {
  it.each(TABLE)('%s (%i) has the status and the words of each protocol', (kind, status, expected) => {
    for (const id of PROTOCOL_IDS) {
      const encoded = protocolOf(id).encodeError(error(kind, status), CONTEXT);
      const body = JSON.parse(encoded.body);
      expect([encoded.status, WORD[id](body)], id).toEqual(expected[id]);
      expect(body.error.message, id).toContain('unorouter: something. Run: unorouter status');
      expect(encoded.headers['content-type'], id).toBe('application/json');
    }
  });

  it('has the full shape that clients of each protocol parse', () => {
    const bodies = Object.fromEntries(
      PROTOCOL_IDS.map((id) => [
        id,
        JSON.parse(
          protocolOf(id).encodeError(
            error('config', 400, { code: 'no_provider_key', param: 'model' }),
            CONTEXT,
          ).body,
        ),
      ]),
    );
    const openai = {
      error: {
        message: 'unorouter: something. Run: unorouter status',
        type: 'invalid_request_error',
        param: 'model',
        code: 'no_provider_key',
      },
    };
    expect(bodies['openai-chat']).toEqual(openai);
    expect(bodies['openai-responses']).toEqual(openai);
    expect(bodies['anthropic-messages']).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: openai.error.message },
      request_id: 'req_01ABC',
    });
    expect(bodies.gemini).toEqual({
      error: { code: 400, message: openai.error.message, status: 'FAILED_PRECONDITION' },
    });
  });

  it('tells clients not to try again what will say the same again', () => {
    const permanent: FailureKind[] = [
      'config',
      'budget',
      'quota',
      'bad-request',
      'not-found',
      'context-too-long',
      'client',
    ];
    for (const id of PROTOCOL_IDS) {
      for (const [kind, status] of TABLE) {
        const { headers } = protocolOf(id).encodeError(error(kind, status), CONTEXT);
        expect(headers['x-should-retry'], `${id} ${kind}`).toBe(
          permanent.includes(kind) ? 'false' : undefined,
        );
      }
    }
  });

  it('says how long to wait; on a spent quota for longer than any client does', () => {
    for (const id of PROTOCOL_IDS) {
      const encode = (e: PivotError) => protocolOf(id).encodeError(e, CONTEXT);
      expect(encode(error('rate-limit', 429, { retryAfterMs: 1_500 })).headers['retry-after']).toBe('2');
      expect(encode(error('rate-limit', 429)).headers['retry-after']).toBeUndefined();
      expect(encode(error('quota', 429, { retryAfterMs: 1_500 })).headers['retry-after']).toBe('61');
      expect(encode(error('quota', 429, { retryAfterMs: 90_000 })).headers['retry-after']).toBe('90');
    }
    const limited = protocolOf('gemini').encodeError(
      error('rate-limit', 429, { retryAfterMs: 1_500 }),
      CONTEXT,
    );
    expect(limited.body).toContain('"retryDelay":"1.5s"');
    expect(
      protocolOf('gemini').encodeError(error('quota', 429, { retryAfterMs: 1_500 }), CONTEXT).body,
    ).not.toContain('RetryInfo');
    expect(
      JSON.parse(protocolOf('anthropic-messages').encodeError(error('quota', 429), CONTEXT).body).error
        .details,
    ).toEqual({
      error_code: 'insufficient_quota',
    });
  });

  it('keeps the own words of a provider of the same family', () => {
    const chat = protocolOf('openai-chat');
    const said = chat.decodeError(
      400,
      '{"error":{"message":"No such tool","type":"invalid_request_error","param":"tools[0]","code":"bad_tool"}}',
    );
    expect(JSON.parse(chat.encodeError(said, CONTEXT).body).error).toEqual({
      message: 'No such tool',
      type: 'invalid_request_error',
      param: 'tools[0]',
      code: 'bad_tool',
    });
    const messages = protocolOf('anthropic-messages');
    const long = messages.decodeError(
      400,
      '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}',
    );
    expect(long.kind).toBe('context-too-long');
    expect(JSON.parse(messages.encodeError(long, CONTEXT).body).error).toEqual({
      type: 'invalid_request_error',
      message: 'prompt is too long: 210000 tokens > 200000 maximum',
    });
  });
});

describe('a problem that only the user can fix', () => {
  it.each(['config', 'budget'] as const)(
    'is a failed stream with status 200 on Responses streams: %s',
    (kind) => {
      const protocol = protocolOf('openai-responses');
      const encoded = protocol.encodeError(error(kind, 400), { ...CONTEXT, stream: true });
      expect(encoded.status).toBe(200);
      expect(encoded.headers['content-type']).toMatch(/^text\/event-stream/);
      expect(encoded.headers['x-should-retry']).toBe('false');
      const frames = createFrameParser().push(Buffer.from(encoded.body));
      expect(frames.map(({ event }) => event)).toEqual(['response.created', 'response.failed']);
      const failed = JSON.parse(frames[1]?.data ?? '');
      expect(failed.response.status).toBe('failed');
      expect(failed.response.id).toBe(JSON.parse(frames[0]?.data ?? '').response.id);
      expect(failed.response.error).toEqual({
        code: 'invalid_prompt',
        message: 'unorouter: something. Run: unorouter status',
      });
    },
  );

  it('is an ordinary status on every other stream', () => {
    for (const id of ['openai-chat', 'anthropic-messages', 'gemini'] as const)
      expect(protocolOf(id).encodeError(error('config', 400), { ...CONTEXT, stream: true }).status).not.toBe(
        200,
      );
    expect(
      protocolOf('openai-responses').encodeError(error('overloaded', 503), { ...CONTEXT, stream: true })
        .status,
    ).toBe(503);
  });
});

describe('the kind of an upstream error', () => {
  const CASES: [number, unknown, FailureKind][] = [
    [
      400,
      {
        error: { message: 'Unrecognized request argument supplied: timeout', type: 'invalid_request_error' },
      },
      'bad-request',
    ],
    [400, { error: { message: 'metadata.billing must be a string' } }, 'bad-request'],
    [400, { error: { message: 'the rate limit of the sampler must be positive' } }, 'bad-request'],
    [
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'Your credit balance is too low to access the API' },
      },
      'quota',
    ],
    [
      400,
      {
        error: {
          code: 400,
          status: 'INVALID_ARGUMENT',
          message: 'API key not valid. Please pass a valid API key.',
        },
      },
      'auth',
    ],
    [
      400,
      {
        error: {
          code: 'context_length_exceeded',
          message: "This model's maximum context length is 8192 tokens",
        },
      },
      'context-too-long',
    ],
    [401, { error: { message: 'rate limit of wrong keys' } }, 'auth'],
    [402, {}, 'quota'],
    [403, { error: { message: 'not allowed here' } }, 'auth'],
    [404, { error: { message: 'model is overloaded' } }, 'not-found'],
    [408, {}, 'timeout'],
    [429, { error: { code: 'insufficient_quota', message: 'You exceeded your current quota' } }, 'quota'],
    [429, { error: { message: 'Slow down' } }, 'rate-limit'],
    [429, { error: { details: { error_code: 'enforced_spend_limit_reached' }, message: 'limit' } }, 'quota'],
    [500, { error: { message: 'The server is overloaded' } }, 'overloaded'],
    [500, { error: { message: 'oops' } }, 'network'],
    [529, {}, 'overloaded'],
    [200, { error: { type: 'api_error', message: 'Internal server error' } }, 'network'],
    [200, { error: { type: 'invalid_request_error', message: 'no' } }, 'bad-request'],
    [200, { error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded'],
  ];

  it.each(CASES)('%i %j is %s', (status, body, kind) => {
    expect(protocolOf('openai-chat').decodeError(status, JSON.stringify(body)).kind).toBe(kind);
  });

  it.each([
    [402, 'quota'],
    [403, 'auth'],
    [408, 'timeout'],
    [429, 'rate-limit'],
    [504, 'timeout'],
  ] as const)('with status %i is %s, whatever it says of being unavailable', (status, kind) => {
    const body = JSON.stringify({ error: { code: status, message: 'no', status: 'UNAVAILABLE' } });
    expect(protocolOf('gemini').decodeError(status, body).kind).toBe(kind);
  });

  it('comes with the wait that Google writes into the body', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.5s' }];
    const body = JSON.stringify([
      { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'x', details } },
    ]);
    expect(protocolOf('gemini').decodeError(429, body)).toMatchObject({
      kind: 'rate-limit',
      retryAfterMs: 12_500,
    });
  });

  const spent = 'You exceeded your current quota, please check your plan and billing details.';
  const hint = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '33s' };
  const failure = (quotaId: string) => ({
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{ quotaId }],
  });

  it.each([
    ['no hint when to come back: a spent quota', [], 'quota'],
    ['a hint: a limit of the rate', [hint], 'rate-limit'],
    ['a limit of a minute', [failure('GenerateRequestsPerMinutePerProjectPerModel'), hint], 'rate-limit'],
    ['a limit of a day', [failure('GenerateRequestsPerDayPerProjectPerModel-FreeTier'), hint], 'quota'],
  ] as const)('in the words that Google has for every limit, with %s', (_name, details, kind) => {
    for (const status of ['RESOURCE_EXHAUSTED', 'UNAVAILABLE']) {
      const body = JSON.stringify({ error: { code: 429, status, message: spent, details } });
      expect(protocolOf('gemini').decodeError(429, body).kind).toBe(kind);
    }
  });
});
