import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  AssistantPart,
  ContentPart,
  JsonObject,
  PivotMessage,
  PivotRequest,
  PivotTool,
} from '../../../src/pivot/index.ts';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import { contents, GEMINI_2, GEMINI_3, request, target } from './support.ts';

const words = fc.constantFrom('one', 'zwei', 'три', '四', 'a "b"\n c');
const text = words.map((said) => ({ type: 'text' as const, text: said }));
const own = fc.constantFrom({ origin: 'google', value: 'c2ln' }, { origin: 'google', value: 'AQ+/8g==' });

const content: fc.Arbitrary<ContentPart> = fc.oneof(
  text,
  fc.constantFrom<ContentPart>(
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
    { type: 'image', source: { kind: 'url', url: 'https://x/a.png', mediaType: 'image/png' } },
    { type: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' } },
    { type: 'media', source: { kind: 'file', origin: 'gemini', id: 'gs://b/a', mediaType: 'video/mp4' } },
    { type: 'vendor', origin: 'gemini', name: 'toolResponse', value: { toolResponse: { id: 'x' } } },
  ),
);
const said: fc.Arbitrary<AssistantPart> = fc.oneof(
  text,
  fc.record({ type: fc.constant('text' as const), text: words, signature: own }),
  fc.record({
    type: fc.constant('reasoning' as const),
    text: words,
    sealed: own.map((opaque) => ({ ...opaque, kind: 'signature' as const })),
  }),
  fc.constant<AssistantPart>({
    type: 'vendor',
    origin: 'gemini',
    name: 'executableCode',
    value: { executableCode: { code: '1' } },
    text: '```\n1\n```',
  }),
);

interface Round {
  asked: ContentPart[];
  said: AssistantPart[];
  calls: { args: string; signed: boolean; said: string; isError: boolean }[];
}
const round: fc.Arbitrary<Round> = fc.record({
  asked: fc.array(content, { minLength: 1, maxLength: 3 }),
  said: fc.array(said, { minLength: 1, maxLength: 3 }),
  calls: fc.array(
    fc.record({
      args: fc.constantFrom('{}', '{"a":{"b_c":[1,null]}}', '{"é":"🌊"}'),
      signed: fc.boolean(),
      said: words,
      isError: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
});

/** A conversation of whole rounds: the user asks, the model answers and calls, tools give back, the model says so. */
function conversation(rounds: Round[], system: string | undefined): PivotMessage[] {
  return [
    ...(system === undefined
      ? []
      : [
          {
            role: 'system' as const,
            from: 'system' as const,
            content: [{ type: 'text' as const, text: system }],
          },
        ]),
    ...rounds.flatMap(({ asked, said: answer, calls }, n): PivotMessage[] => [
      { role: 'user', content: asked },
      {
        role: 'assistant',
        content: [
          ...answer,
          ...calls.map(({ args, signed }, i) => ({
            type: 'tool-call' as const,
            id: `c${n}-${i}`,
            name: `tool_${i % 2}`,
            kind: 'function' as const,
            arguments: args,
            ...(signed ? { signature: { origin: 'google', value: 'c2ln' } } : {}),
          })),
        ],
      },
      ...(calls.length === 0
        ? []
        : [
            {
              role: 'tool' as const,
              content: calls.map((call, i) => ({
                type: 'tool-result' as const,
                id: `c${n}-${i}`,
                name: `tool_${i % 2}`,
                kind: 'function' as const,
                ...(call.isError ? { isError: true } : {}),
                content: [{ type: 'text' as const, text: call.said }],
              })),
            },
            { role: 'assistant' as const, content: [{ type: 'text' as const, text: 'done' }] },
          ]),
    ]),
  ];
}

const tools: fc.Arbitrary<PivotTool[]> = fc.subarray<PivotTool>([
  {
    kind: 'function',
    name: 'tool_0',
    description: 'First.',
    parameters: {
      type: 'object',
      properties: {
        a: { type: ['string', 'null'] },
        format: { type: 'array', items: { type: 'integer', minimum: 1 } },
      },
      required: ['a'],
    },
  },
  { kind: 'function', name: 'tool_1' },
  { kind: 'server', origin: 'gemini', name: 'googleSearch', value: { googleSearch: {} } },
]);

const requests: fc.Arbitrary<PivotRequest> = fc
  .record({
    rounds: fc.array(round, { minLength: 1, maxLength: 3 }),
    system: fc.option(words, { nil: undefined }),
    tools,
    sampling: fc.record(
      {
        temperature: fc.constantFrom(0, 0.5, 2),
        topK: fc.constant(40),
        maxOutputTokens: fc.constant(100),
        stop: fc.constant<string[]>(['x']),
        seed: fc.nat(9),
        logprobs: fc.constantFrom(0, 5),
      },
      { requiredKeys: [] },
    ),
    rest: fc.record(
      {
        format: fc.constant({
          type: 'json-schema' as const,
          schema: { type: 'object', properties: { a: { type: 'string' } } },
        }),
        modalities: fc.constant<NonNullable<PivotRequest['modalities']>>(['text', 'image']),
        reasoning: fc.constantFrom({ effort: 'high' as const }, { effort: 'low' as const, show: true }),
        vendor: fc.constant({
          origin: 'gemini' as const,
          fields: {
            safetySettings: [],
            'generationConfig.mediaResolution': 'X',
            'toolConfig.retrievalConfig': {},
          },
        }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ rounds, system, tools: offered, sampling, rest }) => ({
    model: 'asked',
    stream: true,
    messages: conversation(rounds, system),
    tools: offered,
    ...(offered.some(({ kind }) => kind === 'function') ? { toolChoice: { type: 'required' as const } } : {}),
    sampling,
    ...rest,
  }));

const FROM = { model: 'asked', stream: true };

describe('a Gemini request', () => {
  it('that is rendered and parsed is the same request', () => {
    fc.assert(
      fc.property(requests, (whole) => {
        const { body, losses } = gemini.renderRequest(whole, GEMINI_3);
        expect(losses).toEqual([]);
        expect(gemini.parseRequest(JSON.parse(JSON.stringify(body)) as JsonObject, FROM)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same to the byte each time, and what is said later changes nothing said before', () => {
    fc.assert(
      fc.property(
        requests,
        fc.nat(12),
        fc.constantFrom(GEMINI_3, GEMINI_2, target()),
        (whole, length, to) => {
          const rendered = gemini.renderRequest(whole, to);
          expect(JSON.stringify(gemini.renderRequest(structuredClone(whole), to))).toBe(
            JSON.stringify(rendered),
          );
          const messages = whole.messages.slice(0, length + 2);
          if (messages.every(({ role }) => role === 'system')) return;
          const before = gemini.renderRequest({ ...whole, messages }, to);
          expect(JSON.stringify(before.body.tools)).toBe(JSON.stringify(rendered.body.tools));
          expect(JSON.stringify(before.body.systemInstruction)).toBe(
            JSON.stringify(rendered.body.systemInstruction),
          );
          const flat = (of: typeof rendered): string[] =>
            contents(of).flatMap(({ role, parts }) => parts.map((part) => role + JSON.stringify(part)));
          expect(flat(rendered).slice(0, flat(before).length)).toEqual(flat(before));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('has turns that the API takes, whatever the conversation was', () => {
    const anyPart = fc.oneof(
      said,
      fc.record({
        type: fc.constant('tool-call' as const),
        id: fc.constantFrom('', 'a', 'b', 'c'),
        name: fc.string(),
        kind: fc.constantFrom('function' as const, 'custom' as const),
        arguments: fc.string(),
      }),
    );
    const anyMessage: fc.Arbitrary<PivotMessage> = fc.oneof(
      fc.record({ role: fc.constant('user' as const), content: fc.array(content, { maxLength: 2 }) }),
      fc.record({ role: fc.constant('assistant' as const), content: fc.array(anyPart, { maxLength: 3 }) }),
      fc.record({
        role: fc.constant('tool' as const),
        content: fc.array(
          fc.record({
            type: fc.constant('tool-result' as const),
            id: fc.constantFrom('', 'a', 'b', 'c'),
            kind: fc.constant('function' as const),
            content: fc.array(content, { maxLength: 2 }),
          }),
          { maxLength: 2 },
        ),
      }),
      fc.record({
        role: fc.constant('system' as const),
        from: fc.constant('developer' as const),
        content: fc.array(text, { maxLength: 1 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 8 }), (messages) => {
        const turns = contents(gemini.renderRequest(request({ messages }), target()));
        expect(turns.length).toBeGreaterThan(0);
        turns.forEach(({ role, parts }, i) => {
          expect(role).toBe(i % 2 === 0 ? 'user' : 'model');
          expect(parts.length).toBeGreaterThan(0);
          const count = (key: string, of = parts): number => of.filter((part) => key in part).length;
          if (role === 'user')
            expect(count('functionResponse')).toBe(count('functionCall', turns[i - 1]?.parts ?? []));
          const [first] = parts.filter((part) => 'functionCall' in part);
          if (first) expect(first.thoughtSignature).toBeTypeOf('string');
        });
      }),
      { numRuns: 300 },
    );
  });

  it('never breaks the parser, whatever is in it', () => {
    const odd = fc.constantFrom<unknown>(null, 5, '', 'x', [], {}, [null], true);
    const parts = fc.array(
      fc.oneof(
        odd,
        fc.dictionary(
          fc.constantFrom(
            'text',
            'thought',
            'thoughtSignature',
            'inlineData',
            'fileData',
            'functionCall',
            'functionResponse',
            'function_call',
          ),
          fc.oneof(
            odd,
            fc.jsonValue(),
            fc.dictionary(
              fc.constantFrom('id', 'name', 'args', 'response', 'parts', 'data', 'fileUri', 'mimeType'),
              fc.jsonValue(),
            ),
          ),
        ),
      ),
    );
    const json = fc.record(
      {
        contents: fc.oneof(
          odd,
          fc.array(
            fc.oneof(
              odd,
              fc.record({
                role: fc.oneof(odd, fc.constantFrom('user', 'model', 'function', 'system')),
                parts: fc.oneof(odd, parts),
              }),
            ),
          ),
        ),
        systemInstruction: fc.oneof(odd, fc.record({ parts })),
        tools: fc.oneof(
          odd,
          fc.array(
            fc.dictionary(
              fc.constantFrom('functionDeclarations', 'googleSearch'),
              fc.oneof(
                odd,
                fc.array(
                  fc.dictionary(
                    fc.constantFrom('name', 'parameters', 'parametersJsonSchema'),
                    fc.jsonValue(),
                  ),
                ),
              ),
            ),
          ),
        ),
        toolConfig: fc.oneof(
          odd,
          fc.record({
            functionCallingConfig: fc.oneof(
              odd,
              fc.record({ mode: odd, allowedFunctionNames: fc.oneof(odd, fc.array(odd)) }),
            ),
          }),
        ),
        generationConfig: fc.oneof(
          odd,
          fc.dictionary(
            fc.constantFrom(
              'temperature',
              'stopSequences',
              'thinkingConfig',
              'responseSchema',
              'responseModalities',
              'candidateCount',
            ),
            fc.oneof(odd, fc.jsonValue()),
          ),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(json, fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        const parsed = gemini.parseRequest(value as JsonObject, FROM);
        if (!('problem' in parsed)) JSON.stringify(gemini.renderRequest(parsed, target()));
      }),
      { numRuns: 500 },
    );
  });
});
