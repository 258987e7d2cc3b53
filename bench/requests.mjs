// The least that an HTTP/1.1 server must understand of a request: where it ends. By length or in chunks.
import { endsChunks } from './client.mjs';

const HEAD_END = Buffer.from('\r\n\r\n');

const CR = 0x0d;
/** The value of a hexadecimal digit's byte. */
const digit = (byte) => (byte & 15) + (byte > 0x39 ? 9 : 0);

/** A body without the framing of its chunks, which may be very many and very small. */
function unchunked(bytes) {
  const body = Buffer.allocUnsafe(bytes.length);
  let size = 0;
  let at = 0;
  while (at < bytes.length) {
    let length = 0;
    for (; bytes[at] !== CR; at++) length = length * 16 + digit(bytes[at]);
    at += 2;
    bytes.copy(body, size, at, at + length);
    size += length;
    at += length + 2;
  }
  return body.subarray(0, size);
}

/** A listener for a socket's `data` that calls `take(body)` for every whole request. */
export function createRequestReader(take) {
  let parts = [];
  let size = 0;
  let headEnd = -1;
  /** Bytes of head and body in all; `undefined` while the body comes in chunks. */
  let total;

  function readHead(all) {
    headEnd = all.indexOf(HEAD_END);
    if (headEnd < 0) return false;
    const head = all.latin1Slice(0, headEnd).toLowerCase();
    const length = /\r\ncontent-length: *(\d+)/.exec(head);
    const chunked = head.includes('\r\ntransfer-encoding: chunked');
    total = chunked ? undefined : headEnd + 4 + Number(length?.[1] ?? 0);
    return true;
  }

  const complete = () => (total === undefined ? endsChunks(parts) : size >= total);

  return (bytes) => {
    parts.push(bytes);
    size += bytes.length;
    if (headEnd < 0) {
      parts = [parts.length === 1 ? bytes : Buffer.concat(parts)];
      if (!readHead(parts[0])) return;
    }
    if (!complete()) return;
    const sent = Buffer.concat(parts).subarray(headEnd + 4);
    const body = total === undefined ? unchunked(sent) : sent;
    parts = [];
    size = 0;
    headEnd = -1;
    take(body);
  };
}
