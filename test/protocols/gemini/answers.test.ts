import { describe, expect, it } from 'vitest';
import { decodeBase64, type JsonObject, type PivotEvent } from '../../../src/pivot/index.ts';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import type { EncodeContext } from '../../../src/protocols/protocol.ts';
import { createFrameParser } from '../../../src/sse.ts';
import { messagesOf } from './support.ts';

const CONTEXT: EncodeContext = { model: 'asked', id: '01', created: 1 };
const ANTHROPIC = { origin: 'anthropic', value: 'EqQBCkYI==' };

const thought = (block: number, text: string, extra: object = {}): PivotEvent[] => [
  { type: 'reasoning-start', block },
  ...(text === '' ? [] : [{ type: 'reasoning-delta' as const, block, text }]),
  { type: 'reasoning-end', block, ...extra },
];
const call = (block: number, args: string, extra: object = {}, name = 'go'): PivotEvent[] => [
  { type: 'tool-call-start', block, id: `id${block}`, name, kind: 'function' },
  { type: 'tool-call-delta', block, text: args },
  { type: 'tool-call-end', block, ...extra },
];
const text = (block: number, said: string): PivotEvent[] => [
  { type: 'text-start', block },
  { type: 'text-delta', block, text: said },
  { type: 'text-end', block },
];
const END: PivotEvent[] = [{ type: 'finish', reason: 'tool-calls', raw: 'tool_use' }, { type: 'end' }];

/** The parts that a client of a stream puts together, and those of the whole answer. */
function streamed(events: PivotEvent[], context = CONTEXT): JsonObject[] {
  const encoder = gemini.createEncoder(context);
  const parser = createFrameParser();
  const sent = [...events, ...END].map((event) => encoder.push(event)).join('') + encoder.end();
  return [...parser.push(Buffer.from(sent)), ...parser.end()].flatMap(
    ({ data }) =>
      (JSON.parse(data) as { candidates: { content: { parts: JsonObject[] } }[] }).candidates[0]?.content
        .parts ?? [],
  );
}
function whole(events: PivotEvent[], context = CONTEXT): JsonObject[] {
  const body = gemini.encodeBody([...events, ...END], context) as {
    candidates: { content: { parts: JsonObject[] } }[];
  };
  return body.candidates[0]?.content.parts ?? [];
}
const FORMS = [
  ['a stream', streamed],
  ['a whole answer', whole],
] as const;

