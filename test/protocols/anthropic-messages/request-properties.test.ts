import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AssistantPart,
  type ContentPart,
  defined,
  type JsonObject,
  type PivotMessage,
  type PivotRequest,
  type PivotTool,
} from '../../../src/pivot/index.ts';
import { anthropicMessages } from '../../../src/protocols/anthropic-messages/index.ts';
import { render, target, turns } from './support.ts';

const words = fc.constantFrom('one', 'zwei', 'три', '四', 'a "b"\n c');
const cache = fc.constantFrom(undefined, {}, { ttl: '1h' as const });
const text = fc
  .record({ type: fc.constant('text' as const), text: words, cache })
  .map((part) => defined<ContentPart & { type: 'text' }>(part));

const content: fc.Arbitrary<ContentPart> = fc.oneof(
  text,
  fc.constantFrom<ContentPart>(
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
    { type: 'image', source: { kind: 'url', url: 'https://x/a.png' } },
    { type: 'document', source: { kind: 'text', text: 'words' }, name: 'a', context: 'b', citations: true },
    { type: 'document', source: { kind: 'file', origin: 'anthropic-messages', id: 'f' } },
    {
      type: 'vendor',
      origin: 'anthropic-messages',
      name: 'container_upload',
      value: { type: 'container_upload', file_id: 'f' },
    },
  ),
);

const answerPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  text,
  fc.constant<AssistantPart>({
    type: 'vendor',
    origin: 'anthropic-messages',
    name: 'server_tool_use',
    value: { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
  }),
);
const thinking: fc.Arbitrary<AssistantPart> = fc
  .record({ text: fc.constantFrom('', 'hm'), value: fc.constantFrom('Eq==', 'Cg') })
  .map(({ text, value }) => ({
    type: 'reasoning' as const,
    text,
    sealed: { origin: 'anthropic', value, kind: 'signature' as const },
  }));

interface Round {
  asked: ContentPart[];
  thought: AssistantPart[];
  said: AssistantPart[];
  calls: { args: string; said: ContentPart[]; isError: boolean }[];
}

const round: fc.Arbitrary<Round> = fc.record({
  asked: fc.array(content, { minLength: 1, maxLength: 3 }),
  thought: fc.array(thinking, { maxLength: 2 }),
  said: fc.array(answerPart, { minLength: 1, maxLength: 2 }),
  calls: fc.array(
    fc.record({
      args: fc.constantFrom('{}', '{"a":"é"}'),
      said: fc.array(content, { minLength: 1, maxLength: 2 }),
      isError: fc.constant(false),
    }),
    { maxLength: 3 },
  ),
});

/** Rounds of question, answer, calls and results as a conversation. */
function conversation(rounds: readonly Round[]): PivotMessage[] {
  return rounds.flatMap(({ asked, thought, said, calls }, r): PivotMessage[] => {
    const ids = calls.map((_, i) => `toolu_${r}_${i}`);
    const used = calls.map(({ args }, i) => ({
      type: 'tool-call' as const,
      id: ids[i] ?? '',
      name: 'go',
      kind: 'function' as const,
      arguments: args,
    }));
    const answers = calls.map(({ said: content, isError }, i) => ({
      type: 'tool-result' as const,
      id: ids[i] ?? '',
      name: 'go',
      kind: 'function' as const,
      isError,
      content,
    }));
    return [
      { role: 'user', content: asked },
      { role: 'assistant', content: [...thought, ...said, ...used] },
      ...(answers.length === 0 ? [] : [{ role: 'tool' as const, content: answers }]),
      ...(answers.length === 0 ? [] : [{ role: 'assistant' as const, content: said }]),
    ];
  });
}

const tools: fc.Arbitrary<PivotTool[]> = fc.subarray<PivotTool>([
  {
    kind: 'function',
    name: 'go',
    description: 'Goes.',
    parameters: { type: 'object', properties: {} },
    cache: {},
  },
  { kind: 'function', name: 'later', parameters: { type: 'object', properties: {} }, deferred: true },
  {
    kind: 'server',
    origin: 'anthropic-messages',
    name: 'web_search',
    value: { type: 'web_search_1', name: 'web_search' },
  },
]);

