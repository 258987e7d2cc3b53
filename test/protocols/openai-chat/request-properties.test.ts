import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, PivotMessage, PivotRequest, RenderTarget } from '../../../src/pivot/index.ts';
import { parseRequest } from '../../../src/protocols/openai-chat/request/parse.ts';
import { renderRequest } from '../../../src/protocols/openai-chat/request/render.ts';

/** A target that is told all that the wire can say. */
const ABLE: RenderTarget = {
  model: 'm',
  provider: 'p',
  quirks: new Set([
    'custom-tools',
    'cache-control',
    'reasoning-content',
    'reasoning-effort',
    'effort-minimal',
    'effort-xhigh',
    'effort-max',
    'thinking-off',
    'prompt-cache-key',
  ]),
};

const said = fc.string({ minLength: 1 });
const id = fc.oneof(
  fc.stringMatching(/^call_[a-zA-Z0-9]{6,20}$/),
  fc.stringMatching(/^functions\.[a-z]{2,8}:\d{1,6}$/),
);
const base64 = fc.stringMatching(/^[a-zA-Z0-9+/]{4,20}$/);
const cache = fc.constantFrom(undefined, {}, { ttl: '1h' as const });
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);

/** A copy without undefined members. */
function compact<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const contentPart = fc.oneof(
  fc.record({
    type: fc.constant('image' as const),
    source: fc.record({ kind: fc.constant('url' as const), url: fc.webUrl() }),
    cache,
  }),
  fc.record({
    type: fc.constant('image' as const),
    source: fc.record({
      kind: fc.constant('base64' as const),
      mediaType: fc.constantFrom('image/png', 'image/jpeg'),
      data: base64,
    }),
    detail: fc.constantFrom(undefined, 'low', 'high'),
  }),
  fc.record({
    type: fc.constant('media' as const),
    source: fc.record({
      kind: fc.constant('base64' as const),
      mediaType: fc.constantFrom('audio/wav', 'audio/mpeg'),
      data: base64,
    }),
  }),
  fc.record({
    type: fc.constant('document' as const),
    source: fc.record({
      kind: fc.constant('base64' as const),
      mediaType: fc.constant('application/pdf'),
      data: base64,
    }),
    name: fc.stringMatching(/^[a-z]{1,8}\.pdf$/),
  }),
);

const call = fc.record({
  id,
  name,
  kind: fc.constantFrom('function' as const, 'custom' as const),
  arguments: fc.constantFrom('{}', '{"a":"é🌊"}', 'not JSON', '{"b":[1,2]}'),
  result: said,
});

/** Turns as a client keeps them: a question, an answer that may call tools, their results. */
const turn = fc
  .record({
    system: fc.option(said),
    text: said,
    marked: cache,
    parts: fc.array(contentPart, { maxLength: 2 }),
    thought: said,
    answer: fc.option(said),
    calls: fc.uniqueArray(call, { selector: (one) => one.id, maxLength: 3 }),
  })
  .map((one): PivotMessage[] => {
    const calls = one.answer === null && one.calls.length === 0 ? [] : one.calls;
    const silent = one.answer === null && calls.length === 0;
    return compact<PivotMessage[]>([
      ...(one.system === null
        ? []
        : [
            {
              role: 'system' as const,
              from: 'system' as const,
              content: [{ type: 'text' as const, text: one.system }],
            },
          ]),
      {
        role: 'user',
        content: [
          { type: 'text', text: one.text, ...(one.marked ? { cache: one.marked } : {}) },
          ...one.parts,
        ] as never,
      },
      ...(silent
        ? []
        : [
            {
              role: 'assistant' as const,
              content: [
                { type: 'reasoning' as const, text: one.thought },
                ...(one.answer === null ? [] : [{ type: 'text' as const, text: one.answer }]),
                ...calls.map(({ result: _result, ...made }) => ({ type: 'tool-call' as const, ...made })),
              ],
            },
          ]),
      ...(calls.length === 0
        ? []
        : [
            {
              role: 'tool' as const,
              content: calls.map((made) => ({
                type: 'tool-result' as const,
                id: made.id,
                name: made.name,
                kind: made.kind,
                content: [{ type: 'text' as const, text: made.result }],
              })),
            },
          ]),
    ]);
  });

