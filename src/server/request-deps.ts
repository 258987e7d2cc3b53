import { savingsOf, sellerOfName } from '../catalog/index.ts';
import type { Config } from '../config/index.ts';
import { GatewayError } from '../errors.ts';
import { protocolOf } from '../protocols/index.ts';
import { createRelay, type RelayDeps } from '../relay/index.ts';
import type { RouteState, Target } from '../router/index.ts';
import { anySignal, type Signal } from '../signal.ts';
import { createSweep } from './heap.ts';
import type { Parts } from './parts.ts';
import type { ProxyDeps } from './proxy.ts';
import { wait } from './wait.ts';

/** The key for a target, from memory; null = it needs none. @throws GatewayError when it went away since the plan was made */
function keyOf({ shelves, options }: Parts, { provider, surface, key }: Target): string | null {
  if (surface.auth === 'none') return null;
  const found = shelves.keys.get(provider, surface.url, key);
  if (found.ok) return found.value;
  throw new GatewayError({
    code: 'no_provider_key',
    kind: 'config',
    status: 400,
    message: `unorouter: the key for ${provider.id} is gone. Run: ${options.prefix} keys add ${provider.id}`,
  });
}

/** Waits; shorter when the server ends: the next call then says so. Rejects when the signal is aborted. */
async function waitOrEnd(ms: number, signal: Signal, ending: Signal): Promise<void> {
  const own = anySignal([signal, ending]);
  try {
    await wait(ms, own.signal);
  } catch (error) {
    if (signal.aborted) throw error;
  } finally {
    own.release();
  }
}

/** The timeouts of a provider: its own before those of all, put together once for each configuration. */
function createTimeouts(now: () => Config): RelayDeps['timeouts'] {
  let config = now();
  const known = new Map<string, ReturnType<RelayDeps['timeouts']>>();
  return ({ provider: { id } }) => {
    if (config !== now()) known.clear();
    config = now();
    const before = known.get(id);
    if (before) return before;
    const timeouts = { ...config.timeouts, ...config.providers.get(id)?.timeouts };
    known.set(id, timeouts);
    return timeouts;
  };
}

/** What the relay gets of a running server. */
export function relayDeps(parts: Parts): RelayDeps {
  const { shelves, options } = parts;
  return {
    protocol: protocolOf,
    transport: (target) => parts.transports.of(target),
    key: (target) => keyOf(parts, target),
    timeouts: createTimeouts(() => shelves.now().config),
    health: parts.health,
    onServed: parts.sticky.served,
    onClientAbort: () => shelves.now().config.server.onClientAbort,
    retry: () => shelves.now().config.retry,
    recorder: parts.recorder,
    onBug: parts.onBug,
    async price({ provider, model }, usage, at) {
      const { catalog } = shelves.now();
      await catalog.ready();
      return catalog.cost(provider.id, model, usage, at);
    },
    async savings({ provider, model }, asked, usage, at) {
      const { catalog, config } = shelves.now();
      await catalog.ready();
      const seller = config.aliases.has(asked) ? null : sellerOfName(catalog, asked);
      return savingsOf(catalog, { provider: provider.id, model }, seller, usage, at);
    },
    quirks: ({ provider, model }) => shelves.now().catalog.quirks(provider.id, model),
    modelFacts({ provider, model }) {
      const info = shelves.now().catalog.info(provider.id, model);
      return {
        ...(info?.maxOutput ? { maxOutput: info.maxOutput } : {}),
        ...(info && info.reasoning !== null ? { reasons: info.reasoning } : {}),
      };
    },
    strict: () => options.strict || shelves.now().config.strict,
    mask: (text) => shelves.keys.mask(text),
    prefix: options.prefix,
    now: Date.now,
    elapsed: () => performance.now(),
    random: Math.random,
    ending: parts.ending,
    wait: (ms, signal) => waitOrEnd(ms, signal, parts.ending),
  };
}

/** What plans are made from: of what a running server has, and at this moment. */
export function routeStates({ shelves, options, health, sticky }: Parts): () => RouteState {
  const lasting = {
    demo: options.demo,
    keyState: shelves.keyState,
    keyLabels: (provider, surface) => shelves.keys.labels(provider, surface.url),
    lookedIn: shelves.lookedIn,
    health: ({ provider, model, key = null }) => health.of({ provider: provider.id, model, key }),
    stuck: sticky.get,
    prefix: options.prefix,
  } satisfies Partial<RouteState>;
  return () => {
    const { catalog, config } = shelves.now();
    return {
      catalog,
      config,
      defaultModel: options.defaultModel ?? config.default,
      now: Date.now(),
      random: Math.random(),
      ...lasting,
    };
  };
}

/** What every proxied request of a running server gets. */
export function proxyDeps(parts: Parts): ProxyDeps {
  const { budgets, recorder, guesser, cacheDoctor, bodies, newId, onBug } = parts;
  return {
    relay: createRelay(relayDeps(parts)),
    ready: () => parts.shelves.now().catalog.ready(),
    routeState: routeStates(parts),
    budgets,
    recorder,
    guesser,
    cacheDoctor,
    bodies,
    sweep: createSweep(),
    newId,
    now: Date.now,
    onBug,
  };
}
