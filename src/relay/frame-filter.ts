/** Longest frame that is looked at; a longer one passes unseen. */
const MAX_FRAME = 1024 * 1024;
const USAGE = Buffer.from('"usage"');

/**
 * Removes from a Chat stream the one frame that exists only because we asked for it (`choices: []` with usage). Every
 * other byte passes unchanged. Bytes of an unfinished frame wait for its end: a client could not use them either.
 */
export function createUsageFrameFilter(): { push(chunk: Buffer): Buffer[]; end(): Buffer[] } {
  let waiting: Buffer = Buffer.alloc(0);

  return {
    push(chunk) {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      const out: Buffer[] = [];
      let from = 0;
      for (let end = frameEnd(waiting, from); end > 0; end = frameEnd(waiting, from)) {
        const frame = waiting.subarray(from, end);
        if (!isUsageOnly(frame)) out.push(frame);
        from = end;
      }
      waiting = waiting.subarray(from);
      if (waiting.length > MAX_FRAME) {
        out.push(waiting);
        waiting = Buffer.alloc(0);
      }
      return out;
    },
    end() {
      const rest = waiting;
      waiting = Buffer.alloc(0);
      return rest.length > 0 && !isUsageOnly(rest) ? [rest] : [];
    },
  };
}

/** Offset behind the blank line that ends the frame at `from`, or 0. Lines end in LF, CRLF or CR (WHATWG HTML 9.2.6). */
function frameEnd(bytes: Buffer, from: number): number {
  const ends = [
    behind(bytes, '\n\n', from),
    behind(bytes, '\r\n\r\n', from),
    behind(bytes, '\r\r', from),
  ].filter((n) => n > 0);
  return ends.length > 0 ? Math.min(...ends) : 0;
}

function behind(bytes: Buffer, mark: string, from: number): number {
  const at = bytes.indexOf(mark, from, 'latin1');
  return at < 0 ? 0 : at + mark.length;
}

function isUsageOnly(frame: Buffer): boolean {
  if (!frame.includes(USAGE)) return false;
  const data = frame
    .toString('utf8')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5))
    .join('\n');
  try {
    const json: unknown = JSON.parse(data);
    if (typeof json !== 'object' || json === null || !('usage' in json) || !('choices' in json)) return false;
    return json.usage !== null && Array.isArray(json.choices) && json.choices.length === 0;
  } catch {
    return false;
  }
}
