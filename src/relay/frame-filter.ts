/** Longest frame that is looked at; a longer one passes unseen. */
const MAX_FRAME = 1024 * 1024;
const USAGE = Buffer.from('"usage"');
/** Every frame but the last says this once usage was asked for: not worth parsing. */
const NO_USAGE = Buffer.from('"usage":null');

/**
 * Removes from a Chat stream the one frame that exists only because we asked for it (`choices: []` with usage). Every
 * other byte passes unchanged. Bytes of an unfinished frame wait for its end: a client could not use them either.
 */
export function createUsageFrameFilter(): { push(chunk: Buffer): Buffer[]; end(): Buffer[] } {
  let waiting: Buffer = Buffer.alloc(0);

  return {
    push(chunk) {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      const { pieces, rest } = withoutUsage(waiting);
      if (rest.length <= MAX_FRAME) {
        waiting = rest;
        return pieces;
      }
      waiting = Buffer.alloc(0);
      return [...pieces, rest];
    },
    end() {
      const rest = waiting;
      waiting = Buffer.alloc(0);
      return rest.length > 0 && !isUsageOnly(rest) ? [rest] : [];
    },
  };
}

/** Whole frames but the ones with usage alone, in as few pieces as possible, and the beginning of an unfinished one. */
function withoutUsage(bytes: Buffer): { pieces: Buffer[]; rest: Buffer } {
  // A mark that is nowhere must not be looked for behind every frame.
  const marks = BLANK_LINES.filter((mark) => bytes.includes(mark, 0, 'latin1'));
  const pieces: Buffer[] = [];
  let kept = 0;
  let from = 0;
  const keep = (to: number): void => {
    if (to > kept) pieces.push(bytes.subarray(kept, to));
  };
  for (let end = frameEnd(bytes, from, marks); end > 0; end = frameEnd(bytes, from, marks)) {
    if (isUsageOnly(bytes.subarray(from, end))) {
      keep(from);
      kept = end;
    }
    from = end;
  }
  keep(from);
  return { pieces, rest: bytes.subarray(from) };
}

/** Lines end in LF, CRLF or CR (WHATWG HTML 9.2.6). */
const BLANK_LINES: readonly string[] = ['\n\n', '\r\n\r\n', '\r\r'];

/** Offset behind the blank line that ends the frame at `from`, or 0. */
function frameEnd(bytes: Buffer, from: number, marks: readonly string[]): number {
  const ends = marks.flatMap((mark) => {
    const at = bytes.indexOf(mark, from, 'latin1');
    return at < 0 ? [] : [at + mark.length];
  });
  return ends.length > 0 ? Math.min(...ends) : 0;
}

function isUsageOnly(frame: Buffer): boolean {
  if (!frame.includes(USAGE) || frame.includes(NO_USAGE)) return false;
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
