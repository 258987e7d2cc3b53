import { isUtf8 } from 'node:buffer';
import { createNewest } from '../newest.ts';
import type { JsonObject, PivotError, PivotEvent } from '../pivot/index.ts';
import type { EncodeContext, Protocol } from '../protocols/protocol.ts';
import { createFrameParser } from '../sse.ts';
import type { UpstreamResponse } from '../upstream/index.ts';
import { type Reading, readEvents } from './reading.ts';
import { pipeWatched, type WatchOptions } from './watch.ts';

/** A whole answer: its bytes and what they say. `events` is null for answers that are not generated text. */
export interface WholeAnswer {
  bytes: Buffer;
  events: PivotEvent[] | null;
  reading: Reading;
}

/** An answer that is longer than this is passed on as it comes, unread (images, audio). */
const MAX_COLLECTED = 16 * 1024 * 1024;

/** Reads an answer to its end. Of one that grows too large it gives what came so far; the body is paused then. */
export function collect(
  response: UpstreamResponse,
  times: Omit<WatchOptions, 'onExpired'>,
): Promise<{ bytes: Buffer; complete: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const watch = pipeWatched(response.body, times, {
      data(chunk) {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= MAX_COLLECTED) return;
        watch.stop();
        response.body.pause();
        resolve({ bytes: Buffer.concat(chunks), complete: false });
      },
      end: () =>
        resolve({
          bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks),
          complete: true,
        }),
      error: reject,
    });
  });
}

/** The bytes as text that any client can read: what is no UTF-8 becomes U+FFFD. */
export function asUtf8(bytes: Buffer): Buffer {
  return isUtf8(bytes) ? bytes : Buffer.from(bytes.toString('utf8'));
}

/** An error status' body as text, cut: enough for any message. */
export function collectText(response: UpstreamResponse, limit = 256 * 1024): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (): void => resolve(Buffer.concat(chunks).subarray(0, limit).toString('utf8'));
    response.body.pipe({
      data(chunk) {
        chunks.push(chunk);
        size += chunk.length;
        if (size < limit) return;
        response.body.abort();
        done();
      },
      end: done,
      // The status already tells that it failed; its words may be cut short.
      error: done,
    });
  });
}

const MALFORMED: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the upstream answered with something that is not its protocol',
};

/** Reads a generated answer, JSON or (from servers that stream unasked) SSE. An error inside a 200 is an error. */
export function readGenerated(
  bytes: Buffer,
  contentType: string,
  protocol: Protocol,
): WholeAnswer | PivotError {
  const events = /event-stream/i.test(contentType)
    ? eventsOfStream(bytes, protocol)
    : eventsOfJson(bytes, protocol);
  if (events === null) return MALFORMED;
  const reading = readEvents(events);
  if (reading.error)
    return { ...reading.error, status: reading.error.status < 400 ? 502 : reading.error.status };
  if (!reading.ended && reading.finish === null) return MALFORMED;
  return { bytes, events, reading };
}

const newest = createNewest<JsonObject>();

function eventsOfJson(bytes: Buffer, protocol: Protocol): PivotEvent[] | null {
  try {
    return protocol.decodeBody(newest(JSON.parse(bytes.toString('utf8')), bytes.length));
  } catch {
    // Not JSON (HTML, nothing, cut): the caller says so.
    return null;
  }
}

function eventsOfStream(bytes: Buffer, protocol: Protocol): PivotEvent[] {
  const parser = createFrameParser();
  const decoder = protocol.createDecoder();
  const frames = [...parser.push(bytes), ...parser.end()];
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}

/** An answer as it goes to the client. */
export interface Form {
  bytes: Buffer;
  contentType: string;
}

/** The answer in the form that the client asked for, when the upstream chose the other one. */
export function reformed(
  answer: WholeAnswer,
  asked: { stream: boolean; contentType: string },
  protocol: Protocol,
  context: EncodeContext,
): Form {
  const streamed = /event-stream/i.test(asked.contentType);
  if (answer.events === null || streamed === asked.stream)
    return { bytes: answer.bytes, contentType: asked.contentType };
  return retold(answer.events, asked.stream, protocol, context);
}

/** An answer's events in a protocol's own form, streamed or whole. */
export function retold(
  events: PivotEvent[],
  stream: boolean,
  protocol: Protocol,
  context: EncodeContext,
): Form {
  if (!stream) {
    return {
      bytes: Buffer.from(JSON.stringify(protocol.encodeBody(events, context))),
      contentType: 'application/json',
    };
  }
  const encoder = protocol.createEncoder(context);
  const text = events.map((event) => encoder.push(event)).join('') + encoder.end();
  return {
    bytes: Buffer.from(text),
    contentType: context.array ? 'application/json' : 'text/event-stream; charset=utf-8',
  };
}