const schema = fc.constantFrom<JsonObject>(
  { type: 'object', properties: {} },
  { type: 'object', properties: { format: { type: 'string', format: 'uri' } }, required: ['format'] },
);

const request: fc.Arbitrary<PivotRequest> = fc
  .record({
    stream: fc.boolean(),
    turns: fc.array(turn, { minLength: 1, maxLength: 4 }),
    tools: fc.uniqueArray(
      fc.oneof(
        fc.record({
          kind: fc.constant('function' as const),
          name,
          parameters: schema,
          description: fc.option(said, { nil: undefined }),
          strict: fc.constantFrom(undefined, true),
          cache,
        }),
        fc.record({
          kind: fc.constant('custom' as const),
          name,
          grammar: fc.constantFrom(undefined, { syntax: 'regex', definition: 'a+' }),
        }),
      ),
      { selector: (one) => one.name, minLength: 1, maxLength: 3 },
    ),
    choice: fc.constantFrom('auto', 'required', 'none', 'tool', 'allowed', undefined),
    parallelToolCalls: fc.constantFrom(undefined, true, false),
    sampling: fc.record({
      maxOutputTokens: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
      temperature: fc.option(fc.double({ min: 0, max: 2, noNaN: true }).map(Math.abs), { nil: undefined }),
      topP: fc.constantFrom(undefined, 0.5, 1),
      stop: fc.option(fc.array(said, { minLength: 1, maxLength: 4 }), { nil: undefined }),
      seed: fc.option(fc.nat(), { nil: undefined }),
      frequencyPenalty: fc.constantFrom(undefined, -1, 0, 1.5),
      presencePenalty: fc.constantFrom(undefined, -1, 0, 1.5),
      logprobs: fc.constantFrom(undefined, 0, 3),
    }),
    reasoning: fc.constantFrom<PivotRequest['reasoning']>(
      undefined,
      { enabled: false },
      { effort: 'minimal' },
      { effort: 'high' },
      { effort: 'max' },
    ),
    format: fc.constantFrom<PivotRequest['format']>(undefined, {
      type: 'json-schema',
      name: 'answer',
      schema: { type: 'string' },
    }),
    cacheKey: fc.option(said, { nil: undefined }),
    serviceTier: fc.constantFrom(undefined, 'flex', 'priority'),
    fields: fc.option(fc.record({ logit_bias: fc.constant({ 1: 2 }), user: said }), { nil: undefined }),
  })
  .map(({ turns, choice, fields, ...rest }) => {
    const [first] = rest.tools;
    const named = first?.name ?? '';
    const choices: Record<string, PivotRequest['toolChoice']> = {
      tool: { type: 'tool', name: named, kind: first?.kind ?? 'function' },
      allowed: { type: 'allowed', mode: 'required', names: [named] },
      auto: { type: 'auto' },
      required: { type: 'required' },
      none: { type: 'none' },
    };
    return compact<PivotRequest>({
      model: 'm',
      ...rest,
      messages: turns.flat(),
      ...(choice === undefined ? {} : { toolChoice: choices[choice] }),
      ...(fields === undefined ? {} : { vendor: { origin: 'openai-chat', fields } }),
    } as PivotRequest);
  });

describe('a request that the wire can say', () => {
  it('is the same after it was written and read again', () => {
    fc.assert(
      fc.property(request, (x) => {
        const { body, losses } = renderRequest(x, ABLE);
        expect(losses).toEqual([]);
        expect(parseRequest(JSON.parse(JSON.stringify(body)), { model: 'm', stream: x.stream })).toEqual(x);
      }),
    );
  });

  it('is written the same way every time, and earlier messages the same way when later ones are added', () => {
    fc.assert(
      fc.property(
        fc.array(turn, { minLength: 2, maxLength: 5 }),
        fc.subarray([...QUIRKS]),
        (turns, quirks) => {
          const target: RenderTarget = { model: 'm', provider: 'p', quirks: new Set(quirks) };
          const write = (messages: PivotMessage[]): string[] => {
            const body = renderRequest(
              { model: 'm', stream: true, messages, tools: [], sampling: {} },
              target,
            ).body;
            return (body.messages as JsonObject[]).map((message) => JSON.stringify(message));
          };
          const all = write(turns.flat());
          expect(write(turns.flat())).toEqual(all);
          for (let count = 1; count < turns.length; count++) {
            const some = write(turns.slice(0, count).flat());
            expect(all.slice(0, some.length)).toEqual(some);
          }
        },
      ),
    );
  });
});

