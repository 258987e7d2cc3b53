import { type Breaker, createBreaker } from './breaker.ts';
import { judge } from './judge.ts';
import { createLru } from './lru.ts';
import { endOf, lasts, type Span } from './span.ts';
import type { Health, Place, PlaceHealth, ProviderHealth } from './types.ts';
import { createWindow, type Window } from './window.ts';

const MAX_PROVIDERS = 500;
const MAX_PLACES = 2_000;
const MAX_PARKED = 2_000;
const HOUR_MS = 3600_000;
/** So many times to first token are kept of a place. */
const MAX_TIMES = 20;
/** Retry budget of a provider (gRPC's retry throttling): so many tokens, a retry takes one, a success gives a bit back. */
const FULL_BUDGET = 10;
const SUCCESS_GIVES = 0.1;

interface ProviderRecord {
  breaker: Breaker;
  tokens: number;
}

interface PlaceRecord {
  answers: Window;
  ttftMs: number[];
}

interface Parked {
  span: Span | null;
  why: string;
}

/** Neither a provider's id nor a key's label holds a line feed, or is empty. */
const keyOf = ({ provider, key }: Omit<Place, 'model'>): string => `${provider}\n${key ?? ''}`;
const placeOf = (place: Place): string => `${keyOf(place)}\n${place.model}`;

function placeFrom(id: string): Place {
  const [provider = '', key = ''] = id.split('\n', 2);
  const model = id.slice(provider.length + key.length + 2);
  return { provider, key: key === '' ? null : key, model };
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  return high === undefined || low === undefined ? null : (low + high) / 2;
}

function share(window: Window | undefined): number | null {
  const { ok, failed } = window?.counts() ?? { ok: 0, failed: 0 };
  return ok + failed === 0 ? null : ok / (ok + failed);
}

const WORST: readonly PlaceHealth['state'][] = ['parked', 'open', 'probing', 'ok'];

/** Places by their provider, summed up. */
function summed(
  places: Iterable<readonly [string, PlaceRecord]>,
  stateOf: (place: Place) => Pick<PlaceHealth, 'state' | 'why'>,
): ProviderHealth[] {
  const byProvider = new Map<
    string,
    { states: Pick<PlaceHealth, 'state' | 'why'>[]; records: PlaceRecord[] }
  >();
  for (const [id, record] of places) {
    const place = placeFrom(id);
    const { provider } = place;
    const { states, records } = byProvider.get(provider) ?? { states: [], records: [] };
    const state = stateOf(place);
    byProvider.set(provider, { states: [...states, state], records: [...records, record] });
  }
  return [...byProvider].map(([provider, { states, records }]) => {
    const worst = WORST.find((state) => states.some((one) => one.state === state)) ?? 'ok';
    const counts = records.map(({ answers }) => answers.counts());
    return {
      provider,
      state: worst,
      why: states.find(({ state }) => state === worst)?.why ?? null,
      answered: counts.reduce((sum, { ok }) => sum + ok, 0),
      failed: counts.reduce((sum, { failed }) => sum + failed, 0),
      ttftMs: median(records.flatMap(({ ttftMs }) => ttftMs)),
    };
  });
}

/** Creates it. `now` is ms since 1970. */
export function createHealth({ now }: { now(): number }): Health {
  const providers = createLru<ProviderRecord>(MAX_PROVIDERS, () => ({
    breaker: createBreaker({ now }),
    tokens: FULL_BUDGET,
  }));
  const places = createLru<PlaceRecord>(MAX_PLACES, () => ({
    answers: createWindow({ spanMs: HOUR_MS, slots: 12, now }),
    ttftMs: [],
  }));
  const parked = createLru<Parked>(MAX_PARKED, () => ({ span: null, why: '' }));

  function stateOf(place: Place): Pick<PlaceHealth, 'state' | 'until' | 'why'> {
    for (const id of [keyOf(place), placeOf(place)]) {
      const entry = parked.peek(id);
      if (entry && lasts(entry.span, now()))
        return { state: 'parked', until: endOf(entry.span), why: entry.why };
    }
    const breaker = providers.peek(place.provider)?.breaker.state();
    if (!breaker || breaker.state === 'closed') return { state: 'ok', until: null, why: null };
    return { state: breaker.state, until: breaker.until, why: breaker.why };
  }

  function unpark(id: string): void {
    const entry = parked.peek(id);
    if (entry) entry.span = null;
  }

  return {
    of(place) {
      const record = places.peek(placeOf(place));
      return { ok: share(record?.answers), ttftMs: median(record?.ttftMs ?? []), ...stateOf(place) };
    },
    providers: () => summed(places.entries(), stateOf),
    began: ({ provider }) => providers.use(provider).breaker.began(),
    succeeded(place, ttftMs) {
      const provider = providers.use(place.provider);
      provider.breaker.answered();
      provider.tokens = Math.min(FULL_BUDGET, provider.tokens + SUCCESS_GIVES);
      unpark(keyOf(place));
      unpark(placeOf(place));
      const record = places.use(placeOf(place));
      record.answers.add(true);
      if (ttftMs !== null) record.ttftMs = [...record.ttftMs, ttftMs].slice(-MAX_TIMES);
    },
    failed(place, failure) {
      const verdict = judge(failure);
      const { breaker } = providers.use(place.provider);
      if (verdict.provider === 'failed') breaker.failed();
      else if (verdict.provider === 'alive') breaker.answered();
      else breaker.dropped();
      if (verdict.counts) places.use(placeOf(place)).answers.add(false);
      if (verdict.park === null) return;
      const { scope, ms, why } = verdict.park;
      Object.assign(parked.use(scope === 'key' ? keyOf(place) : placeOf(place)), {
        span: { since: now(), ms },
        why,
      } satisfies Parked);
    },
    takeRetry(id) {
      const provider = providers.use(id);
      // Tenths do not add up exactly in binary: ten of them count as one.
      if (provider.tokens < 1 - 1e-9) return false;
      provider.tokens -= 1;
      return true;
    },
    forgiveKeys: () => parked.clear(),
  };
}
