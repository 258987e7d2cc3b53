/** What health is kept of: a provider's model, called with one of its keys. */
export interface Place {
  provider: string;
  model: string;
  /** Label of the key; null = the provider's only key, or none needed. */
  key: string | null;
}

/**
 * How a place is doing. `parked` = its key has no quota left or was refused, until then; `open` = its provider failed so
 * often that it is left alone; `probing` = it was left alone long enough, and one request is trying it. None of them
 * forbids a call: they only put other targets first, and suppress retries.
 */
export interface PlaceHealth {
  state: 'ok' | 'parked' | 'open' | 'probing';
  /** ms since 1970 when the state ends by itself; null = it does not, or `ok`. */
  until: number | null;
  /** One short clause for people: `quota used up`, `5 failures in a row`; null when ok. */
  why: string | null;
  /** Share of the attempts of the last hour that answered, 0 to 1; null = none were made. */
  ok: number | null;
  /** Median time to first token of the last answers, ms; null = not measured. */
  ttftMs: number | null;
}

/** How a provider is doing, over all of its models and keys that were called in the last hour. */
export interface ProviderHealth {
  provider: string;
  /** The worst of its places. */
  state: PlaceHealth['state'];
  /** One short clause for people; null when ok. */
  why: string | null;
  /** Attempts of the last hour that answered, and that did not. */
  answered: number;
  failed: number;
  /** Median time to first token of the last answers, ms; null = not measured. */
  ttftMs: number | null;
}

/** Why an attempt failed, as far as health is concerned. */
export interface HealthFailure {
  /** Failure kind of the glossary. */
  kind: string;
  /** HTTP status, or null when there was no answer. */
  status: number | null;
  /** ms that the upstream asked to wait; undefined = it did not say. */
  retryAfterMs?: number | undefined;
}

/** Breakers, parked keys, retry budgets and measured speed of everything that was called. In memory, bounded. */
export interface Health {
  of(place: Place): PlaceHealth;
  /** One row for each provider that was called, the last one called last. */
  providers(): ProviderHealth[];
  /** A call begins. A half-open breaker lets one through as its probe. */
  began(place: Place): void;
  /** It answered. `ttftMs` null = not streamed. */
  succeeded(place: Place, ttftMs: number | null): void;
  failed(place: Place, failure: HealthFailure): void;
  /** Takes one retry out of the provider's budget (rule R6); false = it is empty, do not retry. */
  takeRetry(provider: string): boolean;
  /** The keys were loaded again: none is parked any more. */
  forgiveKeys(): void;
}
