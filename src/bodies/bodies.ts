import { pruneBodies, sizeOfBodies, writeBodies } from './files.ts';
import { keptBody, MAX_BODY, MAX_HELD } from './redact.ts';
import type { BodiesMode } from './types.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Hears one exchange. Nothing here may throw, wait, or hold more than a bounded part of what passes. */
export interface Recording {
  head(status: number, headers: Headers): void;
  chunk(bytes: Buffer): void;
  /** The exchange is over: what was heard is written in the background, or forgotten. */
  finish(failed: boolean): void;
}

/** Keeps what was said, where the user wants that. */
export interface Bodies {
  mode(): BodiesMode;
  /** null = this one is not to be kept. */
  begin(request: { id: string; path: string; headers: Headers; bytes: Buffer }): Recording | null;
  /** One more text that no file may show. */
  hide(secret: string): void;
  prune(which: { before: number | null; maxBytes: number | null }): Promise<number>;
  /** Resolves when everything that has ended is written or given up. */
  idle(): Promise<void>;
}

/** What keeping needs. */
export interface BodiesDeps {
  dir: string;
  mode(): BodiesMode;
  /** Bytes that all files together may have. */
  maxBytes(): number;
  /** Removes secrets from a text. */
  mask(text: string, secrets: Iterable<string>): string;
  /** Says, once for each kind of trouble, what is not kept. */
  notice(text: string): void;
}

/** Bytes that may wait for the disk; what comes beyond is not kept. */
const MAX_WAITING = 16 * 1024 * 1024;
/** When there is no more room, so much is made at once. */
const KEPT_SHARE = 0.9;

interface Heard {
  id: string;
  path: string;
  request: { headers: Headers; held: Buffer[]; bytes: number };
  answer: { headers: Headers; held: Buffer[]; bytes: number; status: number | null };
}

const heldBytes = ({ request, answer }: Heard): number =>
  Math.min(request.bytes, MAX_HELD) + Math.min(answer.bytes, MAX_HELD);

/** Creates it. */
export function createBodies(deps: BodiesDeps): Bodies {
  const secrets = new Set<string>();
  const told = new Set<string>();
  let waiting = 0;
  let size: number | undefined;
  let queue: Promise<void> = Promise.resolve();

  function tell(kind: string, text: string): void {
    if (told.has(kind)) return;
    told.add(kind);
    deps.notice(text);
  }

  async function write(heard: Heard): Promise<void> {
    // Other requests come first: hiding secrets in a megabyte takes a few ms.
    await new Promise((resolve) => setImmediate(resolve));
    const mask = (text: string): string => deps.mask(text, secrets);
    const { id, path, request, answer } = heard;
    const bodies = {
      id,
      path,
      request: keptBody(request, mask),
      answer: { ...keptBody(answer, mask), status: answer.status },
    };
    try {
      size ??= await sizeOfBodies(deps.dir);
      size += await writeBodies(deps.dir, bodies);
      const most = deps.maxBytes();
      if (size <= most) return;
      await pruneBodies(deps.dir, { before: null, maxBytes: most * KEPT_SHARE });
      size = undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      tell('disk', `bodies are not kept: ${why}`);
    }
  }

  function keep(heard: Heard): void {
    const bytes = heldBytes(heard);
    if (waiting + bytes > MAX_WAITING) {
      tell('waiting', 'some bodies were not kept: the disk is slower than the requests');
      return;
    }
    waiting += bytes;
    queue = queue
      .then(() => write(heard))
      .finally(() => {
        waiting -= bytes;
      });
  }

  return {
    mode: deps.mode,
    begin(request) {
      const mode = deps.mode();
      return mode === 'off' ? null : record(request, mode, keep);
    },
    hide: (secret) => void secrets.add(secret),
    async prune(which) {
      await queue;
      size = undefined;
      return pruneBodies(deps.dir, which);
    },
    idle: () => queue,
  };
}

function record(
  { id, path, headers, bytes }: Parameters<Bodies['begin']>[0],
  mode: BodiesMode,
  keep: (heard: Heard) => void,
): Recording {
  const request = { headers, held: [bytes.subarray(0, MAX_HELD)], bytes: bytes.length };
  const answer: Heard['answer'] = { headers: {}, held: [], bytes: 0, status: null };
  return {
    head(status, answerHeaders) {
      Object.assign(answer, { status, headers: answerHeaders });
    },
    chunk(piece) {
      // The first pieces up to the limit: whatever is beyond it has only its size.
      if (answer.bytes < MAX_HELD) answer.held.push(piece.subarray(0, MAX_HELD - answer.bytes));
      answer.bytes += piece.length;
    },
    finish(failed) {
      if (mode === 'errors' && !failed) return;
      // A part of a large body would hold all of it.
      const held = bytes.length > MAX_BODY ? request.held.map((part) => Buffer.from(part)) : request.held;
      keep({ id, path, request: { ...request, held }, answer });
    },
  };
}
