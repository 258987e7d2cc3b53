import { concernsOf } from '../../../budget/index.ts';
import { GatewayError } from '../../../errors.ts';
import { explainRoute, type RouteQuestion, type RouteState, type Target } from '../../../router/index.ts';
import type { RouteAnswer } from '../../../server/index.ts';
import { readBudgets } from '../../budgets.ts';
import type { Context } from '../../context.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';

/** Nothing was called from here: health and speed are known to a running server only. */
const NOT_MEASURED = { state: 'ok', until: null, why: null, ok: null, ttftMs: null } as const;

function stateFrom(shelves: Shelves, context: Context): RouteState {
  const { catalog, config, defaultModel, keyState, keys } = shelves;
  return {
    catalog,
    config,
    defaultModel,
    demo: false,
    keyState,
    keyLabels: (provider, surface) => keys.labels(provider, surface.url),
    lookedIn(provider, surface) {
      const found = keys.get(provider, surface.url);
      return found.ok ? '' : found.lookedIn;
    },
    health: () => NOT_MEASURED,
    stuck: () => undefined,
    now: context.now(),
    // Alike every time that it is asked.
    random: 0.5,
    prefix: context.prefix,
  };
}

/** The answer of the files alone: configuration, catalog, keys. @throws UserError `config_invalid` */
export async function answerFromFiles(question: RouteQuestion, context: Context): Promise<RouteAnswer> {
  const shelves = await loadShelves(context);
  const keyWhere = ({ provider, surface, key }: Target): string | null => {
    const found = surface.auth === 'none' ? null : shelves.keys.get(provider, surface.url, key);
    return found?.ok ? found.where : null;
  };
  try {
    const explanation = explainRoute(question, stateFrom(shelves, context), keyWhere);
    const { agent, project, targets } = explanation;
    const standings = await readBudgets(context);
    return { ok: true, explanation, budgets: concernsOf(standings, { agent, project }, targets) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { ok: false, error: { code: error.code, message: error.message } };
  }
}