/** All but `alternating-roles`, which must change the last message when one of the same speaker follows. */
const QUIRKS = [
  'developer-role',
  'max-completion-tokens',
  'temperature-or-top-p',
  'no-temperature',
  'no-top-p',
  'no-penalties',
  'no-seed',
  'no-stop',
  'no-parallel-tool-calls',
  'no-strict-tools',
  'no-json-schema',
  'no-format-with-tools',
  'no-required-tool-choice',
  'simple-schemas',
  'reasoning-content',
  'reasoning-effort',
  'reasoning-object',
  'thinking-object',
  'enable-thinking',
  'thinking-off',
  'short-tool-ids',
  'tool-ids-40',
  'cache-control',
  'prompt-cache-key',
  'no-stream-options',
  'custom-tools',
] as const;

const ROLES = [
  'system',
  'developer',
  'user',
  'assistant',
  'tool',
  'function',
  'constructor',
  '__proto__',
  7,
] as const;
const WORDS = [
  'text',
  'image_url',
  'input_audio',
  'file',
  'video_url',
  'refusal',
  'thinking',
  'function',
  'custom',
  'allowed_tools',
  'json_schema',
  'enabled',
  'constructor',
  'toString',
  '__proto__',
];
const KEYS = [
  'type',
  'text',
  'image_url',
  'url',
  'file',
  'file_data',
  'filename',
  'input_audio',
  'data',
  'format',
  'function',
  'custom',
  'name',
  'arguments',
  'input',
  'parameters',
  'id',
  'tool_call_id',
  'signature',
  'effort',
  'schema',
  'json_schema',
  'allowed_tools',
  'tools',
  'mode',
  'cache_control',
  'ttl',
];

const junk: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1, 1e300, '', ...WORDS),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 4 }),
  ),
})).value;

const FIELDS = [
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'parallel_tool_calls',
  'max_tokens',
  'temperature',
  'stop',
  'n',
  'logprobs',
  'reasoning',
  'reasoning_effort',
  'thinking',
  'enable_thinking',
  'response_format',
  'modalities',
  'store',
  'service_tier',
  'user',
  '__proto__',
  'anything',
];
const MEMBERS = [
  'content',
  'tool_calls',
  'function_call',
  'tool_call_id',
  'name',
  'refusal',
  'reasoning_content',
  'reasoning_details',
  'thinking_blocks',
  'images',
  'audio',
  'cache_control',
];

describe('any JSON at all', () => {
  it('is read without a throw, and what was read can be written for any target', () => {
    const message = fc.oneof(
      junk,
      fc
        .tuple(fc.constantFrom(...ROLES), fc.dictionary(fc.constantFrom(...MEMBERS), junk, { maxKeys: 4 }))
        .map(([role, members]) => ({ role, ...members })),
    );
    const body = fc
      .tuple(
        fc.oneof(junk, fc.array(message, { maxLength: 5 })),
        fc.dictionary(fc.constantFrom(...FIELDS), junk, { maxKeys: 6 }),
      )
      .map(([messages, fields]) => ({ ...fields, messages }));
    fc.assert(
      fc.property(body, fc.subarray([...QUIRKS, 'alternating-roles']), (json, quirks) => {
        const read = parseRequest(json as JsonObject, { model: 'm', stream: false });
        if ('problem' in read) {
          expect(read.param).toBe('messages');
          return;
        }
        const { body: written } = renderRequest(read, { model: 'm', provider: 'p', quirks: new Set(quirks) });
        const messages = written.messages as JsonObject[];
        for (const one of messages)
          expect(['system', 'developer', 'user', 'assistant', 'tool']).toContain(one.role);
        JSON.parse(JSON.stringify(written));
      }),
      { numRuns: 500 },
    );
  });

  it('that has no message is a problem with the field at fault', () => {
    const read = (json: JsonObject) => parseRequest(json, { model: 'm', stream: false });
    expect(read({})).toMatchObject({ param: 'messages' });
    expect(read({ messages: 'Hi' })).toMatchObject({ param: 'messages' });
    expect(read({ messages: [{ role: 'user', content: '' }, null] })).toMatchObject({ param: 'messages' });
  });
});
