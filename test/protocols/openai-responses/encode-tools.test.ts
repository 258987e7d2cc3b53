import { describe, expect, it } from 'vitest';
import { type CollectedBlock, collect, type PivotEvent, type PivotTool } from '../../../src/pivot/index.ts';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import { createFrameParser } from '../../../src/sse.ts';
import { decodeChunks } from '../../support/fixtures.ts';
import { parse } from './support.ts';

const TOOLS: PivotTool[] = [
  { kind: 'custom', name: 'apply_patch' },
  { kind: 'function', name: 'search', namespace: 'mcp__github__' },
  { kind: 'custom', name: 'run', namespace: 'box' },
  { kind: 'function', name: 'tool_search', native: 'tool_search' },
  { kind: 'function', name: 'a.b' },
];
const CONTEXT = { model: 'asked', id: '01ABC', created: 1, tools: TOOLS };

type Json = Record<string, unknown>;

/** The events that a client gets for an answer of one call, whose arguments come in pieces. */
function call(name: string, pieces: string[], kind: 'function' | 'custom' = 'function'): PivotEvent[] {
  return [
    { type: 'start' },
    { type: 'tool-call-start', block: 0, id: 'call_1', name, kind },
    ...pieces.map((text) => ({ type: 'tool-call-delta' as const, block: 0, text })),
    { type: 'tool-call-end', block: 0 },
    { type: 'finish', reason: 'tool-calls', raw: null },
    { type: 'end' },
  ];
}

function streamed(events: PivotEvent[]): string {
  const encoder = openaiResponses.createEncoder(CONTEXT);
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}

function told(events: PivotEvent[]): Json[] {
  const parser = createFrameParser();
  return [...parser.push(Buffer.from(streamed(events))), ...parser.end()].map(
    ({ data }) => JSON.parse(data) as Json,
  );
}

function output(events: PivotEvent[]): Json[] {
  const whole = (openaiResponses.encodeBody(events, CONTEXT) as { output: Json[] }).output;
  const last = told(events).at(-1) as { response: { output: Json[] } };
  // A client that does not stream gets the very same items.
  expect(whole).toEqual(last.response.output);
  return whole;
}

