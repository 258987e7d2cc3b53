import { concernsOf } from '../budget/index.ts';
import { GatewayError, UserError } from '../errors.ts';
import { createRelay } from '../relay/index.ts';
import { explainRoute, type RouteQuestion, type Target } from '../router/index.ts';
import { abilitiesOf, saveVerified } from '../verified/index.ts';
import type { ManagementActions } from './management.ts';
import type { Parts } from './parts.ts';
import { relayDeps, routeStates } from './request-deps.ts';
import { testRoute } from './route-test.ts';
import type { RouteAnswer } from './types.ts';
import { verifyModel } from './verify/index.ts';

/** What a running server answers about its routing. */
export function routeActions(
  parts: Parts,
): Pick<ManagementActions, 'explainRoute' | 'testRoute' | 'verifyModel'> {
  const { shelves, newId, budgets } = parts;
  const { verifiedFile } = parts.options.paths;
  const deps = relayDeps(parts);
  const routeState = routeStates(parts);
  // A retry would hide what is to be seen.
  const relay = createRelay({ ...deps, retry: () => ({ ...deps.retry(), attempts: 1 }) });
  const keyWhere = ({ provider, surface, key }: Target): string | null => {
    const found = surface.auth === 'none' ? null : shelves.keys.get(provider, surface.url, key);
    return found?.ok ? found.where : null;
  };
  return {
    async explainRoute(question: RouteQuestion): Promise<RouteAnswer> {
      await Promise.all([shelves.now().catalog.ready(), budgets.ready()]);
      try {
        const explanation = explainRoute(question, routeState(), keyWhere);
        const { agent, project, targets } = explanation;
        return {
          ok: true,
          explanation,
          budgets: concernsOf(budgets.standings(), { agent, project }, targets),
        };
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        return { ok: false, error: { code: error.code, message: error.message } };
      }
    },
    async verifyModel(what, say, signal) {
      const { catalog } = shelves.now();
      await catalog.ready();
      const asking = {
        relay: createRelay(deps),
        routeState,
        refresh: (provider: string) => shelves.now().refresher.refresh([provider]),
        newId,
        now: Date.now,
      };
      try {
        const result = await verifyModel(what, asking, (check) => say({ type: 'check', check }), signal);
        if (!result) return;
        shelves.now().catalog.setShown(abilitiesOf(saveVerified(verifiedFile, result)));
        say({ type: 'end', result });
      } catch (error) {
        if (!(error instanceof GatewayError || error instanceof UserError)) throw error;
        say({ type: 'refused', error: { code: error.code, message: error.message } });
      }
    },
    testRoute: (question, say, signal) =>
      testRoute(question, { relay, routeState, newId, now: Date.now }, say, signal),
  };
}
