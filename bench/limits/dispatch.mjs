// undici's dispatch, the lowest of its interfaces: what comes from the provider goes straight to the client's response.
import { Pool } from 'undici';
import { onward, upstreamPort } from './shared.mjs';

const pool = new Pool(`http://127.0.0.1:${upstreamPort}`, {
  connections: null,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: 60_000,
});

function write(controller, response, bytes) {
  if (response.write(bytes)) return;
  controller.pause();
  response.once('drain', () => controller.resume());
}

/** Every chunk is written as it comes. */
export const plainSink = (response) => ({
  chunk: (controller, bytes) => write(controller, response, bytes),
  end: () => response.end(),
});

const TAIL_BYTES = 8192;

/** The chunks of one tick are one write, and usage is read from the last bytes. */
export function joiningSink(response) {
  let waiting;
  let tail = [];
  let tailBytes = 0;
  const flush = (controller) => {
    if (!waiting) return;
    const parts = waiting;
    waiting = undefined;
    if (!response.destroyed)
      write(controller, response, parts.length === 1 ? parts[0] : Buffer.concat(parts));
  };
  return {
    chunk(controller, bytes) {
      tail.push(bytes);
      tailBytes += bytes.length;
      while (tailBytes - tail[0].length > TAIL_BYTES) tailBytes -= tail.shift().length;
      if (waiting) return void waiting.push(bytes);
      waiting = [bytes];
      process.nextTick(flush, controller);
    },
    end(controller) {
      flush(controller);
      response.end();
      account(Buffer.concat(tail).toString('latin1'));
      tail = [];
    },
  };
}

export const totals = { requests: 0, tokens: 0 };
function account(text) {
  totals.requests++;
  const at = text.lastIndexOf('"usage":{');
  if (at < 0) return;
  const { total_tokens } = JSON.parse(text.slice(at + 8, text.indexOf('}', at) + 1));
  totals.tokens += total_tokens;
}

/** Sends a request with its whole body on and its answer back through a sink. */
export function forward(request, response, body, sinkOf) {
  const sink = sinkOf(response);
  const headers = onward(request.headers, 'content-length');
  pool.dispatch(
    { path: request.url, method: request.method, headers, body },
    {
      onRequestStart(controller) {
        response.on('close', () => response.writableFinished || controller.abort(new Error('client gone')));
      },
      onResponseStart: (_controller, status, answered) => response.writeHead(status, onward(answered)),
      onResponseData: (controller, bytes) => sink.chunk(controller, bytes),
      onResponseEnd: (controller) => sink.end(controller),
      onResponseError: () => (response.headersSent ? response.destroy() : response.writeHead(502).end()),
    },
  );
}
