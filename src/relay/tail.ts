/** As much of a stream's end as is always kept. */
const KEEP_BYTES = 128 * 1024;
/** Chunks with a frame boundary that must stay: the last frames can each be large (Responses repeats the whole text in three). */
const KEEP_BOUNDARIES = 8;
/** Tiny chunks are joined to pieces of this size now and then, so that a stream of single bytes stays cheap. */
const PIECE_BYTES = 16 * 1024;
const JOIN_EVERY = 2048;
/** More than this is not kept: usage is then unknown rather than memory unbounded. */
const MAX_BYTES = 32 * 1024 * 1024;
const BOUNDARIES = [Buffer.from('\n\n'), Buffer.from('\r\n\r\n'), Buffer.from('\r\r')];

/** The end of a stream: enough whole frames to read usage and finish from, without having looked at the rest. */
export interface Tail {
  push(chunk: Buffer): void;
  /** Bytes seen since the tail began. */
  seen(): number;
  /** What was kept. `gap` = the beginning is missing, and `bytes` starts at a frame's start. */
  take(): { bytes: Buffer; gap: boolean };
}

interface Piece {
  bytes: Buffer;
  boundary: boolean;
}

function pieceOf(bytes: Buffer): Piece {
  return { bytes, boundary: BOUNDARIES.some((mark) => bytes.includes(mark)) };
}

/** Creates the ring. Pushing costs one native search per chunk. */
export function createTail(): Tail {
  let pieces: Piece[] = [];
  let first = 0;
  let kept = 0;
  let boundaries = 0;
  let seen = 0;
  let joinAt = JOIN_EVERY;

  function dropFront(): void {
    for (;;) {
      const piece = pieces[first];
      if (!piece) return;
      const left = boundaries - (piece.boundary ? 1 : 0);
      const mayDrop = kept - piece.bytes.length >= KEEP_BYTES && left >= KEEP_BOUNDARIES;
      if (!mayDrop && kept <= MAX_BYTES) return;
      first++;
      kept -= piece.bytes.length;
      boundaries = left;
    }
  }

  function join(): void {
    const joined: Piece[] = [];
    let group: Buffer[] = [];
    let size = 0;
    const close = (): void => {
      if (size > 0) joined.push(pieceOf(group.length === 1 && group[0] ? group[0] : Buffer.concat(group)));
      group = [];
      size = 0;
    };
    for (const piece of pieces.slice(first)) {
      group.push(piece.bytes);
      size += piece.bytes.length;
      if (size >= PIECE_BYTES) close();
    }
    close();
    pieces = joined;
    first = 0;
    boundaries = joined.filter((piece) => piece.boundary).length;
    joinAt = joined.length + JOIN_EVERY;
  }

  return {
    push(bytes) {
      const piece = pieceOf(bytes);
      pieces.push(piece);
      kept += bytes.length;
      seen += bytes.length;
      if (piece.boundary) boundaries++;
      dropFront();
      if (pieces.length >= joinAt) join();
    },
    seen: () => seen,
    take() {
      const bytes = Buffer.concat(pieces.slice(first).map((piece) => piece.bytes));
      const gap = seen > kept;
      return { bytes: gap ? fromFirstFrame(bytes) : bytes, gap };
    },
  };
}

function fromFirstFrame(bytes: Buffer): Buffer {
  const starts = BOUNDARIES.map((mark) => {
    const at = bytes.indexOf(mark);
    return at < 0 ? Number.POSITIVE_INFINITY : at + mark.length;
  });
  const start = Math.min(...starts);
  return Number.isFinite(start) ? bytes.subarray(start) : Buffer.alloc(0);
}