describe.each(FORMS)('the answer of a foreign model for a Gemini client: %s', (_form, partsOf) => {
  const history = (events: PivotEvent[], kept: (part: JsonObject) => boolean = () => true): unknown[] =>
    messagesOf({ role: 'model', parts: partsOf(events).filter(kept) })[0]?.content ?? [];

  it('shows what was thought as thoughts, with the seal in base64', () => {
    const parts = partsOf([...thought(0, 'hm', { signature: ANTHROPIC }), ...text(1, 'So.')]);
    expect(parts.map(({ text, thought }) => [text, thought]).filter(([text]) => text !== '')).toEqual([
      ['hm', true],
      ['So.', undefined],
    ]);
    const seals = parts.flatMap(({ thoughtSignature }) =>
      typeof thoughtSignature === 'string' ? [thoughtSignature] : [],
    );
    expect(seals).toHaveLength(1);
    expect(seals[0]).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(decodeBase64(seals[0] ?? '')).toBe('uno1.anthropic.EqQBCkYI==');
  });

  it('gets its thoughts back from a client that keeps all parts', () => {
    const events = [...thought(0, 'hm', { signature: ANTHROPIC }), ...call(1, '{"a":1}')];
    expect(history(events)).toEqual([
      { type: 'reasoning', text: 'hm', sealed: { ...ANTHROPIC, kind: 'signature' } },
      { type: 'tool-call', id: 'id1', name: 'go', kind: 'function', arguments: '{"a":1}' },
    ]);
  });

  it('gets its thoughts back from a client that keeps only calls (Gemini CLI), in front of what was said after them', () => {
    const events: PivotEvent[] = [
      ...thought(0, 'hm', { signature: ANTHROPIC }),
      { type: 'reasoning-start', block: 1, redacted: { origin: 'anthropic', value: 'Emw' } },
      { type: 'reasoning-end', block: 1 },
      ...text(2, 'I call.'),
      ...call(3, '{}'),
      ...call(4, '{}'),
      ...thought(5, 'unsigned'),
      ...call(6, '{}'),
    ];
    expect(history(events, ({ thought, text }) => !thought && text !== '')).toEqual([
      { type: 'reasoning', text: 'hm', sealed: { ...ANTHROPIC, kind: 'signature' } },
      { type: 'reasoning', text: '', sealed: { origin: 'anthropic', value: 'Emw', kind: 'redacted' } },
      { type: 'text', text: 'I call.' },
      expect.objectContaining({ id: 'id3' }),
      expect.objectContaining({ id: 'id4' }),
      { type: 'reasoning', text: 'unsigned' },
      expect.objectContaining({ id: 'id6' }),
    ]);
  });

  it('has arguments as objects; what is none stays readable', () => {
    const parts = partsOf([...call(0, ''), ...call(1, '{"a":'), ...call(2, '[1]'), ...call(3, 'null')]);
    expect(
      parts.flatMap(({ functionCall }) => (functionCall ? [(functionCall as JsonObject).args] : [])),
    ).toEqual([{}, { _raw: '{"a":' }, { _raw: '[1]' }, {}]);
  });

  it('has the names that the client gave its tools', () => {
    const name = 'mcp:server.tool';
    const tools = [{ kind: 'function' as const, name }];
    const mapped = (
      gemini.renderRequest(
        { model: 'm', stream: false, messages: [], tools, sampling: {} },
        { model: 'm', provider: 'p', quirks: new Set() },
      ).body.tools as { functionDeclarations: { name: string }[] }[]
    )[0]?.functionDeclarations[0]?.name;
    expect(mapped).not.toBe(name);
    const [part] = partsOf(call(0, '{}', {}, mapped), { ...CONTEXT, tools });
    expect(part).toMatchObject({ functionCall: { name } });
  });

  it('gives links as links', () => {
    const media: PivotEvent = { type: 'media', block: 0, mediaType: 'image/png', url: 'https://x/a.png' };
    expect(partsOf([media])[0]).toEqual({ fileData: { mimeType: 'image/png', fileUri: 'https://x/a.png' } });
  });
});

describe('the answer of Gemini', () => {
  it("keeps a call's signature on the call, for every wire", () => {
    const parts = [
      { text: 'hm', thought: true },
      { functionCall: { name: 'f', args: {} }, thoughtSignature: 'c2ln' },
      { functionCall: { name: 'g', args: {} } },
    ];
    const events = gemini.decodeBody({ candidates: [{ content: { parts }, finishReason: 'STOP' }] });
    const own = { origin: 'google', value: 'c2ln' };
    expect(events.filter(({ type }) => type.startsWith('tool-call-'))).toEqual([
      { type: 'tool-call-start', block: 1, id: '', name: 'f', kind: 'function' },
      { type: 'tool-call-end', block: 1, signature: own },
      { type: 'tool-call-start', block: 2, id: '', name: 'g', kind: 'function' },
      { type: 'tool-call-end', block: 2 },
    ]);
    for (const [, partsOf] of FORMS)
      expect(partsOf(events.slice(0, -2)).filter(({ functionCall }) => functionCall)).toEqual(parts.slice(1));
  });

  it('gives back names that had to begin otherwise', () => {
    const nameOf = (name: string): unknown =>
      gemini.decodeBody({ candidates: [{ content: { parts: [{ functionCall: { name } }] } }] })[0];
    expect(nameOf('_3d')).toMatchObject({ name: '3d' });
    expect(nameOf('__3d')).toMatchObject({ name: '_3d' });
    expect(nameOf('_private')).toMatchObject({ name: '_private' });
  });
});
