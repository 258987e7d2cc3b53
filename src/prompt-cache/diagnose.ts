import type { CacheBreak, Exchange } from '../exchange.ts';
import type { Fingerprint } from './fingerprint.ts';

/** One request of a conversation, with what its provider reported. */
export interface Turn {
  asked: string;
  /** `provider/model` */
  served: string;
  prompt: Fingerprint;
  usage: Exchange['usage'];
  /** When it began and ended, ms since 1970. */
  began: number;
  ended: number;
}

/** Fewer tokens are cached by nobody. https://platform.openai.com/docs/guides/prompt-caching */
const LEAST_TOKENS = 1_024;
/** Providers read in blocks, and the end of a prompt is always new: only a fall to less than half is one. */
const FALL = 0.5;

const MINUTE_MS = 60_000;
/** How long caches live since they were last read: https://docs.claude.com/en/docs/build-with-claude/prompt-caching; others promise 5 to 10 minutes. */
const TTL_MS = { short: 5 * MINUTE_MS, hour: 60 * MINUTE_MS, others: 10 * MINUTE_MS };

/** Tokens that the cache held after a request. Who bills writes tells them; for others what was read is what is sure. */
function held({ cacheRead = 0, cacheWrite = 0 }: Turn['usage']): number {
  return cacheRead + cacheWrite;
}

function ttlOf({ cacheWrite, cacheWrite1h }: Turn['usage']): number {
  if (cacheWrite === undefined) return TTL_MS.others;
  return (cacheWrite1h ?? 0) > 0 ? TTL_MS.hour : TTL_MS.short;
}

type Cause = Pick<CacheBreak, 'part' | 'message' | 'by'>;

/** The causes in the order in which they decide: what comes first in a prompt spoils all behind it. */
const CAUSES: readonly ((before: Turn, now: Turn) => Cause | null)[] = [
  (before, now) =>
    before.served === now.served
      ? null
      : { part: 'model', message: null, by: before.asked === now.asked ? 'route' : 'client' },
  (before, now) =>
    before.prompt.tools === now.prompt.tools ? null : { part: 'tools', message: null, by: 'client' },
  (before, now) =>
    before.prompt.system === now.prompt.system ? null : { part: 'system', message: null, by: 'client' },
  (before, now) => {
    const at = before.prompt.messages.findIndex((hash, index) => hash !== now.prompt.messages[index]);
    // The last one may grow: agents put more into it before they ask again.
    const changed = at >= 0 && at < before.prompt.messages.length - 1;
    return changed ? { part: 'message', message: at + 1, by: 'client' } : null;
  },
  (before, now) =>
    now.began - before.ended > ttlOf(before.usage) ? { part: null, message: null, by: 'ttl' } : null,
];

const UNKNOWN: Cause = { part: null, message: null, by: 'provider' };

/** Why less was read from the cache than it held; null = it was not so. The cost is for who knows prices. */
export function diagnose(before: Turn, now: Turn): Omit<CacheBreak, 'costNanoUsd'> | null {
  const { cacheRead, input } = now.usage;
  const had = held(before.usage);
  if (cacheRead === undefined || input === undefined || had < LEAST_TOKENS || cacheRead >= had * FALL)
    return null;
  const cause = CAUSES.reduce<Cause | null>((found, look) => found ?? look(before, now), null) ?? UNKNOWN;
  return {
    ...cause,
    from: before.served === now.served ? null : before.served,
    idleMs: Math.max(0, now.began - before.ended),
    tokens: Math.max(0, Math.min(had, input) - cacheRead),
  };
}
