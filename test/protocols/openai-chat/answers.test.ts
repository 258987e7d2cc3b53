import { describe, expect, it } from 'vitest';
import { collect, type JsonObject, type PivotEvent, type PivotTool } from '../../../src/pivot/index.ts';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { EncodeContext } from '../../../src/protocols/protocol.ts';
import { decodeChunks } from '../../support/fixtures.ts';

const CONTEXT: EncodeContext = { model: 'asked/name', id: '01ABC', created: 1_760_000_000 };
const END: PivotEvent[] = [{ type: 'finish', reason: 'stop', raw: null }, { type: 'end' }];

function stream(events: PivotEvent[], context = CONTEXT): string {
  const encoder = openaiChat.createEncoder(context);
  return [...events, ...END].map((event) => encoder.push(event)).join('') + encoder.end();
}

/** What the chunks of a stream say, one after another. */
function deltas(events: PivotEvent[], context = CONTEXT): JsonObject[] {
  const chunks = stream(events, context).match(/^data: \{.*$/gm) ?? [];
  return chunks.map((line) => JSON.parse(line.slice(6)).choices[0].delta);
}

function message(events: PivotEvent[], context = CONTEXT): JsonObject {
  const body = openaiChat.encodeBody([...events, ...END], context) as { choices: { message: JsonObject }[] };
  return body.choices[0]?.message ?? {};
}

/** The blocks after an answer was written for a client and read from it again. */
function again(events: PivotEvent[]): unknown[] {
  const streamed = collect(decodeChunks(openaiChat, [Buffer.from(stream(events))])).blocks;
  const whole = collect(openaiChat.decodeBody(openaiChat.encodeBody([...events, ...END], CONTEXT))).blocks;
  expect(streamed).toEqual(whole);
  return whole;
}

describe('a Chat answer with what other wires bring', () => {
  it('carries pictures as OpenRouter does', () => {
    const events: PivotEvent[] = [
      { type: 'media', block: 0, mediaType: 'image/png', data: 'iVBORw0=' },
      { type: 'media', block: 1, mediaType: 'image/jpeg', url: 'https://example.org/a.jpg' },
    ];
    const images = [
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0=' }, index: 0 },
      { type: 'image_url', image_url: { url: 'https://example.org/a.jpg' }, index: 1 },
    ];
    expect(message(events).images).toEqual(images);
    expect(deltas(events).flatMap((delta) => delta.images ?? [])).toEqual(images);
    expect(again(events.slice(0, 1))).toEqual([{ type: 'media', mediaType: 'image/png', data: 'iVBORw0=' }]);
  });

  it('carries sound as OpenAI does', () => {
    const events: PivotEvent[] = [{ type: 'media', block: 0, mediaType: 'audio/wav', data: 'UklGRg==' }];
    const audio = { id: 'audio_01ABC', data: 'UklGRg==', transcript: '', expires_at: CONTEXT.created };
    expect(message(events).audio).toEqual(audio);
    expect(deltas(events)).toContainEqual(expect.objectContaining({ audio }));
  });

  it('names its sources in the words of OpenAI', () => {
    const cited = (said: { url?: string; title?: string }): PivotEvent[] => [
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'Tides.' },
      {
        type: 'citation',
        block: 0,
        citation: { ...said, span: { start: 0, end: 6 }, native: { origin: 'gemini', value: {} } },
      },
      { type: 'text-end', block: 0 },
    ];
    const source = { url: 'https://example.org', title: 'Tides' };
    const annotation = { type: 'url_citation', url_citation: { ...source, start_index: 0, end_index: 6 } };
    expect(message(cited(source)).annotations).toEqual([annotation]);
    expect(deltas(cited(source))).toContainEqual({ annotations: [annotation] });
    expect(message(cited({ title: 'A document' }))).not.toHaveProperty('annotations');
  });

  it('does not show what the provider searched by itself as calls', () => {
    const events: PivotEvent[] = [
      { type: 'tool-call-start', block: 0, id: 's', name: 'web_search', kind: 'server' },
      { type: 'tool-call-delta', block: 0, text: '{"query":"x"}' },
      { type: 'tool-call-end', block: 0 },
      { type: 'text-start', block: 1 },
      { type: 'text-delta', block: 1, text: 'Found.' },
      { type: 'text-end', block: 1 },
    ];
    expect(message(events)).toEqual({ role: 'assistant', content: 'Found.', refusal: null });
    expect(stream(events)).not.toContain('tool_calls');
  });

  it('has what was thought as text, and its seals for clients that give them back', () => {
    const thoughts: PivotEvent[] = [
      { type: 'reasoning-start', block: 0 },
      { type: 'reasoning-delta', block: 0, text: 'Hm' },
      { type: 'reasoning-delta', block: 0, text: 'm.' },
      { type: 'reasoning-end', block: 0, signature: { origin: 'anthropic', value: 's' } },
      { type: 'reasoning-start', block: 1, redacted: { origin: 'anthropic', value: 'r' } },
      { type: 'reasoning-end', block: 1 },
      { type: 'reasoning-start', block: 2 },
      { type: 'reasoning-delta', block: 2, text: 'So.' },
      { type: 'reasoning-end', block: 2, signature: { origin: 'openai', value: 'e' } },
    ];
    const anthropic = 'anthropic-claude-v1';
    const openai = 'openai-responses-v1';
    const details = [
      { type: 'reasoning.text', text: 'Hmm.', signature: 's', format: anthropic, index: 0 },
      { type: 'reasoning.encrypted', data: 'r', format: anthropic, index: 1 },
      { type: 'reasoning.summary', summary: 'So.', format: openai, index: 2 },
      { type: 'reasoning.encrypted', data: 'e', format: openai, index: 3 },
    ];
    expect(message(thoughts)).toMatchObject({ reasoning_content: 'Hmm.So.', reasoning_details: details });
    expect(deltas(thoughts).flatMap((delta) => delta.reasoning_details ?? [])).toEqual(details);
    expect(again(thoughts)).toEqual([
      { type: 'reasoning', text: 'Hmm.', signature: { origin: 'anthropic', value: 's' } },
      { type: 'reasoning', text: '', redacted: { origin: 'anthropic', value: 'r' } },
      { type: 'reasoning', text: 'So.', signature: { origin: 'openai', value: 'e' } },
    ]);
    const read = openaiChat.parseRequest({ messages: [message(thoughts)] }, { model: 'm', stream: false });
    expect(read).toMatchObject({
      messages: [
        {
          content: [
            { text: 'Hmm.', sealed: { origin: 'anthropic', kind: 'signature', value: 's' } },
            { text: '', sealed: { origin: 'anthropic', kind: 'redacted', value: 'r' } },
            { text: 'So.', sealed: { origin: 'openai', kind: 'signature', value: 'e' } },
          ],
        },
      ],
    });
  });

  it('marks the seal of a family that OpenRouter has no format for', () => {
    const events: PivotEvent[] = [
      { type: 'reasoning-start', block: 0 },
      { type: 'reasoning-end', block: 0, signature: { origin: 'xyz', value: 'v' } },
    ];
    expect(message(events).reasoning_details).toEqual([
      { type: 'reasoning.encrypted', data: 'uno1.xyz.v', format: 'unknown', index: 0 },
    ]);
    expect(again(events)).toEqual([
      { type: 'reasoning', text: '', signature: { origin: 'xyz', value: 'v' } },
    ]);
  });

  it("has Gemini's signature on the call that it signs", () => {
    const signature = { origin: 'google', value: 'c2ln' };
    const events: PivotEvent[] = [
      { type: 'tool-call-start', block: 0, id: 'a', name: 'look', kind: 'function' },
      { type: 'tool-call-delta', block: 0, text: '{"at":1}' },
      { type: 'tool-call-end', block: 0, signature },
    ];
    const extra = { extra_content: { google: { thought_signature: 'c2ln' } } };
    expect(message(events).tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'look', arguments: '{"at":1}' }, ...extra },
    ]);
    expect(deltas(events)).toContainEqual({
      tool_calls: [{ index: 0, function: { arguments: '' }, ...extra }],
    });
    expect(again(events)).toEqual([
      { type: 'tool-call', id: 'a', name: 'look', kind: 'function', arguments: '{"at":1}', signature },
    ]);
  });
});

