import type { JsonObject, PivotEvent, PivotRequest, PivotTool, Rendered } from '../../src/pivot/index.ts';
import { type ProtocolId, protocolOf } from '../../src/protocols/index.ts';
import { createFrameParser } from '../../src/sse.ts';
import { decodeChunks } from '../support/fixtures.ts';

/** JSON of a wire, read loosely: a test says what it expects of it. */
export type Loose = ReturnType<typeof JSON.parse>;

/** What a client's request means. */
export function read(client: ProtocolId, json: JsonObject): PivotRequest {
  const request = protocolOf(client).parseRequest(json, { model: 'asked', stream: false });
  if ('problem' in request) throw new Error(request.problem);
  return request;
}

/** A request as it leaves for a target. */
export function sent(
  request: PivotRequest,
  upstream: ProtocolId,
  quirks: string[] = [],
  model = 'served',
): Rendered & { body: Loose } {
  return protocolOf(upstream).renderRequest(request, { model, provider: 'acme', quirks: new Set(quirks) });
}

/** A client's request as it leaves for a target. */
export function request(
  client: ProtocolId,
  json: JsonObject,
  upstream: ProtocolId,
  quirks: string[] = [],
  model = 'served',
): Rendered & { body: Loose } {
  return sent(read(client, json), upstream, quirks, model);
}

/** What a provider's answer says: `frames` of a stream, each the value behind `data:`. */
export function heard(upstream: ProtocolId, frames: readonly JsonObject[]): PivotEvent[] {
  const text = frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('');
  return decodeChunks(protocolOf(upstream), [Buffer.from(text)]);
}

/** A provider's streamed answer as its client gets it: the frames of a stream, and the body of a whole answer. */
export function answer(
  upstream: ProtocolId,
  frames: readonly JsonObject[],
  client: ProtocolId,
  tools: readonly PivotTool[] = [],
): { names: (string | undefined)[]; frames: Loose[]; body: Loose } {
  const events = heard(upstream, frames);
  const context = { model: 'asked', id: '01ABC', created: 1, includeUsage: true, tools };
  const encoder = protocolOf(client).createEncoder(context);
  const text = events.map((event) => encoder.push(event)).join('') + encoder.end();
  const parser = createFrameParser();
  const told = [...parser.push(Buffer.from(text)), ...parser.end()].filter(({ data }) => data !== '[DONE]');
  return {
    names: told.map(({ event }) => event),
    frames: told.map(({ data }) => JSON.parse(data)),
    body: JSON.parse(JSON.stringify(protocolOf(client).encodeBody(events, context))),
  };
}

/** A chunk of a Chat stream. */
export function chunk(delta: JsonObject, finish: string | null = null): JsonObject {
  return { id: 'c1', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] };
}

/** A piece of a call in a chunk of a Chat stream. */
export function piece(index: number, args: string, begins?: { id: string; name: string }): JsonObject {
  const fn = { ...(begins ? { name: begins.name } : {}), arguments: args };
  return chunk({
    tool_calls: [{ index, ...(begins ? { id: begins.id, type: 'function' } : {}), function: fn }],
  });
}
