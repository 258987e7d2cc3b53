import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keepShape } from '../newest.ts';

/**
 * By how much the old part of the heap may grow until it is collected, in percent of what was left of it the last time. V8
 * lets a heap of 16 MB grow to 60 MB, which is right for a program that has the machine for itself. Side by side, behind
 * all kinds of load: 132 MB instead of 202, for a fifth more CPU where bodies of 150 kB are translated, and none elsewhere
 * (40 costs a third more there, 100 keeps 172 MB).
 */
const GROWTH_PERCENT = 60;

/**
 * undici's HTTP parser is WebAssembly. V8 compiles its main function a second time, optimised, after a few answers: 110 ms
 * of a core and 37 MB, of which a quarter stays with the process, while the first requests wait for that core. Without
 * it the first twenty requests on one core take half of the time; behind them nothing is slower (side by side, before ->
 * after: CPU a request at 64 connections 247 -> 240 us, a stream of 200 chunks 452 -> 436 us). The number is about the
 * bytes of its code that run until then; V8's own is 1.8 million.
 */
const NEVER_REACHED = 2_000_000_000;

/** Keeps this process small. V8 reads the first number behind every collection, the second when the parser is loaded. */
export function limitGrowth(): void {
  v8.setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  v8.setFlagsFromString(`--wasm-tiering-budget=${NEVER_REACHED}`);
}

/** The pauses in which nobody asks. */
export interface Rest {
  /** No request runs any more. */
  begin(): void;
  stop(): void;
}

/** How much is looked at: everything, or what is new. */
export type Collection = 'major' | 'minor';

/** So long nobody asked, in ms. */
const REST_MS = 6_000;

/** What a rest needs from outside; `collect` and `restMs` are for tests. */
export interface RestOptions {
  /** Whether a request runs. */
  busy(): boolean;
  collect?(what: Collection): void;
  restMs?: number;
}

/**
 * Creates it: in each pause the garbage of the requests before it is collected (40 ms), and a little later (1 ms) V8 gives
 * back what its space for new objects has grown by, which it does where a collection finds less than 1 MB a second
 * allocated since the last one: some 60 MB in all. By itself V8 does so half a minute later, or not at all where nothing
 * is allocated any more, and a gateway spends most of its day like this.
 */
export function createRest({ busy, collect = collectGarbage, restMs = REST_MS }: RestOptions): Rest {
  keepShape(setImmediate(() => {}));
  let timer: NodeJS.Timeout | undefined;
  let next: Collection = 'major';
  function ring(): void {
    if (busy()) return;
    collect(next);
    if (next === 'minor') return;
    next = 'minor';
    timer?.refresh();
  }
  return {
    begin() {
      next = 'major';
      if (timer) timer.refresh();
      else timer = setTimeout(ring, restMs).unref();
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

/** So many bytes of bodies may have come since the last sweep. */
const SWEPT_BYTES = 2 * 1024 * 1024;

/**
 * Creates what is told of each request's bytes once it has ended. Bodies lie outside of V8's heap, where its space for new
 * objects takes no notice of them, but V8 counts them when it decides whether the whole heap is due: a dozen of large ones
 * used to be enough. A small collection (0.4 ms, of what is new) behind every few of them keeps it from that. Side by
 * side, before -> after: CPU a request of 600 kB 3,024 -> 1,175 us, of 150 kB 1,363 -> 858 us, nothing changes for small
 * ones; twice as many bytes are the same, four times as many leave half of the gain.
 */
export function createSweep(collect: (what: Collection) => void = collectGarbage): (bytes: number) => void {
  let since = 0;
  return (bytes) => {
    since += bytes;
    if (since < SWEPT_BYTES) return;
    since = 0;
    collect('minor');
  };
}

let collector: ((options?: { type: 'minor' }) => void) | undefined;

/** Collects at once. Only contexts that are made while the switch is on know `gc`; nobody else shall see it. */
export function collectGarbage(what: Collection): void {
  if (!collector) {
    v8.setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc') as NonNullable<typeof collector>;
    v8.setFlagsFromString('--no-expose-gc');
  }
  // The V8 of Node 20 takes whatever it is given for a minor one.
  if (what === 'major') collector();
  else collector({ type: 'minor' });
}