describe('a Chat answer that calls tools', () => {
  const tools: PivotTool[] = [
    { kind: 'custom', name: 'apply_patch' },
    { kind: 'function', name: 'a.name/that no wire takes' },
  ];
  const context = { ...CONTEXT, tools };
  const called = (name: string, text: string): PivotEvent[] => [
    { type: 'tool-call-start', block: 0, id: 'c', name, kind: 'function' },
    { type: 'tool-call-delta', block: 0, text: text.slice(0, 5) },
    { type: 'tool-call-delta', block: 0, text: text.slice(5) },
    { type: 'tool-call-end', block: 0 },
  ];

  it('gives free text back where the client offered a custom tool and the provider knew only functions', () => {
    const events = called('apply_patch', '{"input":"*** Begin\\n\\"x\\""}');
    const input = '*** Begin\n"x"';
    expect(message(events, context).tool_calls).toEqual([
      { id: 'c', type: 'custom', custom: { name: 'apply_patch', input } },
    ]);
    expect(deltas(events, context).flatMap((delta) => delta.tool_calls ?? [])).toEqual([
      { index: 0, id: 'c', type: 'custom', custom: { name: 'apply_patch', input: '' } },
      { index: 0, custom: { input } },
    ]);
  });

  it('gives the name back that the client knows', () => {
    const { body } = openaiChat.renderRequest(
      { model: 'm', stream: false, messages: [], tools, sampling: {} },
      { model: 'm', provider: 'p', quirks: new Set() },
    );
    const name = (body.tools as { function: { name: string } }[])[1]?.function.name ?? '';
    expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(message(called(name, '{"a":1}'), context).tool_calls).toEqual([
      { id: 'c', type: 'function', function: { name: 'a.name/that no wire takes', arguments: '{"a":1}' } },
    ]);
  });
});

