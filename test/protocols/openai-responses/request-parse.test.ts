import { describe, expect, it } from 'vitest';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import { parse } from './support.ts';

const user = (content: unknown): object => ({ type: 'message', role: 'user', content });

describe('a Responses request without sense', () => {
  it.each([
    {},
    { input: [] },
    { input: 7 },
    { input: '' },
    { input: [{ type: 'message', role: 'user', content: [] }] },
  ])('is a problem that names the field: %j', (json) => {
    expect(openaiResponses.parseRequest(json, { model: 'm', stream: true })).toEqual({
      problem: 'the request has no input',
      param: 'input',
    });
  });

  it('is none when the conversation lies with the provider', () => {
    expect(parse({ previous_response_id: 'resp_1', input: [] })).toMatchObject({
      previousResponseId: 'resp_1',
    });
  });
});

describe('the conversation of a Responses request', () => {
  it('may be a text alone', () => {
    expect(parse({ input: 'Hi' }).messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ]);
  });

  it('keeps instructions, system and developer apart', () => {
    const { messages } = parse({
      instructions: 'a',
      input: [
        { role: 'developer', content: 'b' },
        { role: 'system', content: [{ type: 'input_text', text: 'c' }] },
      ],
    });
    expect(messages.map((message) => message.role === 'system' && message.from)).toEqual([
      'instructions',
      'developer',
      'system',
    ]);
  });

  it('puts an output right behind its call although a developer message came between', () => {
    const { messages } = parse({
      input: [
        { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
        { type: 'function_call', call_id: 'b', name: 'g', arguments: '{}' },
        { role: 'developer', content: 'note' },
        { type: 'function_call_output', call_id: 'b', output: 'B' },
        { type: 'function_call_output', call_id: 'a', output: 'A' },
      ],
    });
    expect(messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'system']);
    expect(messages[1]).toMatchObject({
      content: [
        { id: 'b', name: 'g' },
        { id: 'a', name: 'f' },
      ],
    });
  });

  it('gives calls and results without an id the ids of their places', () => {
    const { messages } = parse({
      input: [
        { type: 'function_call', name: 'f', arguments: { a: 1 } },
        { type: 'function_call', name: 'g', call_id: '' },
        { type: 'function_call_output', output: 'one' },
        { type: 'function_call_output', output: 'two' },
      ],
    });
    expect(messages[0]).toMatchObject({
      content: [
        { id: 'call_0', arguments: '{"a":1}' },
        { id: 'call_1', arguments: '' },
      ],
    });
    expect(messages[1]).toMatchObject({
      content: [
        { id: 'call_0', name: 'f' },
        { id: 'call_1', name: 'g' },
      ],
    });
  });

  it('reads outputs that are texts, lists, or say that they failed', () => {
    const output = (output: unknown): unknown =>
      parse({ input: [{ type: 'function_call_output', call_id: 'a', output }] }).messages[0]?.content[0];
    expect(output('')).toMatchObject({ content: [] });
    expect(output([{ type: 'input_text', text: 'x' }])).toMatchObject({ content: [{ text: 'x' }] });
    expect(output({ content: 'broken', success: false })).toMatchObject({
      isError: true,
      content: [{ text: 'broken' }],
    });
    expect(output(null)).toMatchObject({ content: [] });
  });

  it('skips garbage and keeps the rest', () => {
    const input = [
      null,
      7,
      'x',
      [],
      {},
      { type: 'function_call' },
      user([{ type: 3 }, { type: 'input_image' }]),
      user('Hi'),
    ];
    expect(parse({ input }).messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]);
  });

  it('takes cache breakpoints and bare files as what they are', () => {
    const content = [
      { type: 'input_text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } },
      { type: 'input_file', filename: 'notes.md', file_data: 'IyBh' },
      { type: 'input_file', file_id: 'file-1' },
    ];
    expect(parse({ input: [user(content)] }).messages[0]?.content).toEqual([
      { type: 'text', text: 'a', cache: {} },
      {
        type: 'document',
        name: 'notes.md',
        source: { kind: 'base64', mediaType: 'text/markdown', data: 'IyBh' },
      },
      { type: 'document', source: { kind: 'file', origin: 'openai-responses', id: 'file-1' } },
    ]);
  });
});

describe('the tools of a Responses request', () => {
  it('are gathered from the items that define them, each once and where it stood first', () => {
    const f = (name: string): object => ({ type: 'function', name });
    const { tools } = parse({
      tools: [f('a')],
      input: [
        { type: 'additional_tools', role: 'developer', tools: [f('b'), f('a')] },
        { type: 'tool_search_output', call_id: 'c', execution: 'client', tools: [f('c'), f('b')] },
        user('Hi'),
      ],
    });
    expect(tools.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('may be searched by the client or by the provider', () => {
    const search = (execution: string): unknown =>
      parse({ input: 'Hi', tools: [{ type: 'tool_search', execution }] }).tools[0];
    expect(search('client')).toMatchObject({ kind: 'function', native: 'tool_search' });
    expect(search('server')).toMatchObject({ kind: 'server', name: 'tool_search' });
  });
});

describe('tool_choice', () => {
  it.each([
    ['auto', { type: 'auto' }],
    ['required', { type: 'required' }],
    ['none', { type: 'none' }],
    [
      { type: 'function', name: 'f' },
      { type: 'tool', name: 'f', kind: 'function' },
    ],
    [
      { type: 'custom', name: 'c' },
      { type: 'tool', name: 'c', kind: 'custom' },
    ],
    [
      { type: 'function', name: 'f', namespace: 'n' },
      { type: 'tool', name: 'n__f', kind: 'function' },
    ],
    [
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
      { type: 'allowed', mode: 'auto', names: ['f'] },
    ],
    [{ type: 'web_search_preview' }, undefined],
    [null, undefined],
  ])('%j is understood', (tool_choice, wanted) => {
    expect(parse({ input: 'Hi', tool_choice }).toolChoice).toEqual(wanted);
  });
});
