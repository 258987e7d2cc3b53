// The cheapest client that can tell when an answer is whole: one keep-alive socket, request bytes made before, no HTTP parser.
import net from 'node:net';

const nowUs = () => Number(process.hrtime.bigint() / 1000n);
const STAMP = Buffer.from('t=');

function headOf({ port, path, headers }, framing) {
  const all = { host: `127.0.0.1:${port}`, 'content-type': 'application/json', ...headers, ...framing };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}

/** The bytes of a POST request; `body` is a Buffer, `tiny` sends it in HTTP chunks of one byte. */
export function requestBytes(to, body, tiny = false) {
  if (!tiny) return Buffer.concat([headOf(to, { 'content-length': body.length }), body]);
  const chunks = body.latin1Slice().replace(/[^\r]|\r/g, '1\r\n$&\r\n');
  const framed = Buffer.from(`${chunks}0\r\n\r\n`, 'latin1');
  return Buffer.concat([headOf(to, { 'transfer-encoding': 'chunked' }), framed]);
}

/** How the answer ends, from its head: after so many bytes, with the last chunk, or (-1) with the connection. */
function framing(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return;
  const head = bytes.latin1Slice(0, end).toLowerCase();
  const length = /\r\ncontent-length: *(\d+)/.exec(head);
  return {
    status: Number(head.slice(9, 12)),
    chunked: head.includes('\r\ntransfer-encoding: chunked'),
    total: length ? end + 4 + Number(length[1]) : -1,
    close: head.includes('\r\nconnection: close'),
  };
}

/** Whether the last chunk is there; the network may cut it in two. */
export function endsChunks(parts) {
  const last = parts.at(-1);
  const bytes = last.length < 5 ? Buffer.concat(parts.slice(-5)) : last;
  return bytes.latin1Slice(Math.max(0, bytes.length - 5)) === '0\r\n\r\n';
}

/** Counts how often `marker` stands in the bytes. */
export function countOf(bytes, marker) {
  let count = 0;
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + marker.length)) count++;
  return count;
}

/** Delays in us of the sender's clock stamps (`t=<us> `) that end in these bytes; what is cut off is left for the next. */
function delaysIn(bytes, now, into) {
  let at = bytes.indexOf(STAMP);
  while (at >= 0) {
    const end = bytes.indexOf(0x20, at);
    if (end < 0) return bytes.subarray(at);
    const sent = Number(bytes.latin1Slice(at + 2, end));
    if (sent > 0) into.push(now - sent);
    at = bytes.indexOf(STAMP, end);
  }
  return;
}

/** Takes bytes of an answer; true when they are the last. */
function received(one, bytes) {
  one.parts.push(bytes);
  one.size += bytes.length;
  if (!one.frame) {
    if (one.parts.length > 1) one.parts = [Buffer.concat(one.parts)];
    one.frame = framing(one.parts[0]);
  }
  if (one.stamped)
    one.rest = delaysIn(one.rest ? Buffer.concat([one.rest, bytes]) : bytes, nowUs(), one.delays);
  // The first byte that a user sees: some send a head, or the start event, before there is any content.
  if (one.firstUs === 0 && (!one.stamped || one.delays.length > 0)) one.firstUs = nowUs();
  const { frame } = one;
  if (!frame) return false;
  return frame.chunked ? endsChunks(one.parts) : frame.total >= 0 && one.size >= frame.total;
}

/** One connection at a time to a target; opened again when the target closed it. */
export function createConnection(port) {
  let socket;
  let current;

  function settle(failure) {
    const one = current;
    current = undefined;
    if (!one) return;
    if (failure) return one.reject(new Error(failure));
    const doneUs = nowUs();
    one.resolve({
      status: one.frame.status,
      us: doneUs - one.startedUs,
      ttfbUs: one.firstUs - one.startedUs,
      delays: one.delays,
      bytes: one.parts.length === 1 ? one.parts[0] : Buffer.concat(one.parts),
    });
  }

  function take(bytes) {
    if (!current || !received(current, bytes)) return;
    if (current.frame.close) {
      socket.destroy();
      socket = undefined;
    }
    settle();
  }

  function connect() {
    const fresh = net.connect({ port, host: '127.0.0.1', noDelay: true });
    fresh.on('data', take);
    fresh.on('error', () => {});
    fresh.on('close', () => {
      if (socket === fresh) socket = undefined;
      if (current?.socket !== fresh) return;
      settle(current.frame?.total === -1 && !current.frame.chunked ? undefined : 'the connection was closed');
    });
    return fresh;
  }

  return {
    /** Sends request bytes and waits for the whole answer; `stamped` looks for clock stamps in it. */
    ask: (request, stamped = false) =>
      new Promise((resolve, reject) => {
        socket ??= connect();
        current = {
          resolve,
          reject,
          stamped,
          socket,
          startedUs: nowUs(),
          firstUs: 0,
          parts: [],
          size: 0,
          delays: [],
        };
        socket.write(request);
      }),
    close: () => socket?.destroy(),
  };
}
