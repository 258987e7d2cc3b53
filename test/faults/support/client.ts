import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { ProtocolId } from '../../../src/protocols/protocol.ts';

/** What a client saw of one answer. */
export interface Seen {
  /** null = the connection broke before there was a status. */
  status: number | null;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** `whole` = the answer's body ended as HTTP says it must; `broken` = the connection was cut. */
  end: 'whole' | 'broken';
}

/** Where the gateway is, and what it lets in. */
export interface Door {
  url: string;
  token: string;
}

const QUESTION = 'When is high water at Dover?';

/** Where a client of each protocol asks, and what. */
const ASK: Readonly<Record<ProtocolId, (model: string, stream: boolean) => { path: string; body: unknown }>> =
  {
    'openai-chat': (model, stream) => ({
      path: '/v1/chat/completions',
      body: {
        model,
        stream,
        messages: [{ role: 'user', content: QUESTION }],
        ...(stream ? { stream_options: { include_usage: true } } : {}),
      },
    }),
    'openai-responses': (model, stream) => ({
      path: '/v1/responses',
      body: { model, stream, input: QUESTION },
    }),
    'anthropic-messages': (model, stream) => ({
      path: '/v1/messages',
      body: { model, stream, max_tokens: 100, messages: [{ role: 'user', content: QUESTION }] },
    }),
    gemini: (model, stream) => ({
      path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      body: { contents: [{ role: 'user', parts: [{ text: QUESTION }] }] },
    }),
  };

/** A client gives up after this long without a byte: what hangs is seen as broken, and does not hold up the rest. */
const PATIENCE_MS = 45_000;

/** One question of a client. */
export interface Question {
  client: ProtocolId;
  model: string;
  stream: boolean;
  /** Makes the request as long as this. */
  padding?: number;
}

/** Sends a question; the caller has the request in its hands. A connection of its own, which ends with the answer. */
export function send(door: Door, { client, model, stream, padding = 0 }: Question): ClientRequest {
  const { path, body } = ASK[client](model, stream);
  const text = JSON.stringify(body).replace(QUESTION, QUESTION + ' '.repeat(padding));
  const sent = request(door.url + path, {
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      authorization: `Bearer ${door.token}`,
    },
  });
  // Whoever waits for the answer hears of it.
  sent.on('error', () => undefined);
  sent.setTimeout(PATIENCE_MS, () => sent.destroy());
  sent.end(text);
  return sent;
}

/** Resolves with the head of the answer; null = there was none. */
export function answered(sent: ClientRequest): Promise<IncomingMessage | null> {
  return new Promise((resolve) => {
    sent.once('response', resolve);
    sent.once('error', () => resolve(null));
    sent.once('close', () => resolve(null));
  });
}

/** Asks and reads to the end. */
export async function ask(door: Door, question: Question): Promise<Seen> {
  const answer = await answered(send(door, question));
  if (answer === null) return { status: null, headers: {}, bytes: Buffer.alloc(0), end: 'broken' };
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  answer.on('error', () => undefined);
  await new Promise((resolve) => answer.once('close', resolve));
  return {
    status: answer.statusCode ?? null,
    headers: answer.headers,
    bytes: Buffer.concat(chunks),
    end: answer.complete ? 'whole' : 'broken',
  };
}
