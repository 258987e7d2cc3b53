import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProtocolId } from '../../../src/protocols/protocol.ts';
import { type Counts, SPEECH, type Speech } from './speech.ts';

/** One call as the faulty provider keeps it. */
export interface CallRecord {
  /** First segment of the path: which provider of the configuration under test called. */
  place: string;
  fault: string;
  stream: boolean;
  /** Usage of an answer that was given whole; null = none was. */
  served: { input: number; output: number } | null;
  /** The text that was said so far. */
  said: string;
  /** How many requests this connection has carried. */
  socketUse: number;
  /** The caller hung up before the answer was over. */
  aborted: boolean;
  bytes: number;
}

/** One call that is being answered, wrongly. */
export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  speech: Speech;
  protocol: ProtocolId;
  model: string;
  stream: boolean;
  /** What stands behind the fault's name: `fault-drip:5`. */
  arg: string | undefined;
  /** The key that came along. */
  key: string;
  /** Where the server listens. */
  origin: string;
  /** Counts from 1: calls of this place. */
  nth: number;
  record: CallRecord;
}

/** A fault: answers a call in some wrong way. */
export type Fault = (call: Call) => Promise<void> | void;

/** What every answer says, in pieces. */
export const WORDS = ['High ', 'water ', 'at ', 'Dover ', 'is ', 'at ', 'ten ', 'past six.'];
export const COUNTS = { input: 11, output: WORDS.length };

/** Lets what was written leave on its own. */
export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Until the caller hangs up. */
export const hang = ({ response }: Call): Promise<void> =>
  new Promise((resolve) => response.once('close', resolve));
export const gone = ({ response }: Call): boolean => response.destroyed;

/** The connection ends with a RST. */
export function reset({ request }: Call): void {
  request.socket.resetAndDestroy();
}

/** 200 and the headers of the form that was asked for. */
export function open(call: Call, headers: Record<string, string> = {}): void {
  call.response.writeHead(200, {
    'content-type': call.stream ? 'text/event-stream' : 'application/json',
    ...headers,
  });
  call.response.flushHeaders();
}

/** Writes with back-pressure; false = the caller is gone. */
export async function put(call: Call, bytes: string | Buffer): Promise<boolean> {
  if (gone(call)) return false;
  call.record.bytes += Buffer.byteLength(bytes);
  if (call.response.write(bytes)) await tick();
  else await drained(call);
  return !gone(call);
}

function drained({ response }: Call): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

export async function putAll(call: Call, pieces: readonly string[]): Promise<boolean> {
  for (const piece of pieces) if (!(await put(call, piece))) return false;
  return true;
}

/** Says one piece of text. */
export async function say(call: Call, text: string): Promise<boolean> {
  call.record.said += text;
  return putAll(call, call.speech.text(text));
}

/** Everything is said but the finish: of a stream the first `words`, of a whole answer half its bytes. */
export async function begin(call: Call, words: number): Promise<void> {
  open(call);
  if (!call.stream) {
    const whole = JSON.stringify(call.speech.whole(call.model, WORDS.join(''), COUNTS));
    await put(call, whole.slice(0, whole.length >> 1));
    return;
  }
  await putAll(call, call.speech.start(call.model));
  for (const word of WORDS.slice(0, words)) await say(call, word);
}

/** Notes that the answer was given whole, with these counts. */
export function served({ record }: Call, counts: Counts | undefined): void {
  if (typeof counts?.input === 'number' && typeof counts.output === 'number' && counts.output < 1e9)
    record.served = { input: counts.input, output: counts.output };
}

/** All events of a plain streamed answer. */
export function events(call: Call, counts: Counts | undefined = COUNTS): string[] {
  const { speech } = call;
  call.record.said = WORDS.join('');
  return [
    ...speech.start(call.model),
    ...WORDS.flatMap((word) => speech.text(word)),
    ...speech.finish(call.record.said, counts),
    ...speech.marker,
  ];
}

/** The plain answer as one JSON text. */
export function wholeText(call: Call, counts: Counts | undefined = COUNTS): string {
  call.record.said = WORDS.join('');
  return JSON.stringify(call.speech.whole(call.model, call.record.said, counts));
}

/** A proper answer. */
export async function answer(call: Call, counts: Counts | undefined = COUNTS): Promise<void> {
  open(call);
  const pieces = call.stream ? events(call, counts) : [wholeText(call, counts)];
  if (!(await putAll(call, pieces))) return;
  call.response.end();
  served(call, counts);
}

/** A body of any status. */
export function reply(
  call: Call,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  const type = { 'content-type': 'application/json' };
  call.response.writeHead(status, { ...type, 'content-length': String(Buffer.byteLength(body)), ...headers });
  call.response.end(body);
}

/** An error status in the wire's own shape. */
export function refuse(
  call: Call,
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  reply(call, status, JSON.stringify(call.speech.refusal(status, type, message)), headers);
}

/** Answers past the HTTP library. */
export function raw(call: Call, head: readonly string[], body: string | Buffer, end = true): void {
  const { socket } = call.request;
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  if (end) socket.end(body);
  else socket.write(body);
}

/** The wire of a path, and the model where the path has it. */
export function routeOf(path: string): { protocol: ProtocolId; model?: string; stream?: boolean } | null {
  if (path.endsWith('/chat/completions')) return { protocol: 'openai-chat' };
  if (path.endsWith('/responses')) return { protocol: 'openai-responses' };
  if (path.endsWith('/messages')) return { protocol: 'anthropic-messages' };
  const match = /\/models\/(.+):(stream)?[gG]enerateContent$/.exec(path);
  if (!match) return null;
  return { protocol: 'gemini', model: decodeURIComponent(match[1] ?? ''), stream: match[2] !== undefined };
}

export const speechOf = (protocol: ProtocolId): Speech => SPEECH[protocol];