const requests: fc.Arbitrary<PivotRequest> = fc
  .record({
    rounds: fc.array(round, { minLength: 1, maxLength: 3 }),
    system: fc.array(text, { maxLength: 2 }),
    tools,
    temperature: fc.constantFrom(undefined, 0, 0.5),
    topK: fc.constantFrom(undefined, 5),
    stop: fc.constantFrom<string[] | undefined>(undefined, ['END']),
    max: fc.constantFrom(100, 8000),
    stream: fc.boolean(),
  })
  .map(({ rounds, system, tools, temperature, topK, stop, max, stream }) => ({
    model: 'claude',
    stream,
    messages: [
      ...(system.length === 0 ? [] : [{ role: 'system' as const, from: 'system' as const, content: system }]),
      ...conversation(rounds),
      { role: 'user' as const, content: [{ type: 'text' as const, text: 'and now?' }] },
    ],
    tools,
    sampling: defined<PivotRequest['sampling']>({ maxOutputTokens: max, temperature, topK, stop }),
    vendor: { origin: 'anthropic-messages', fields: { speed: 'fast' } },
  }));

/** Marks are limited in number and set where there are none: they are compared elsewhere. Stand-in tools, too. */
function withoutMarks(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (key, one) =>
    key === 'cache' || key === 'cache_control' ? undefined : one,
  );
}

