import { describe, expect, it } from 'vitest';
import { collect, flatToolName, type PivotEvent } from '../../../src/pivot/index.ts';
import { anthropicMessages } from '../../../src/protocols/anthropic-messages/index.ts';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { EncodeContext } from '../../../src/protocols/protocol.ts';
import { createFrameParser } from '../../../src/sse.ts';
import { decodeChunks } from '../../support/fixtures.ts';

const CONTEXT: EncodeContext = { model: 'asked', id: '01ABC', created: 1_760_000_000 };
type Json = Record<string, unknown>;

function stream(events: readonly PivotEvent[], context = CONTEXT): string {
  const encoder = anthropicMessages.createEncoder(context);
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}

/** The events of blocks in short: type, index and what it says. */
function said(text: string): string[] {
  const parser = createFrameParser();
  return [...parser.push(Buffer.from(text)), ...parser.end()].flatMap(({ data }) => {
    const { type, index, delta, content_block: block } = JSON.parse(data) as Record<string, Json>;
    if (!`${type}`.startsWith('content_block')) return [];
    const words =
      delta?.text ?? delta?.thinking ?? delta?.partial_json ?? delta?.signature ?? block?.type ?? '';
    return [`${`${type}`.replace('content_block_', '')} ${index} ${words}`.trim()];
  });
}

/** A Chat stream of these deltas. */
function chat(...deltas: Json[]): PivotEvent[] {
  const chunks = deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] }));
  const last = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
  const text = [...chunks, last].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
  return decodeChunks(openaiChat, [Buffer.from(`${text}data: [DONE]\n\n`)]);
}

const call = (index: number, rest: Json): Json => ({ tool_calls: [{ index, ...rest }] });
const start = (index: number, id: string, name: string): Json =>
  call(index, { id, type: 'function', function: { name, arguments: '' } });
const more = (index: number, text: string): Json => call(index, { function: { arguments: text } });

