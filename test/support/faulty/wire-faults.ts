import { createGzip, gzipSync, constants as zlib } from 'node:zlib';
import {
  answer,
  begin,
  type Call,
  COUNTS,
  events,
  type Fault,
  hang,
  open,
  pause,
  put,
  putAll,
  raw,
  refuse,
  reply,
  reset,
  served,
  wholeText,
} from './call.ts';

/** Two lengths, a chunk that is none, a header of 100 KB: what an HTTP library would refuse to send. */
function rawFault(headers: (body: string) => string[], bytes: (body: string) => string): Fault {
  return (call) => {
    const body = wholeText(call);
    raw(call, ['HTTP/1.1 200 OK', 'content-type: application/json', ...headers(body)], bytes(body));
  };
}

function plainBody(call: Call): string {
  served(call, COUNTS);
  return call.stream ? events(call).join('') : wholeText(call);
}

const formOf = ({ stream }: Call): string => (stream ? 'text/event-stream' : 'application/json');

async function gzipped(call: Call): Promise<void> {
  open(call, { 'content-encoding': 'gzip' });
  const gzip = createGzip({ flush: zlib.Z_SYNC_FLUSH });
  gzip.pipe(call.response);
  for (const piece of call.stream ? events(call) : [wholeText(call)]) gzip.write(piece);
  gzip.end();
  served(call, COUNTS);
}

let packed: Buffer | undefined;
/** 64 MB of spaces, a thousandth of their size on the wire. Packed once, because that takes its time. */
function bomb(): Buffer {
  packed ??= gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
  return packed;
}

/** Reads nothing for a while; the HTTP library gives us the request before its body. */
async function slowRead(call: Call): Promise<void> {
  call.request.pause();
  await pause(Number(call.arg ?? 300));
  call.request.resume();
  await answer(call);
}

/** Says no before the request has been sent, and closes. */
function earlyRefusal(call: Call): void {
  refuse(call, 413, 'request_too_large', 'The request is too large.', { connection: 'close' });
}

/** The last call on each kept connection. */
const newest = new WeakMap<object, Call>();

/** Answers with a meaning of their own in the same protocol, but not as HTTP or JSON should be. */
export const WIRE_FAULTS: Readonly<Record<string, Fault>> = {
  ok: (call) => answer(call),
  'hang-headers': hang,
  'slow-headers': async (call) => {
    await pause(Number(call.arg ?? 200));
    await answer(call);
  },
  'reset-headers': reset,
  'fin-headers': ({ request }) => void request.socket.end(),
  'slow-read': slowRead,
  '413-early': earlyRefusal,
  http10: (call) => raw(call, ['HTTP/1.0 200 OK', `content-type: ${formOf(call)}`], plainBody(call)),
  'early-hints': async (call) => {
    call.response.writeEarlyHints({ link: '</x>; rel=preload' });
    await answer(call);
  },
  // Only with connections that are kept: the second request on one is answered with a RST.
  'stale-reuse': (call) => (call.record.socketUse > 1 ? reset(call) : answer(call)),
  'stale-close': async (call) => {
    const { socket } = call.request;
    newest.set(socket, call);
    const sent = new Promise((resolve) => call.response.once('finish', resolve));
    await answer(call);
    // What is still in our hands would be lost with the connection, and this is no cut.
    await sent;
    await pause(Number(call.arg ?? 3));
    // Only an idle one: another answer that is on its way would be cut, which is another fault.
    if (newest.get(socket) === call) socket.destroy();
  },
  'truncated-json': rawFault(
    (body) => [`content-length: ${body.length}`],
    (body) => body.slice(0, body.length >> 1),
  ),
  'dup-length': rawFault(
    (body) => [`content-length: ${body.length}`, `content-length: ${body.length + 9}`],
    (body) => body,
  ),
  'giant-header': rawFault(
    (body) => [`content-length: ${body.length}`, `x-big: ${'a'.repeat(100 * 1024)}`],
    (body) => body,
  ),
  'bad-chunk': (call) =>
    raw(
      call,
      ['HTTP/1.1 200 OK', `content-type: ${formOf(call)}`, 'transfer-encoding: chunked'],
      'ZZ\r\nhello\r\n0\r\n\r\n',
    ),
  'gzip-sse': gzipped,
  'bad-gzip': (call) => reply(call, 200, wholeText(call), { 'content-encoding': 'gzip' }),
  'bomb-gzip': (call) => reply(call, 200, bomb(), { 'content-encoding': 'gzip' }),
  'hang-body': async (call) => {
    await begin(call, 0);
    await hang(call);
  },
  'json-for-stream': (call) => {
    reply(call, 200, wholeText(call));
    served(call, COUNTS);
  },
  'sse-for-json': async (call) => {
    open(call, { 'content-type': 'text/event-stream' });
    if (!(await putAll(call, events(call)))) return;
    call.response.end();
    served(call, COUNTS);
  },
  'half-close': async (call) => {
    await answer(call);
    call.request.socket.end();
  },
  'invalid-json': async (call) => {
    open(call, { 'content-type': 'application/json' });
    await put(call, '{"id": "x", "choices": [ {');
    call.response.end();
  },
};