describe('a Chat answer from OpenRouter', () => {
  const chunk = (delta: JsonObject): string =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;
  const blocks = (...list: JsonObject[]): unknown[] =>
    collect(decodeChunks(openaiChat, [Buffer.from(list.map(chunk).join(''))])).blocks;

  it("seals Claude's thoughts with the signature that comes behind them", () => {
    const format = 'anthropic-claude-v1';
    const part = (text: string): JsonObject => ({
      reasoning: text,
      reasoning_details: [{ type: 'reasoning.text', text, format, index: 0 }],
    });
    const signature = { reasoning_details: [{ type: 'reasoning.text', signature: 's', format, index: 0 }] };
    expect(blocks(part('Hm'), part('m.'), signature, { content: 'Yes' })).toEqual([
      { type: 'reasoning', text: 'Hmm.', signature: { origin: 'anthropic', value: 's' } },
      { type: 'text', text: 'Yes', citations: [] },
    ]);
  });

  it("signs Gemini's calls, whether the signature comes before or behind them", () => {
    const call = {
      tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } }],
    };
    const seal = {
      reasoning_details: [{ type: 'reasoning.encrypted', data: 'g', id: 'a', format: 'google-gemini-v1' }],
    };
    const signed = [expect.objectContaining({ id: 'a', signature: { origin: 'google', value: 'g' } })];
    expect(blocks(call, seal)).toEqual(signed);
    expect(blocks(seal, call)).toEqual(signed);
  });
});
