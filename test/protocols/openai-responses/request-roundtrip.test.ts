import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AssistantPart,
  flatToolName,
  type PivotMessage,
  type PivotRequest,
  type PivotTool,
  type ToolCallPart,
} from '../../../src/pivot/index.ts';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import { render } from './support.ts';

const TOOLS: PivotTool[] = [
  {
    kind: 'function',
    name: 'f',
    description: 'F.',
    parameters: { type: 'object', properties: {} },
    strict: true,
  },
  { kind: 'function', name: 'nothing' },
  { kind: 'custom', name: 'patch', grammar: { syntax: 'lark', definition: 'start: "x"' } },
  { kind: 'custom', name: 'free', description: 'Any text.' },
  { kind: 'function', name: 'read', namespace: 'mcp__disk__', parameters: { type: 'object' }, strict: false },
  { kind: 'custom', name: 'run', namespace: 'mcp__disk__' },
  { kind: 'function', name: 'tool_search', native: 'tool_search', description: 'Finds.', parameters: {} },
  { kind: 'server', origin: 'openai-responses', name: 'web_search', value: { type: 'web_search' } },
];

const words = fc.string({ minLength: 1 });
const text = words.map((said) => ({ type: 'text' as const, text: said }));
const image = fc.constantFrom(
  {
    type: 'image' as const,
    source: { kind: 'base64' as const, mediaType: 'image/png', data: 'AA==' },
    detail: 'low',
  },
  { type: 'image' as const, source: { kind: 'url' as const, url: 'https://example.com/a.png' } },
  {
    type: 'image' as const,
    source: { kind: 'file' as const, origin: 'openai-responses' as const, id: 'file-1' },
  },
);
const file = fc.constantFrom(
  {
    type: 'document' as const,
    name: 'a.pdf',
    source: { kind: 'base64' as const, mediaType: 'application/pdf', data: 'AA==' },
  },
  { type: 'document' as const, source: { kind: 'url' as const, url: 'https://example.com/a.pdf' } },
);
const odd = fc.constant({
  type: 'vendor' as const,
  origin: 'openai-responses' as const,
  name: 'input_hologram',
  value: { part: { type: 'input_hologram' } },
});
const item = fc.constantFrom('web_search_call', 'compaction').map((type) => ({
  type: 'vendor' as const,
  origin: 'openai-responses' as const,
  name: type,
  value: { type, id: 'x' },
}));
const thought = fc.record({ text: fc.constantFrom('', 'hm'), value: fc.constantFrom('gAAAA', 'gBBBB') }).map(
  ({ text: said, value }): AssistantPart => ({
    type: 'reasoning',
    text: said,
    sealed: { kind: 'signature', origin: 'openai', value },
  }),
);
const call = fc.constantFrom(
  { name: 'f', kind: 'function' as const, arguments: '{"a":1}' },
  { name: 'patch', kind: 'custom' as const, arguments: '*** "x"\n' },
  { name: 'read', namespace: 'mcp__disk__', kind: 'function' as const, arguments: '{}' },
  { name: 'tool_search', kind: 'function' as const, arguments: '{"query":"x"}' },
);
const result = fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 });

/** A user's turn, the assistant's turn, and the results of its calls. */
const turn = fc.record({
  system: fc.option(
    fc.tuple(
      fc.constantFrom('system' as const, 'developer' as const),
      fc.array(text, { minLength: 1, maxLength: 2 }),
    ),
  ),
  user: fc.array(fc.oneof(text, image, file, odd), { minLength: 1, maxLength: 3 }),
  parts: fc.array(
    fc.oneof(
      text,
      thought,
      item,
      words.map((said) => ({ type: 'refusal' as const, text: said })),
    ),
    { maxLength: 3 },
  ),
  calls: fc.array(fc.tuple(call, result), { maxLength: 3 }),
});

function messagesOf(turns: (typeof turn extends fc.Arbitrary<infer T> ? T : never)[]): PivotMessage[] {
  return turns.flatMap(({ system, user, parts, calls }, t): PivotMessage[] => {
    const made = calls.map(([one], c): ToolCallPart => ({ type: 'tool-call', id: `call_${t}_${c}`, ...one }));
    const results = calls.map(([one, content], c) => ({
      type: 'tool-result' as const,
      id: `call_${t}_${c}`,
      name: flatToolName('namespace' in one ? one.namespace : undefined, one.name),
      kind: one.kind,
      content:
        one.name === 'tool_search'
          ? [{ type: 'text' as const, text: JSON.stringify({ tools: ['f', 'mcp__disk__read'] }) }]
          : content,
    }));
    return [
      ...(system ? [{ role: 'system' as const, from: system[0], content: system[1] }] : []),
      { role: 'user', content: user },
      ...(parts.length + made.length > 0
        ? [{ role: 'assistant' as const, content: [...parts, ...made] }]
        : []),
      ...(results.length > 0 ? [{ role: 'tool' as const, content: results }] : []),
    ];
  });
}

