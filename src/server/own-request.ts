import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { collect, type PivotEvent } from '../pivot/index.ts';
import { protocolOf } from '../protocols/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { Client, Inbound } from '../relay/index.ts';
import { createFrameParser } from '../sse.ts';
import { ENDPOINTS, geminiCall } from './endpoints.ts';
import { readGeminiInbound, readInbound } from './inbound.ts';
import { newExchange } from './proxy.ts';
import type { Said } from './types.ts';

/** A request that this program asks itself, as a client would send it. */
export interface OwnRequest {
  /** As a client would call it, query included. */
  path: string;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** Under this name it stands in the log. */
  agent: string;
}

/** What came of it. */
export interface OwnAnswer {
  exchange: Exchange;
  said: Said;
  /** As a client would have got it. */
  body: string;
  /** Frames of a stream in which it came; 0 = it came whole, whatever form it was given then. */
  pieces: number;
}

/** More of an answer is not looked at. */
const MAX_ANSWER = 16 * 1024 * 1024;

/** @throws GatewayError 400 when it is no generation request */
function readOwn({ path, headers, bytes }: OwnRequest): Inbound {
  const [bare = ''] = path.split('?');
  const asker = { url: path, headers };
  const call = geminiCall(bare);
  if (call) return readGeminiInbound(asker, bytes, call);
  const endpoint = ENDPOINTS.find((row) => row.path === bare);
  if (endpoint) return readInbound(asker, bytes, endpoint);
  throw new GatewayError({
    code: 'invalid_request',
    kind: 'client',
    status: 400,
    message: `unorouter: nothing is served at ${bare}`,
  });
}

/** Sends it, as `serve` serves it, and reads the answer; `stopAfter` so many pieces the client goes away. */
export async function askOwn(
  request: OwnRequest,
  serve: (inbound: Inbound, exchange: Exchange, client: Client) => Promise<void>,
  deps: Parameters<typeof newExchange>[2],
  signal: AbortSignal,
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<OwnAnswer> {
  const inbound = readOwn(request);
  const names = {
    agent: request.agent,
    agentSource: 'header' as const,
    project: null,
    projectSource: null,
    session: null,
  };
  const exchange = newExchange(inbound, names, deps);
  const held: Buffer[] = [];
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  signal.addEventListener('abort', leave, { once: true });
  let size = 0;
  let pieces = 0;
  let contentType = '';
  let whole = false;
  const frames = createFrameParser();
  const client: Client = {
    signal: gone.signal,
    head: (_status, headers) => {
      contentType = headers['content-type'] ?? '';
      // Of a stream nobody knows how long it will be.
      whole = headers['content-length'] !== undefined;
    },
    write(chunk) {
      size += chunk.length;
      if (size <= MAX_ANSWER) held.push(chunk);
      if (!whole) pieces += frames.push(chunk).length;
      if (pieces >= stopAfter) leave();
    },
    end() {},
    full: () => false,
    onDrain() {},
  };
  try {
    await serve(inbound, exchange, client);
  } finally {
    signal.removeEventListener('abort', leave);
  }
  const body = Buffer.concat(held).toString('utf8');
  return { exchange, said: readSaid(inbound.protocol, contentType, body), body, pieces };
}

/** What an answer in a protocol's own form says; what cannot be read (an error, a part) says nothing. */
export function readSaid(protocol: ProtocolId, contentType: string, text: string): Said {
  const events = eventsOf(protocol, contentType, text);
  const collected = events && collect(events);
  const blocks = collected?.blocks ?? [];
  return {
    text: blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
    reasoning: blocks.flatMap((block) => (block.type === 'reasoning' ? [block.text] : [])).join(''),
    toolCalls: blocks.flatMap((block) =>
      block.type === 'tool-call' ? [{ name: block.name, arguments: block.arguments }] : [],
    ),
    finish: collected?.finish ?? null,
  };
}

function eventsOf(id: ProtocolId, contentType: string, text: string): PivotEvent[] | null {
  const protocol = protocolOf(id);
  try {
    if (!/event-stream/i.test(contentType)) return protocol.decodeBody(JSON.parse(text));
  } catch {
    return null;
  }
  const parser = createFrameParser();
  const decoder = protocol.createDecoder();
  const frames = [...parser.push(Buffer.from(text)), ...parser.end()];
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}
