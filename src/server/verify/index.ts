import type { Relay } from '../../relay/index.ts';
import { planQuestion, type RouteState, targetId } from '../../router/index.ts';
import type { Verified, VerifiedCheck } from '../../verified/index.ts';
import { askOwn } from '../own-request.ts';
import type { Ask } from './ask.ts';
import { PROBES, windowProbe } from './probes.ts';

/** What verifying needs of a running server. */
export interface VerifyDeps {
  relay: Relay;
  routeState(): RouteState;
  /** Asks a provider for its list of models, whose limits are in question. A failure is none of ours. */
  refresh(provider: string): Promise<unknown>;
  newId(): string;
  now(): number;
}

/** Under this name its requests stand in the log, as agent and as rule. */
const NAME = 'models verify';

/**
 * Tries at a model what agents need, one real request after another, past all limits of the catalog: they are what is in
 * question. Each check is told as it ends.
 * @throws GatewayError as planning does
 */
export async function verifyModel(
  what: { model: string; window: boolean },
  deps: VerifyDeps,
  say: (check: VerifiedCheck) => void,
  signal: AbortSignal,
): Promise<Verified | null> {
  const state = deps.routeState();
  const planned = planQuestion({ model: what.model, protocol: 'anthropic-messages' }, state);
  const [target] = planned.targets;
  if (!target) return null;
  const plan = { ...planned, targets: [target], rule: NAME, stick: null };
  await deps.refresh(target.provider.id);
  const context = state.catalog.info(target.provider.id, target.model)?.context ?? null;
  const result: Verified = { target: targetId(target), at: deps.now(), checks: [], abilities: {} };
  for (const probe of [...PROBES, ...(what.window ? [windowProbe(context)] : [])]) {
    if (signal.aborted) return null;
    const costs: (number | null)[] = [];
    const ask: Ask = async (body, stopAfter) => {
      const bytes = Buffer.from(JSON.stringify({ model: what.model, ...body }));
      const request = {
        path: '/v1/messages',
        headers: { 'content-type': 'application/json' },
        bytes,
        agent: NAME,
      };
      const serve = (...[inbound, exchange, client]: Parameters<Parameters<typeof askOwn>[1]>) =>
        deps.relay(inbound, plan, exchange, client);
      const answer = await askOwn(request, serve, deps, signal, stopAfter);
      costs.push(answer.exchange.demo ? 0 : answer.exchange.cost.nanoUsd);
      return answer;
    };
    const { findings, abilities } = await probe(ask);
    Object.assign(result.abilities, abilities);
    const cost = costs.reduce<number | null>(
      (all, more) => (all === null || more === null ? null : all + more),
      0,
    );
    for (const [n, finding] of findings.entries()) {
      // Two findings of one request: it was paid once.
      const check = { ...finding, costNanoUsd: n === 0 ? cost : 0 };
      result.checks.push(check);
      say(check);
    }
  }
  return result;
}
