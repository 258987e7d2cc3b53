import type { AliasSpec } from '../config/index.ts';
import type { Asking } from './asking.ts';
import { type Candidate, isCallable } from './candidates.ts';
import { rendezvous, unitOf } from './dice.ts';
import type { Target } from './types.ts';
import { printable, targetId } from './words.ts';

/** One model of an alias: what it was written as, and what it stands for. */
export interface Member {
  name: string;
  /** Its share, for `weighted`. */
  weight: number;
  /** At least one can be called. */
  candidates: Candidate[];
  first: Candidate;
}

/** What an alias that chooses has chosen. */
export interface Choice {
  /** The session's entry in the memory of the server; null = no session, or nothing to be kept. */
  key: string | null;
  /** Targets that may be kept. */
  ids: ReadonlySet<string>;
  /** What the session was given before. */
  stuck: string | null;
}

interface Order {
  members: Member[];
  why: string;
  /** It was tried in order to be measured: the session should not stay with it. */
  trial?: boolean;
}

const named = (member: Member | undefined): string => (member ? printable(targetId(member.first)) : 'nobody');

function byShare(members: readonly Member[], { seed, request }: Asking): Order {
  const ordered = rendezvous(seed, members);
  const whose = request.session ? 'this session' : 'this request';
  return { members: ordered, why: `by its shares ${whose} goes to ${named(ordered[0])}` };
}

/** Nobody knows how long an answer will be; of those that agents get, many are of this order. */
const ASSUMED_OUTPUT_TOKENS = 1_000;
/** Where nothing is known of the request. */
const ASSUMED_INPUT_TOKENS = 1_000;

/** What the request would cost there without a cache, in nano-dollars; unknown = more than anything. */
function costAt({ provider, model }: Candidate, { state, facts }: Asking): number {
  const usage = { input: facts()?.inputTokens ?? ASSUMED_INPUT_TOKENS, output: ASSUMED_OUTPUT_TOKENS };
  return state.catalog.cost(provider.id, model, usage, state.now).nanoUsd ?? Number.POSITIVE_INFINITY;
}

/** The user's order decides among equals, as everywhere: sorting is stable. */
function ranked(
  members: readonly Member[],
  rankOf: (member: Member) => number,
): { member: Member; rank: number }[] {
  return members
    .map((member) => ({ member, rank: rankOf(member) }))
    .sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank));
}

function byCost(members: readonly Member[], asking: Asking): Order {
  const order = ranked(members, ({ first }) => costAt(first, asking));
  const [cheapest] = order;
  const known = cheapest !== undefined && Number.isFinite(cheapest.rank);
  return {
    members: order.map(({ member }) => member),
    why: known
      ? `${named(cheapest.member)} is the cheapest for this request`
      : `no price is known, so they are tried in order`,
  };
}

/** Median time to first token, ms, at whichever of its keys; unknown = more than anything. */
function speedOf({ provider, model, surface }: Candidate, { state }: Asking): number {
  if (!surface) return Number.POSITIVE_INFINITY;
  const target: Target = { provider, model, surface };
  const labels = state.keyLabels(provider, surface);
  const places = labels.length > 1 ? labels.map((key) => ({ ...target, key })) : [target];
  const measured = places.flatMap((place) => state.health(place).ttftMs ?? []);
  return Math.min(Number.POSITIVE_INFINITY, ...measured);
}

/** Of requests that are free to go anywhere, how many measure a target that nobody has measured yet. */
const TRIALS_OF_UNMEASURED = 0.1;
/** ... and, when all are measured, how many look whether a slower one has become faster. */
const TRIALS_OF_SLOWER = 0.02;

/**
 * The fastest by measured time to first token; unmeasured ones come behind, in order. So that they become measured and
 * old figures do not stand for ever, a small share of the requests goes elsewhere first. The die decides, and what was
 * only a trial is not kept for the session.
 */
function bySpeed(members: readonly Member[], asking: Asking): Order {
  const order = ranked(members, ({ first }) => speedOf(first, asking));
  const [best, ...slower] = order;
  const unmeasured = slower.filter(({ rank }) => !Number.isFinite(rank));
  const share = unmeasured.length > 0 ? TRIALS_OF_UNMEASURED : TRIALS_OF_SLOWER;
  const pool = unmeasured.length > 0 ? unmeasured : slower;
  const drawn = unitOf(`${asking.state.random}\ntrial`) / share;
  const trial = drawn < 1 ? pool[Math.floor(drawn * pool.length)] : undefined;
  if (trial) {
    const rest = order.filter((one) => one !== trial);
    return {
      members: [trial, ...rest].map(({ member }) => member),
      why: `${named(trial.member)} goes first this once, to be measured`,
      trial: true,
    };
  }
  const measured = best !== undefined && Number.isFinite(best.rank);
  return {
    members: order.map(({ member }) => member),
    why: measured
      ? `${named(best.member)} is the fastest: ${Math.round(best.rank)} ms to its first token`
      : `none was measured yet, so they are tried in order`,
  };
}

const ORDERS: Record<
  Exclude<AliasSpec['kind'], 'ordered'>,
  (members: readonly Member[], asking: Asking) => Order
> = { weighted: byShare, cheapest: byCost, fastest: bySpeed };

/** The members of an alias in the order of this request. An alias that chooses keeps a session where it was before. */
export function orderMembers(
  name: string,
  kind: AliasSpec['kind'],
  members: readonly Member[],
  asking: Asking,
): { members: readonly Member[]; why: string; choice: Choice | null } {
  const alias = `"${printable(name)}" is an alias`;
  if (kind === 'ordered') return { members, why: alias, choice: null };
  const { request, state } = asking;
  const key = request.session ? `${name}\n${request.session}` : null;
  const stuck = key === null ? undefined : state.stuck(key);
  const ids = new Set(members.flatMap(({ candidates }) => candidates.filter(isCallable).map(targetId)));
  const kept = members.find(({ candidates }) => candidates.some((c) => targetId(c) === stuck));
  if (kept && stuck !== undefined) {
    // Behind it comes what would have come without a memory, but nobody is tried out.
    const others = ORDERS[kind](
      members.filter((member) => member !== kept),
      asking,
    );
    const why = `${alias}, and this session stays with ${printable(stuck)}`;
    return { members: [keptFirst(kept, stuck), ...others.members], why, choice: { key, ids, stuck } };
  }
  const order = ORDERS[kind](members, asking);
  return {
    members: order.members,
    why: `${alias}: ${order.why}`,
    choice: { key: order.trial ? null : key, ids, stuck: null },
  };
}

/** A member may stand for several targets: the one that the session had goes first. */
function keptFirst(member: Member, stuck: string): Member {
  const own = member.candidates.filter((c) => targetId(c) === stuck);
  return { ...member, candidates: [...own, ...member.candidates] };
}