describe('any Messages request', () => {
  it('is the same after it was rendered and read again', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { body, losses } = anthropicMessages.renderRequest(request, target());
        const again = anthropicMessages.parseRequest(body, { model: request.model, stream: request.stream });
        // A history with calls and no tools gets stand-ins.
        const expected =
          request.tools.length === 0 ? { ...request, tools: (again as PivotRequest).tools } : request;
        const { toolChoice: _none, ...read } = again as PivotRequest;
        expect(withoutMarks(read)).toEqual(withoutMarks(expected));
        expect(losses.filter(({ what }) => what !== 'cache_control')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps its settings when it was rendered and read again', () => {
    const thinks = fc.constantFrom<NonNullable<PivotRequest['reasoning']>>(
      { enabled: false },
      { enabled: true, adaptive: true, show: true },
      { enabled: true, adaptive: true, show: false, effort: 'max' },
    );
    const choice = fc.constantFrom<NonNullable<PivotRequest['toolChoice']>>(
      { type: 'auto' },
      { type: 'none' },
      { type: 'required' },
      { type: 'tool', name: 'go', kind: 'function' },
    );
    const format = fc.constant<NonNullable<PivotRequest['format']>>({
      type: 'json-schema',
      schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
    });
    const settings = fc.record(
      {
        reasoning: thinks,
        toolChoice: choice,
        format,
        parallelToolCalls: fc.constant(false),
        serviceTier: fc.constant('default'),
      },
      { requiredKeys: ['toolChoice'] },
    );
    const knows = target({
      odd: ['adaptive-thinking', 'thinking-off', 'effort-max', 'effort-xhigh'],
      reasons: true,
    });
    fc.assert(
      fc.property(settings, (said) => {
        // A tool that must be called shuts thinking out.
        const forced = said.toolChoice.type === 'required' || said.toolChoice.type === 'tool';
        if (forced && said.reasoning?.enabled) return;
        const request: PivotRequest = {
          model: 'claude',
          stream: false,
          messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
          tools: [{ kind: 'function', name: 'go', parameters: { type: 'object', properties: {} } }],
          sampling: { maxOutputTokens: 5000 },
          ...said,
        };
        // Beside "call none" there is nothing to say about how many.
        if (request.toolChoice?.type === 'none') delete request.parallelToolCalls;
        const { body, losses } = anthropicMessages.renderRequest(request, knows);
        const again = anthropicMessages.parseRequest(body, { model: request.model, stream: false });
        const { vendor: _vendor, ...read } = again as PivotRequest;
        expect(withoutMarks(read)).toEqual(withoutMarks(request));
        expect(losses).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('is rendered to the same bytes each time, and its beginning does not depend on what follows', () => {
    fc.assert(
      fc.property(requests, fc.nat(20), (request, cut) => {
        const whole = anthropicMessages.renderRequest(request, target());
        expect(JSON.stringify(anthropicMessages.renderRequest(request, target()))).toBe(
          JSON.stringify(whole),
        );
        const users = request.messages.flatMap(({ role }, i) => (role === 'user' ? [i] : []));
        const end = users[cut % users.length] ?? 0;
        const part = { ...request, messages: request.messages.slice(0, end + 1) };
        const begun = anthropicMessages.renderRequest(part, target());
        expect(withoutMarks(begun.body.system)).toEqual(withoutMarks(whole.body.system));
        if (request.tools.length > 0)
          expect(withoutMarks(begun.body.tools)).toEqual(withoutMarks(whole.body.tools));
        expect(withoutMarks(turns(whole).slice(0, turns(begun).length))).toEqual(withoutMarks(turns(begun)));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps to the rules of turns, calls and results', () => {
    const part = fc.oneof(content, answerPart, thinking);
    const messages = fc.array(
      fc.oneof(
        fc.record({ role: fc.constant('user' as const), content: fc.array(content, { maxLength: 2 }) }),
        fc.record({ role: fc.constant('assistant' as const), content: fc.array(part, { maxLength: 2 }) }),
        fc.constantFrom('a', 'b', '').map((id) => ({
          role: 'assistant' as const,
          content: [
            { type: 'tool-call' as const, id, name: 'go', kind: 'function' as const, arguments: 'x' },
          ],
        })),
        fc.constantFrom('a', 'b', '').map((id) => ({
          role: 'tool' as const,
          content: [{ type: 'tool-result' as const, id, kind: 'function' as const, content: [] }],
        })),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(messages, (history) => {
        const written = turns(render({ messages: history as PivotMessage[] }));
        const ids = (turn: { content: JsonObject[] } | undefined, key: string): unknown[] =>
          (turn?.content ?? []).flatMap((block) => (block[key] === undefined ? [] : [block[key]]));
        const called = (turn: { content: JsonObject[] } | undefined): unknown[] =>
          (turn?.content ?? []).filter(({ type }) => type === 'tool_use').map(({ id }) => id);
        expect(written[0]?.role).toBe('user');
        for (const [i, turn] of written.entries()) {
          expect(turn.content.length).toBeGreaterThan(0);
          expect(turn.role).not.toBe(written[i - 1]?.role);
          if (turn.role === 'user')
            expect([...ids(turn, 'tool_use_id')].sort()).toEqual([...called(written[i - 1])].sort());
        }
        expect(written.at(-1)?.content.every(({ type }) => type !== 'tool_use')).toBe(true);
        const all = written.flatMap(called);
        expect(new Set(all).size).toBe(all.length);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever it is', () => {
    const json = fc.dictionary(
      fc.constantFrom(
        'system',
        'messages',
        'tools',
        'tool_choice',
        'thinking',
        'output_config',
        'stop_sequences',
        'metadata',
        'x',
      ),
      fc.jsonValue(),
    );
    const block = fc.dictionary(
      fc.constantFrom(
        'type',
        'text',
        'source',
        'content',
        'id',
        'name',
        'input',
        'tool_use_id',
        'cache_control',
      ),
      fc.oneof(
        fc.constantFrom('text', 'image', 'document', 'thinking', 'tool_use', 'tool_result', 'content'),
        fc.jsonValue(),
      ),
    );
    const messages = fc.array(
      fc.record({
        role: fc.constantFrom('user', 'assistant', 'system', 'x'),
        content: fc.oneof(fc.array(block), fc.jsonValue()),
      }),
    );
    fc.assert(
      fc.property(json, messages, (rest, messages) => {
        const read = anthropicMessages.parseRequest({ ...rest, messages }, { model: 'm', stream: false });
        if (!('problem' in read)) anthropicMessages.renderRequest(read, target());
        anthropicMessages.parseRequest(rest, { model: 'm', stream: false });
      }),
      { numRuns: 500 },
    );
  });
});
