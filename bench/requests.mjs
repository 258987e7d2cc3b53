// The least that an HTTP/1.1 server must understand of a request: where it ends. By length or in chunks.
const HEAD_END = Buffer.from('\r\n\r\n');
const CHUNKS_END = Buffer.from('0\r\n\r\n');

const endsChunks = (bytes) => bytes.length >= 5 && bytes.subarray(-5).equals(CHUNKS_END);

/** A listener for a socket's `data` that calls `take(body)` for every whole request; chunked bodies come with their framing. */
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

  const complete = () => (total === undefined ? endsChunks(parts.at(-1)) : size >= total);

  return (bytes) => {
    parts.push(bytes);
    size += bytes.length;
    if (headEnd < 0) {
      parts = [parts.length === 1 ? bytes : Buffer.concat(parts)];
      if (!readHead(parts[0])) return;
    }
    if (!complete()) return;
    const body = Buffer.concat(parts).subarray(headEnd + 4);
    parts = [];
    size = 0;
    headEnd = -1;
    take(body);
  };
}