const maybe = <T>(...values: T[]): fc.Arbitrary<T | undefined> => fc.constantFrom(undefined, ...values);

const requests: fc.Arbitrary<PivotRequest> = fc
  .record({
    instructions: maybe('Be kind.'),
    turns: fc.array(turn, { minLength: 1, maxLength: 3 }),
    toolChoice: maybe<PivotRequest['toolChoice']>(
      { type: 'none' },
      { type: 'tool', name: 'f', kind: 'function' },
      { type: 'tool', name: 'mcp__disk__run', kind: 'custom' },
      { type: 'tool', name: 'tool_search', kind: 'function' },
      { type: 'allowed', mode: 'required', names: ['f', 'patch'] },
    ),
    parallelToolCalls: maybe(true, false),
    sampling: fc.constantFrom(
      {},
      { maxOutputTokens: 99, temperature: 0, topP: 1, logprobs: 0 },
      { logprobs: 5 },
    ),
    reasoning: maybe<PivotRequest['reasoning']>(
      { enabled: false },
      { effort: 'max', show: true },
      { show: true },
    ),
    format: maybe<PivotRequest['format']>(
      { type: 'json' },
      { type: 'json-schema', name: 'n', description: 'd', schema: { type: 'object' }, strict: false },
    ),
    cacheKey: maybe('key'),
    previousResponseId: maybe('resp_1'),
    store: maybe(true, false),
    serviceTier: maybe('priority'),
    verbosity: maybe('low', 'medium'),
    fields: fc.constantFrom({}, { 'reasoning.mode': 'pro', truncation: 'auto', include: ['x'] }),
  })
  .map(({ instructions, turns, fields, ...rest }) => {
    const head: PivotMessage[] =
      instructions === undefined
        ? []
        : [{ role: 'system', from: 'instructions', content: [{ type: 'text', text: instructions }] }];
    const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    return {
      model: 'served',
      stream: false,
      messages: [...head, ...messagesOf(turns)],
      tools: TOOLS,
      ...said,
      vendor: { origin: 'openai-responses', fields },
    } as PivotRequest;
  });

/** JSON in which the words of this wire are likely. */
const wild = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 7, '', 'x', '{"a":', 'data:image/png;base64,AA==', 'uno1.google.call.x'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc
    .dictionary(
      fc.constantFrom(
        'role',
        'content',
        'call_id',
        'name',
        'tools',
        'output',
        'summary',
        'encrypted_content',
        'text',
        'format',
        'arguments',
        'image_url',
        'input',
        'reasoning',
        'include',
        'tool_choice',
        'instructions',
        '__proto__',
      ),
      tie('value'),
      { maxKeys: 5 },
    )
    .chain((object) =>
      fc
        .constantFrom(
          'message',
          'reasoning',
          'function_call',
          'function_call_output',
          'custom_tool_call',
          'tool_search_call',
          'tool_search_output',
          'additional_tools',
          'input_text',
          'input_image',
          'function',
          'namespace',
          'custom',
          undefined,
        )
        .map((type) => ({ ...object, ...(type === undefined ? {} : { type }) })),
    ),
}));

describe('a Responses request', () => {
  it('is the same after it was written and read again', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { body, losses } = render(request);
        expect(losses).toEqual([]);
        const json = JSON.parse(JSON.stringify(body));
        expect(openaiResponses.parseRequest(json, { model: 'served', stream: false })).toEqual(request);
      }),
    );
  });

  it('is written with the same bytes each time, and its beginning stays when the conversation goes on', () => {
    fc.assert(
      fc.property(requests, fc.nat(20), fc.boolean(), (request, cut, atHome) => {
        const { vendor: _vendor, ...nomad } = request;
        const whole = atHome ? request : nomad;
        const early = { ...whole, messages: whole.messages.slice(0, 1 + cut) };
        const bytes = (one: PivotRequest): string => JSON.stringify(render(one).body);
        expect(bytes(whole)).toBe(bytes(structuredClone(whole)));
        const { input: all, ...rest } = render(whole).body;
        const { input: some, ...head } = render(early).body;
        expect(JSON.stringify(head)).toBe(JSON.stringify(rest));
        expect(JSON.stringify(all).startsWith(JSON.stringify(some).slice(0, -1))).toBe(true);
      }),
    );
  });

  it('never throws, whatever it holds', () => {
    fc.assert(
      fc.property(wild.object, (object) => {
        const json = { ...(object as object), input: (object as { content?: unknown }).content ?? 'x' };
        const request = openaiResponses.parseRequest(json, { model: 'm', stream: true });
        if (!('problem' in request)) JSON.stringify(render(request).body);
      }),
    );
  });
});
