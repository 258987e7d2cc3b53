import type { BudgetStanding, Budgets, PricedTarget } from '../budget/index.ts';
import { raiseCommand, usedUp } from '../budget/index.ts';
import { GatewayError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import type { Inbound } from '../relay/index.ts';
import { type Plan, plan, type RouteState, type Target, targetId } from '../router/index.ts';
import type { Signal } from '../signal.ts';
import { estimateCost } from './estimate.ts';
import { declaredProject, routeRequest } from './route-request.ts';

/** What deciding over a request needs. */
export interface AdmissionDeps {
  routeState(): RouteState;
  budgets: Budgets;
}

/**
 * Where a request goes, with what its budgets have to say: targets without money left are taken out, another model takes
 * its place, or it is refused. What it may cost is reserved under its exchange's id.
 * @throws GatewayError as `plan` does, and of kind `budget`
 */
export async function admit(
  inbound: Inbound,
  exchange: Exchange,
  signal: Signal,
  deps: AdmissionDeps,
): Promise<Plan> {
  const state = deps.routeState();
  const request = routeRequest(inbound, exchange);
  const planned = plan(request, state);
  if (!deps.budgets.any()) return planned;
  const asked = await ask(planned, false);
  if (asked.do === 'go') return kept(planned, asked.keep);
  if (asked.do === 'refuse') throw refusal(asked.by, state);
  const { name, line, to } = asked.by;
  const cheaper = plan({ ...request, downgrade: { name, line, to: to ?? '' } }, state);
  const again = await ask(cheaper, true);
  if (again.do !== 'go') throw refusal(again.by, state);
  const why = `${usedUp(asked.by, state.now)}: sent to ${to}`;
  return kept({ ...cheaper, why: [why, ...cheaper.why] }, again.keep);

  function ask({ targets }: Plan, downgraded: boolean): ReturnType<Budgets['admit']> {
    return deps.budgets.admit({
      id: exchange.id,
      asker: { agent: exchange.agent, project: declaredProject(exchange) },
      targets: targets.map((target) => priced(inbound, target, state)),
      downgraded,
      signal,
    });
  }
}

function priced(inbound: Inbound, target: Target, { catalog, now }: RouteState): PricedTarget {
  const { nanoUsd, state } = estimateCost(inbound, target, catalog, now);
  return { provider: target.provider.id, model: target.model, estimate: { nanoUsd, state } };
}

/** The plan without the targets that have no money left. */
function kept(planned: Plan, keep: readonly number[]): Plan {
  const out = planned.targets.filter((_, index) => !keep.includes(index));
  if (out.length === 0) return planned;
  return {
    ...planned,
    targets: planned.targets.filter((_, index) => keep.includes(index)),
    passedOver: [
      ...planned.passedOver,
      ...out.map((target) => ({ target: targetId(target), why: 'its budget is used up' })),
    ],
  };
}

/** Interface 0.1: one sentence and one command, in a shape that ends an agent's loop. */
function refusal(by: BudgetStanding, { now, prefix }: RouteState): GatewayError {
  return new GatewayError({
    code: 'budget_reached',
    kind: 'budget',
    status: 402,
    message: `unorouter: ${usedUp(by, now)}. Run: ${raiseCommand(by, prefix)}`,
  });
}