describe('a call of a tool that the client declared as custom', () => {
  const events = call('apply_patch', ['{"in', 'put":"*** Begin\\n', 'ü"}']);

  it('comes back with its free text, although the model wrote JSON', () => {
    expect(output(events)).toEqual([
      {
        id: 'ctc_01ABC_0',
        type: 'custom_tool_call',
        call_id: 'call_1',
        name: 'apply_patch',
        status: 'completed',
        input: '*** Begin\nü',
      },
    ]);
  });

  it('is told when it is whole, in the order that Codex needs', () => {
    const all = told(events);
    expect(all.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.custom_tool_call_input.delta',
      'response.custom_tool_call_input.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(all[2]).toMatchObject({ item: { type: 'custom_tool_call', status: 'in_progress', input: '' } });
    expect(all[3]).toMatchObject({ delta: '*** Begin\nü', item_id: 'ctc_01ABC_0', output_index: 0 });
    expect(all[4]).toMatchObject({ input: '*** Begin\nü' });
  });

  it('is passed on piece by piece when the upstream knows custom tools', () => {
    const deltas = told(call('apply_patch', ['*** Be', 'gin'], 'custom')).filter(
      ({ delta }) => delta !== undefined,
    );
    expect(deltas.map(({ delta }) => delta)).toEqual(['*** Be', 'gin']);
  });

  it('that has no text, or breaks off, is still a custom call', () => {
    expect(output(call('apply_patch', []))).toMatchObject([{ type: 'custom_tool_call', input: '' }]);
    expect(output(call('apply_patch', ['{"input":"*** Be']).slice(0, 3))).toMatchObject([
      { input: '{"input":"*** Be' },
    ]);
  });
});

describe('a call of a tool in a namespace', () => {
  it('comes back with its namespace', () => {
    expect(output(call('mcp__github__search', ['{}']))).toMatchObject([
      { type: 'function_call', name: 'search', namespace: 'mcp__github__' },
    ]);
    expect(output(call('search', ['{}']))).toMatchObject([{ name: 'search', namespace: 'mcp__github__' }]);
    expect(output(call('box__run', ['{"input":"1"}']))).toMatchObject([
      { type: 'custom_tool_call', name: 'run', namespace: 'box', input: '1' },
    ]);
  });

  it('announces it, too, and the client that sends it back is understood', () => {
    const events = call('mcp__github__search', ['{"q":1}']);
    expect(told(events)[2]).toMatchObject({ item: { name: 'search', namespace: 'mcp__github__' } });
    const { messages } = parse({ input: output(events) });
    expect(messages).toMatchObject([
      {
        role: 'assistant',
        content: [{ id: 'call_1', name: 'search', namespace: 'mcp__github__', arguments: '{"q":1}' }],
      },
    ]);
  });

  it('has one flat name when a Responses upstream says it', () => {
    const answer = decodeChunks(openaiResponses, [
      Buffer.from(streamed(call('mcp__github__search', ['{}']))),
    ]);
    expect(collect(answer).blocks).toMatchObject([{ name: 'mcp__github__search' }]);
  });
});

describe('a call of the tool search, and of a tool whose name had to be changed', () => {
  it('is what Codex runs itself', () => {
    const events = call('tool_search', ['{"query":', '"spawn"}']);
    expect(output(events)).toEqual([
      {
        id: 'tsc_01ABC_0',
        type: 'tool_search_call',
        call_id: 'call_1',
        execution: 'client',
        status: 'completed',
        arguments: { query: 'spawn' },
      },
    ]);
    expect(told(events).filter(({ delta }) => delta !== undefined)).toEqual([]);
  });

  it('has the name that the client gave', () => {
    const flat = JSON.stringify(
      openaiResponses.renderRequest(
        { model: 'm', stream: false, messages: [], tools: TOOLS, sampling: {} },
        { model: 'm', provider: 'p', quirks: new Set() },
      ).body.tools,
    );
    const [name = ''] = /a_b_\w{8}/.exec(flat) ?? [];
    expect(output(call(name, ['{}']))).toMatchObject([{ type: 'function_call', name: 'a.b' }]);
  });

  it('that the client did not offer is passed as it is', () => {
    expect(output(call('unknown', ['{"a":1}']))).toMatchObject([
      { type: 'function_call', name: 'unknown', arguments: '{"a":1}' },
    ]);
  });
});

describe('what only another family can read', () => {
  const blocks: PivotEvent[] = [
    { type: 'reasoning-start', block: 0 },
    { type: 'reasoning-delta', block: 0, text: 'hm' },
    { type: 'reasoning-end', block: 0, signature: { origin: 'anthropic', value: 'sig.1' } },
    { type: 'reasoning-start', block: 1, redacted: { origin: 'anthropic', value: 'red' } },
    { type: 'reasoning-end', block: 1 },
    { type: 'tool-call-start', block: 2, id: 'a', name: 'f', kind: 'function' },
    { type: 'tool-call-end', block: 2, signature: { origin: 'google', value: 'c2ln' } },
    { type: 'tool-call-start', block: 3, id: 'b', name: 'f', kind: 'function' },
    { type: 'tool-call-end', block: 3 },
    { type: 'finish', reason: 'tool-calls', raw: null },
    { type: 'end' },
  ];

  it('survives the round trip through a client that keeps sealed reasoning', () => {
    expect(parse({ input: output(blocks) }).messages).toEqual([
      {
        role: 'assistant',
        content: [
          {
            type: 'reasoning',
            text: 'hm',
            sealed: { kind: 'signature', origin: 'anthropic', value: 'sig.1' },
          },
          { type: 'reasoning', text: '', sealed: { kind: 'redacted', origin: 'anthropic', value: 'red' } },
          {
            type: 'tool-call',
            id: 'a',
            name: 'f',
            kind: 'function',
            arguments: '{}',
            signature: { origin: 'google', value: 'c2ln' },
          },
          { type: 'tool-call', id: 'b', name: 'f', kind: 'function', arguments: '{}' },
        ],
      },
    ]);
  });

  it('announces a summary only when there is one', () => {
    const types = told(blocks).map(({ type }) => type);
    expect(types.filter((type) => type === 'response.reasoning_summary_part.added')).toHaveLength(1);
    expect(types.filter((type) => type === 'response.output_item.added')).toHaveLength(5);
    expect(types.filter((type) => type === 'response.output_item.done')).toHaveLength(5);
    expect(
      types.filter((type) => /^response\.(completed|failed|incomplete)$/.test(String(type))),
    ).toHaveLength(1);
  });
});

describe('a picture in an answer', () => {
  it('is an item of its own', () => {
    const events: PivotEvent[] = [
      { type: 'media', block: 0, mediaType: 'image/png', data: 'AA==' },
      { type: 'finish', reason: 'stop', raw: null },
      { type: 'end' },
    ];
    expect(output(events)).toEqual([
      { id: 'ig_01ABC_0', type: 'image_generation_call', status: 'completed', result: 'AA==' },
    ]);
    const again = collect(decodeChunks(openaiResponses, [Buffer.from(streamed(events))])).blocks;
    expect(again).toEqual<CollectedBlock[]>([{ type: 'media', mediaType: 'image/png', data: 'AA==' }]);
  });
});
