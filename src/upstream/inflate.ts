import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { UpstreamFailure } from './failure.ts';
import type { AnswerBody, Sink, UpstreamResponse } from './types.ts';

/** We ask for `identity`; some servers compress all the same. */
const DECODERS: ReadonlyMap<string, () => ReturnType<typeof createGunzip>> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** Inflated bytes of one answer at most: more is a bomb. */
const MAX_BYTES = 256 * 1024 * 1024;
/** A real text rarely shrinks below 1 % of its size; a bomb shrinks to a thousandth. */
const MAX_RATIO = 200;
const RATIO_FROM_BYTES = 8 * 1024 * 1024;

/** The same response with its `content-encoding` undone, streaming and bounded. Unknown encodings pass unchanged. */
export function inflated(response: UpstreamResponse): UpstreamResponse {
  const encoding = String(response.headers['content-encoding'] ?? '')
    .trim()
    .toLowerCase();
  const create = DECODERS.get(encoding);
  if (!create) return response;
  const { 'content-encoding': _encoding, 'content-length': _length, ...headers } = response.headers;
  return { status: response.status, headers, body: inflatedBody(create(), response.body) };
}

/** The bytes behind a decoder. A second `pipe` goes on where the first reader stopped. */
function inflatedBody(decoder: ReturnType<typeof createGunzip>, body: AnswerBody): AnswerBody {
  let sink: Sink | undefined;
  let broke = false;
  const reader: Sink = {
    data: (chunk) => sink?.data(chunk),
    end: () => sink?.end(),
    error(error) {
      broke = true;
      sink?.error(error);
    },
  };
  return {
    pipe(next) {
      const first = sink === undefined;
      sink = next;
      if (first) pipeThrough(decoder, body, reader);
    },
    pause() {
      decoder.pause();
      body.pause();
    },
    resume() {
      decoder.resume();
      body.resume();
    },
    abort() {
      sink = undefined;
      decoder.destroy();
      body.abort();
    },
    broke: () => broke,
  };
}

function pipeThrough(decoder: ReturnType<typeof createGunzip>, body: AnswerBody, sink: Sink): void {
  let made = 0;
  let over = false;
  const fail = (message: string, cause?: unknown): void => {
    if (over) return;
    over = true;
    decoder.destroy();
    body.abort();
    sink.error(
      new UpstreamFailure(
        { kind: 'malformed', status: 502, reason: 'malformed', unsent: false, message },
        cause,
      ),
    );
  };
  decoder.on('data', (chunk: Buffer) => {
    made += chunk.length;
    // By what was inflated, not by what waits to be: a small bomb arrives in one piece.
    if (made > MAX_BYTES || (made > RATIO_FROM_BYTES && made > decoder.bytesWritten * MAX_RATIO))
      fail('the answer inflates without end');
    else if (!over) sink.data(chunk);
  });
  decoder.on('end', () => {
    if (over) return;
    over = true;
    sink.end();
  });
  decoder.on('error', (error) => fail('the answer is not validly compressed', error));
  decoder.on('drain', () => body.resume());
  body.pipe({
    data(chunk) {
      if (!over && !decoder.write(chunk)) body.pause();
    },
    end: () => decoder.end(),
    error(error) {
      if (over) return;
      over = true;
      decoder.destroy();
      sink.error(error);
    },
  });
}
