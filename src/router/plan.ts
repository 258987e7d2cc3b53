import type { RouteRule } from '../config/index.ts';
import type { Choice } from './aliases.ts';
import { type Asking, createAsking } from './asking.ts';
import { surfaceFor, toTargets } from './candidates.ts';
import { ableTargets } from './capability.ts';
import { byHealth, withKeys } from './order.ts';
import { noTarget, notAble, unknownModel, type Way } from './refusals.ts';
import { fallbacksOf, resolveName, resolveRule } from './resolve.ts';
import { ruling, verdictsOn } from './rules.ts';
import type { Plan, RouteRequest, RouteState, RuleVerdict, Target } from './types.ts';
import { printable, targetId } from './words.ts';

/** What answers every name under `serve --demo`: safe for agents, because it never calls tools. */
const DEMO_MODEL = 'coder';

/** Names of the demo's own models: no rule sends them elsewhere. */
const isDemo = (model: string): boolean => model.toLowerCase().startsWith('demo/');

/**
 * Decides where a request goes: the first rule that matches, else the name that was asked for; then the targets that can
 * serve it, those that are well first. Pure: request + state in, plan out; never waits, never calls anybody.
 * @throws GatewayError of kind `config` when only the user can help: no key, unknown model, protocol not spoken, model not
 *   able; of kind `context-too-long` when the request fits into none
 */
export function plan(request: RouteRequest, state: RouteState): Plan {
  const asking = createAsking(request, state);
  if (state.demo && !isDemo(request.model)) return demoPlan(asking);
  const rule = ruleFor(asking);
  const resolution = rule ? resolveRule(rule, asking) : resolveName(request.model, asking);
  const way: Way = { rule, resolution };
  if (!resolution) throw unknownModel(asking, way);
  const wanted = resolution.candidates;
  const behind = wanted.flatMap((one) => fallbacksOf(one, asking));
  const { targets, passedOver } = toTargets([...wanted, ...behind], asking);
  if (targets.length === 0) throw noTarget(asking, way);
  const { able, objections, passedOver: unable } = ableTargets(targets, asking);
  if (able.length === 0 && objections[0]) throw notAble(objections[0], asking, way);
  const ordered = byHealth(withKeys(able, asking), asking);
  return {
    targets: ordered.targets,
    rule: resolution.rule,
    why: [...resolution.why, ...translations(able, request), ...ordered.why],
    verdicts: () => verdictsFor(asking),
    passedOver: [
      ...resolution.unknown.map((target) => ({ target, why: 'nobody serves it' })),
      ...passedOver,
      ...unable,
    ],
    stick: stickOf(resolution.choice, ordered.targets),
    ...(rule?.strict === undefined ? {} : { strict: rule.strict }),
  };
}

/** A budget that is used up decides before every rule; nothing decides over the demo. */
function ruleFor(asking: Asking): RouteRule | null {
  const { downgrade, model } = asking.request;
  if (!downgrade) return isDemo(model) ? null : ruling(asking);
  const { name, line, to } = downgrade;
  return { name, line, when: {}, to: [to] };
}

function verdictsFor(asking: Asking): RuleVerdict[] {
  const { downgrade, model } = asking.request;
  if (!downgrade) return isDemo(model) ? [] : verdictsOn(asking);
  const { name, to } = downgrade;
  return [{ rule: name, matched: true, why: `is used up and sends it to ${to}` }];
}

/** A session stays where it was; a new one gets the first target of its alias that is well. */
function stickOf(choice: Choice | null, targets: readonly Target[]): Plan['stick'] {
  if (!choice || choice.key === null) return null;
  const target = choice.stuck ?? targets.map(targetId).find((id) => choice.ids.has(id));
  return target === undefined ? null : { key: choice.key, target };
}

/** One sentence for each target that does not speak the client's protocol. */
function translations(targets: readonly Target[], request: RouteRequest): string[] {
  return targets
    .filter(({ surface }) => surface.protocol !== request.protocol)
    .map(
      (target) =>
        `${printable(targetId(target))} does not speak ${request.protocol}: translated to ${target.surface.protocol}`,
    );
}

function demoPlan(asking: Asking): Plan {
  const { request, state } = asking;
  const provider = state.catalog.provider('demo');
  const surface = provider && surfaceFor(provider, DEMO_MODEL, request, state);
  if (!provider || !surface) throw unknownModel(asking, { rule: null, resolution: null });
  return {
    targets: [{ provider, model: DEMO_MODEL, surface }],
    rule: 'demo',
    why: ['started with --demo: the built-in demo provider answers every name'],
    verdicts: () => [],
    passedOver: [],
    stick: null,
  };
}
