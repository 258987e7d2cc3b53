import { splitProvider } from './candidates.ts';
import type { RequestFacts, RouteRequest, RouteState } from './types.ts';

/** One question to the router: request and state, and what is worked out once for all who look at it. */
export interface Asking {
  request: RouteRequest;
  state: RouteState;
  /** The asked name in lower case, with and without a provider in front of it. */
  names: { asked: string; bare: string };
  /** What the body holds; looked into at the first call. null = nothing is known. */
  facts(): RequestFacts | null;
  /** Requests of one session are dealt with alike; one without a session gets a throw of the die. */
  seed: string;
}

/** Makes one. */
export function createAsking(request: RouteRequest, state: RouteState): Asking {
  let facts: RequestFacts | null | undefined;
  const asked = request.model.toLowerCase();
  return {
    request,
    state,
    names: { asked, bare: splitProvider(request.model, state)?.rest.toLowerCase() ?? asked },
    facts() {
      facts ??= request.facts?.() ?? null;
      return facts;
    },
    seed: request.session ?? String(state.random),
  };
}