describe('an answer for a Messages client', () => {
  it('opens a thinking block first when the first delta is thought, then a text block', () => {
    const events = chat({ reasoning_content: 'hm' }, { content: 'hello' });
    expect(said(stream(events))).toEqual([
      'start 0 thinking',
      'delta 0 hm',
      'delta 0 uno1.none.',
      'stop 0',
      'start 1 text',
      'delta 1 hello',
      'stop 1',
    ]);
  });

  it('gives each call one block after the other, however their pieces alternate', () => {
    const events = chat(
      start(0, 'a', 'x'),
      start(1, 'b', 'y'),
      more(1, '{"b"'),
      more(0, '{"a"'),
      more(1, ':2}'),
      more(0, ':1}'),
    );
    const text = stream(events);
    expect(said(text)).toEqual([
      'start 0 tool_use',
      'delta 0 {"a"',
      'delta 0 :1}',
      'stop 0',
      'start 1 tool_use',
      'delta 1 {"b"',
      'delta 1 :2}',
      'stop 1',
    ]);
    expect(collect(decodeChunks(anthropicMessages, [Buffer.from(text)])).blocks).toMatchObject([
      { id: 'a', name: 'x', arguments: '{"a":1}' },
      { id: 'b', name: 'y', arguments: '{"b":2}' },
    ]);
    expect(text).toContain('"stop_reason":"tool_use"');
  });

  it('writes the first open block as it comes, not at its end', () => {
    const encoder = anthropicMessages.createEncoder(CONTEXT);
    encoder.push({ type: 'tool-call-start', block: 0, id: 'a', name: 'x', kind: 'function' });
    encoder.push({ type: 'tool-call-start', block: 1, id: 'b', name: 'y', kind: 'function' });
    expect(encoder.push({ type: 'tool-call-delta', block: 0, text: '{' })).toContain('"partial_json":"{"');
    expect(encoder.push({ type: 'tool-call-delta', block: 1, text: '{}' })).toBe('');
    expect(said(encoder.push({ type: 'tool-call-end', block: 0 }))).toEqual([
      'stop 0',
      'start 1 tool_use',
      'delta 1 {}',
    ]);
  });

  it('has a foreign seal marked by its family, last in its block, and reads it back', () => {
    const signature = { origin: 'google', value: 'CiQB' };
    const events: PivotEvent[] = [
      { type: 'reasoning-start', block: 0 },
      { type: 'reasoning-delta', block: 0, text: 'hm' },
      { type: 'reasoning-end', block: 0, signature },
      { type: 'reasoning-start', block: 1, redacted: { origin: 'openai', value: 'gAAA' } },
      { type: 'reasoning-end', block: 1 },
      { type: 'finish', reason: 'stop', raw: null },
      { type: 'end' },
    ];
    const text = stream(events);
    expect(said(text)).toEqual([
      'start 0 thinking',
      'delta 0 hm',
      'delta 0 uno1.google.CiQB',
      'stop 0',
      'start 1 redacted_thinking',
      'stop 1',
    ]);
    const whole = anthropicMessages.encodeBody(events, CONTEXT);
    for (const blocks of [
      collect(decodeChunks(anthropicMessages, [Buffer.from(text)])).blocks,
      collect(anthropicMessages.decodeBody(whole)).blocks,
    ])
      expect(blocks).toMatchObject([{ signature }, { redacted: { origin: 'openai', value: 'gAAA' } }]);
    const { content } = whole as { content: unknown[] };
    const again = anthropicMessages.parseRequest(
      {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content },
        ],
      },
      { model: 'm', stream: false },
    );
    expect(again).toMatchObject({
      messages: [{}, { content: [{ text: 'hm', sealed: { ...signature, kind: 'signature' } }, {}] }],
    });
  });

  it('has the tools under the names that the client knows, and custom ones as one text', () => {
    const name = 'x'.repeat(100);
    const tools = [{ kind: 'function' as const, name }];
    const events: PivotEvent[] = [
      { type: 'tool-call-start', block: 0, id: 'a', name: flatToolName(undefined, name), kind: 'function' },
      { type: 'tool-call-end', block: 0 },
      { type: 'tool-call-start', block: 1, id: 'b', name: 'exec', kind: 'custom' },
      { type: 'tool-call-delta', block: 1, text: 'say "' },
      { type: 'tool-call-delta', block: 1, text: 'hi"' },
      { type: 'tool-call-end', block: 1 },
      { type: 'end' },
    ];
    const expected = [
      { name, input: {} },
      { name: 'exec', input: { input: 'say "hi"' } },
    ];
    expect(anthropicMessages.encodeBody(events, { ...CONTEXT, tools })).toMatchObject({ content: expected });
    const streamed = collect(
      decodeChunks(anthropicMessages, [Buffer.from(stream(events, { ...CONTEXT, tools }))]),
    );
    expect(streamed.blocks).toMatchObject([
      { name },
      { name: 'exec', arguments: '{"input":"say \\"hi\\""}' },
    ]);
  });

  it('says where pictures are, as it cannot hold them', () => {
    const events: PivotEvent[] = [
      { type: 'media', block: 0, mediaType: 'image/png', data: 'AAAA' },
      { type: 'media', block: 1, mediaType: 'image/png', url: 'https://x/a.png' },
      { type: 'end' },
    ];
    const words = ['https://x/a.png'];
    expect(anthropicMessages.encodeBody(events, CONTEXT)).toMatchObject({
      content: words.map((text) => ({ type: 'text', text })),
    });
    expect(said(stream(events)).filter((line) => line.startsWith('delta'))).toEqual(
      words.map((text, i) => `delta ${i} ${text}`),
    );
  });

  it('begins with the best number of input tokens that is known and ends with the exact one', () => {
    const events: PivotEvent[] = [
      { type: 'text-start', block: 0 },
      { type: 'text-end', block: 0 },
      { type: 'usage', usage: { input: 120, output: 7 } },
      { type: 'end' },
    ];
    const counts = (text: string): unknown[] =>
      [...text.matchAll(/"input_tokens":(\d+)/g)].map(([, n]) => Number(n));
    expect(counts(stream(events, { ...CONTEXT, inputEstimate: 100 }))).toEqual([100, 120]);
    expect(counts(stream(events))).toEqual([0, 120]);
  });
});

describe('an error for a Messages client', () => {
  const tooLong = {
    kind: 'context-too-long' as const,
    status: 413,
    type: 'server_error',
    message: "This model's maximum context length is 8192 tokens",
  };

  it('of a conversation that grew too long has the words by which Claude Code compacts', () => {
    const { status, body } = anthropicMessages.encodeError(tooLong, { ...CONTEXT, stream: true });
    expect(status).toBe(400);
    expect(JSON.parse(body).error).toEqual({
      type: 'invalid_request_error',
      message: "prompt is too long: This model's maximum context length is 8192 tokens",
    });
    expect(anthropicMessages.encodeStreamError(tooLong, CONTEXT)).toContain(
      '"message":"prompt is too long: ',
    );
    const own = { ...tooLong, message: 'prompt is too long: 9 tokens > 8 maximum' };
    expect(anthropicMessages.encodeStreamError(own, CONTEXT)).toContain(`"message":"${own.message}"`);
  });

  it('has a type that the API knows, whatever word another vendor has', () => {
    const error = { kind: 'overloaded' as const, status: 503, type: 'server_error', message: 'busy' };
    const typeOf = (type: string): unknown =>
      JSON.parse(anthropicMessages.encodeError({ ...error, type }, { ...CONTEXT, stream: false }).body).error
        .type;
    expect(typeOf('server_error')).toBe('overloaded_error');
    expect(typeOf('permission_error')).toBe('permission_error');
  });
});
