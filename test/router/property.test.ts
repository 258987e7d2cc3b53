import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Catalog, loadCatalog } from '../../src/catalog/index.ts';
import {
  type AliasSpec,
  type Config,
  DEFAULTS,
  type RouteConditions,
  type RouteRule,
} from '../../src/config/index.ts';
import { GatewayError } from '../../src/errors.ts';
import { type Plan, plan, type RouteRequest, type RouteState, targetId } from '../../src/router/index.ts';
import { requestOf, stateOf, WELL } from './support.ts';

let catalog: Catalog;
beforeAll(async () => {
  catalog = await loadCatalog();
});

const name = fc.constantFrom(
  ...['a', 'b', 'c', 'small', 'default', 'auto', 'gpt-5', 'claude-haiku-4-5', 'openai/gpt-5', 'groq/x'],
  ...['openrouter/anthropic/claude-opus-4.5', 'nobody-knows', 'demo/echo', 'ollama/q'],
);
const names = fc.array(name, { minLength: 1, maxLength: 3 });
const alias: fc.Arbitrary<AliasSpec> = fc.oneof(
  names.map((targets) => ({ kind: 'ordered' as const, targets })),
  names.map((targets) => ({ kind: 'cheapest' as const, targets })),
  names.map((targets) => ({ kind: 'fastest' as const, targets })),
  fc.array(fc.record({ target: name, weight: fc.nat(3) }), { minLength: 1, maxLength: 3 }).map((targets) => ({
    kind: 'weighted' as const,
    targets,
  })),
);
const when: fc.Arbitrary<RouteConditions> = fc.record(
  {
    project: fc.constantFrom(['x'], ['*']),
    agent: fc.constant(['cla*']),
    model: fc.constantFrom(['*5*'], ['small']),
    role: fc.constantFrom('main' as const, 'small' as const),
    input: fc.record({ sign: fc.constantFrom('<' as const, '>=' as const), value: fc.nat(300_000) }),
    tools: fc.boolean(),
    image: fc.boolean(),
    time: fc.record({ from: fc.nat(1439), to: fc.nat(1439) }),
    day: fc.array(fc.nat(6)),
  },
  { requiredKeys: [] },
);
const rules: fc.Arbitrary<RouteRule[]> = fc
  .array(
    fc.record({
      when,
      to: fc.array(fc.oneof(name, fc.constantFrom('openrouter/*', 'ollama/*')), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
    { maxLength: 4 },
  )
  .map((list) => list.map((one, index) => ({ ...one, name: `r${index}`, line: index + 1 })));
const config: fc.Arbitrary<Config> = fc
  .record({
    default: fc.option(name),
    small: fc.option(name),
    unknownModel: fc.constantFrom('error' as const, 'default' as const),
    aliases: fc
      .dictionary(fc.constantFrom('a', 'b', 'c', 'small'), alias)
      .map((all) => new Map(Object.entries(all))),
    fallbacks: fc.constantFrom(new Map(), new Map([['openai', ['openrouter']]])),
    routes: rules,
  })
  .map((some) => ({ ...DEFAULTS, ...some }));
const request: fc.Arbitrary<RouteRequest> = fc
  .record({
    agent: fc.constantFrom(null, 'claude', 'codex'),
    project: fc.constantFrom(null, 'x'),
    session: fc.constantFrom(null, 's1', 's2'),
    protocol: fc.constantFrom('openai-chat' as const, 'anthropic-messages' as const, 'gemini' as const),
    endpoint: fc.constantFrom('generate' as const, 'generate' as const, 'embeddings' as const),
    model: name,
    facts: fc
      .record({
        inputTokens: fc.nat(400_000),
        images: fc.boolean(),
        documents: fc.boolean(),
        tools: fc.boolean(),
      })
      .map((facts) => () => facts),
  })
  .map(({ model, ...more }) => requestOf(model, more));
const setting = fc.record({
  config,
  request,
  keys: fc.subarray(['openai', 'anthropic', 'groq', 'openrouter'], { minLength: 1 }),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  parked: fc.subarray(['openai', 'groq']),
  pools: fc.subarray(['groq', 'openrouter']),
  stuck: fc.constantFrom(undefined, 'groq/x', 'openai/gpt-5'),
});

type Given = typeof setting extends fc.Arbitrary<infer T> ? T : never;

const stateFor = ({ config, keys, random, parked, pools, stuck }: Given): RouteState =>
  stateOf(catalog, keys, config, {
    random,
    stuck: () => stuck,
    health: ({ provider }) => (parked.includes(provider.id) ? { ...WELL, state: 'parked' } : WELL),
    keyLabels: ({ id }) => (pools.includes(id) ? ['k1', 'k2'] : []),
  });

function outcome(given: Given): Plan | GatewayError {
  try {
    return plan(given.request, stateFor(given));
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

/** A plan with what it tells only when it is asked. */
const told = (found: Plan | GatewayError): unknown =>
  found instanceof GatewayError ? found : { ...found, verdicts: found.verdicts() };

test('any configuration and request: the same plan again, callable targets, the first rule that matches, or a refusal', () => {
  let plans = 0;
  fc.assert(
    fc.property(setting, (given) => {
      const found = outcome(given);
      const again = outcome(given);
      if (found instanceof GatewayError) {
        expect(again).toMatchObject({ message: found.message });
        expect(found.message).toMatch(/^unorouter: [\x20-\x7e]+$/);
        expect(found.status).toBe(400);
        return;
      }
      plans++;
      expect(told(again)).toEqual(told(found));
      expect(found.targets.length).toBeGreaterThan(0);
      const labelled = found.targets.map((target) => `${targetId(target)}#${target.key}`);
      expect(new Set(labelled).size).toBe(labelled.length);
      const well = found.targets.map(({ provider }) => !given.parked.includes(provider.id));
      expect([...well].sort((a, b) => Number(b) - Number(a))).toEqual(well);
      for (const { provider, surface } of found.targets)
        expect(surface.auth === 'none' || given.keys.includes(provider.id)).toBe(true);
      expect(found.verdicts().filter(({ matched }) => matched)).toEqual(found.verdicts().slice(-1));
      const last = found.verdicts().at(-1);
      if (last && last.rule !== 'default') expect(found.rule).toBe(last.rule);
      const order = [...given.config.routes.map((rule) => rule.name), 'small', 'default'];
      const places = found.verdicts().map(({ rule }) => order.indexOf(rule));
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }),
    { numRuns: 1_000 },
  );
  expect(plans).toBeGreaterThan(300);
});
