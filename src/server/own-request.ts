import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { type Collected, collect, type PivotEvent } from '../pivot/index.ts';
import { protocolOf } from '../protocols/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { Client, Inbound } from '../relay/index.ts';
import { createFrameParser } from '../sse.ts';
import { ENDPOINTS, geminiCall } from './endpoints.ts';
import { readGeminiInbound, readInbound } from './inbound.ts';
import { newExchange, type ProxyDeps, serveInbound } from './proxy.ts';

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
}

/** An answer as far as two of them can be compared. */
export interface Said {
  text: string;
  reasoning: string;
  toolCalls: { id: string; name: string; arguments: string }[];
  finish: string | null;
  /** For who goes on with the conversation. */
  collected: Collected | null;
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

/** Sends it through everything that a client's request passes. `onContent` hears each piece of the answer. */
export async function askOwn(
  request: OwnRequest,
  deps: ProxyDeps,
  signal: AbortSignal,
  onContent?: () => void,
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
  let size = 0;
  let contentType = '';
  const client: Client = {
    signal,
    head: (_status, headers) => {
      contentType = headers['content-type'] ?? '';
    },
    write(chunk) {
      size += chunk.length;
      if (size <= MAX_ANSWER) held.push(chunk);
      onContent?.();
    },
    end() {},
    full: () => false,
    onDrain() {},
  };
  await serveInbound(inbound, exchange, client, deps);
  return { exchange, said: readSaid(inbound.protocol, contentType, Buffer.concat(held).toString('utf8')) };
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
      block.type === 'tool-call' ? [{ id: block.id, name: block.name, arguments: block.arguments }] : [],
    ),
    finish: collected?.finish ?? null,
    collected,
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
