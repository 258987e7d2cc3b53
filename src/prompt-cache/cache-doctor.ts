import type { Exchange } from '../exchange.ts';
import type { ScannedObject } from '../json-scan.ts';
import { diagnose, type Turn } from './diagnose.ts';
import { type Fingerprint, fingerprint, type Hash, type Memo } from './fingerprint.ts';

/** What is looked at of a request. */
export interface Prompt {
  bytes: Buffer;
  scanned: ScannedObject;
}

/** Says why prompt caches are lost. All of it is in memory, and none of it is text. */
export interface CacheDoctor {
  /** A request begins: its bytes are looked at when it ends, if it comes to that. */
  begin(exchange: Exchange, prompt: Prompt): void;
  /** A request has ended: sets `cacheBreak` when less was read from the cache than was there. */
  end(exchange: Exchange): void;
}

/** What the doctor needs. */
export interface CacheDoctorDeps {
  hash: Hash;
  /** Nano-dollars at list price; null = not known. */
  price(provider: string, model: string, usage: Exchange['usage'], at: number): number | null;
}

const MOST_CONVERSATIONS = 200;
/** A longer conversation is not remembered: its hashes would be most of the memory. */
const MOST_MESSAGES = 4_000;

/** Creates one. */
export function createCacheDoctor({ hash, price }: CacheDoctorDeps): CacheDoctor {
  const open = new WeakMap<Exchange, Prompt>();
  /** The last turn of each, oldest first. */
  const conversations = new Map<string, Turn>();
  /** Entries of a session's last prompts: which conversation one belongs to is known only when it is hashed. */
  const memos = new Map<string, Memo>();

  function examine(exchange: Exchange, prompt: Prompt): void {
    const who = JSON.stringify([exchange.session, exchange.agent]);
    const memo: Memo = new Map();
    const made = fingerprint(
      { protocol: exchange.protocol, ...prompt },
      hash,
      memos.get(who) ?? new Map(),
      memo,
    );
    if (made === null || made.messages.length === 0 || made.messages.length > MOST_MESSAGES) return;
    keep(memos, who, memo);
    const turn = turnOf(exchange, made);
    // Sub-agents share a session, but not the first thing that is said to them.
    const key = JSON.stringify([who, made.messages[0]]);
    const before = conversations.get(key);
    // Two at once are no turns: the later one could not have read what the earlier one left.
    const found = before && before.ended <= turn.began ? diagnose(before, turn) : null;
    if (found) exchange.cacheBreak = { ...found, costNanoUsd: extraCost(exchange, found.tokens) };
    keep(conversations, key, turn);
  }

  function extraCost({ provider, model, usage, time }: Exchange, tokens: number): number | null {
    if (provider === null || model === null) return null;
    const { costUsd: _, ...counted } = usage;
    const cacheWrite =
      usage.cacheWrite === undefined ? {} : { cacheWrite: Math.max(0, usage.cacheWrite - tokens) };
    const better = { ...counted, cacheRead: (usage.cacheRead ?? 0) + tokens, ...cacheWrite };
    const [paid, could] = [counted, better].map((one) => price(provider, model, one, time));
    return paid == null || could == null ? null : Math.max(0, paid - could);
  }

  return {
    begin(exchange, prompt) {
      if (exchange.endpoint === 'generate' && exchange.session !== null) open.set(exchange, prompt);
    },
    end(exchange) {
      const prompt = open.get(exchange);
      open.delete(exchange);
      const { outcome, usage, usageSource } = exchange;
      const told = outcome === 'ok' && usageSource === 'reported' && usage.cacheRead !== undefined;
      if (prompt && told) examine(exchange, prompt);
    },
  };
}

function turnOf(exchange: Exchange, prompt: Fingerprint): Turn {
  const { asked, provider, model, usage, time, totalMs } = exchange;
  return {
    ...{ asked, prompt, usage },
    served: `${provider}/${model}`,
    began: time,
    ended: time + (totalMs ?? 0),
  };
}

/** The latest is the last to be forgotten. */
function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_CONVERSATIONS && oldest !== undefined) map.delete(oldest);
}
