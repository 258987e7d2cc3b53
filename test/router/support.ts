import type { Catalog } from '../../src/catalog/index.ts';
import { type Config, DEFAULTS, parseConfig } from '../../src/config/index.ts';
import type { PlaceHealth } from '../../src/health/index.ts';
import type { RequestFacts, RouteRequest, RouteState } from '../../src/router/index.ts';

export const WELL: PlaceHealth = { state: 'ok', until: null, why: null, ok: null, ttftMs: null };

/** A request that asks for something small and says nothing more. */
export const requestOf = (model: string, more: Partial<RouteRequest> = {}): RouteRequest => ({
  model,
  protocol: 'openai-chat',
  endpoint: 'generate',
  ...more,
});

/** What a body holds. */
export const factsOf = (facts: Partial<RequestFacts>) => (): RequestFacts => ({
  inputTokens: 100,
  images: false,
  documents: false,
  tools: false,
  ...facts,
});

/** A configuration as it stands in a file. */
export async function configOf(yaml: string): Promise<Config> {
  const result = await parseConfig('config.yaml', yaml);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.config;
}

/** A state in which these providers have keys; an empty list = all of them. */
export function stateOf(
  catalog: Catalog,
  keys: readonly string[],
  config: Config = DEFAULTS,
  more: Partial<RouteState> = {},
): RouteState {
  return {
    catalog,
    config,
    defaultModel: config.default,
    demo: false,
    keyState: ({ id }, { auth }) =>
      auth === 'none' ? 'none' : keys.length === 0 || keys.includes(id) ? 'have' : 'missing',
    keyLabels: () => [],
    lookedIn: () => '',
    health: () => WELL,
    stuck: () => undefined,
    now: new Date(2026, 10, 25, 14, 5).getTime(),
    random: 0.5,
    prefix: 'unorouter',
    ...more,
  };
}
