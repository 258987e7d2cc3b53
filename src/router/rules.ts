import type { Config, RouteRule } from '../config/index.ts';
import type { Asking } from './asking.ts';
import { type Check, checksOf, holdsAll, missed } from './conditions.ts';
import type { RuleVerdict } from './types.ts';

/** A rule, made ready to be asked. */
interface ReadyRule {
  rule: RouteRule;
  checks: readonly Check[];
}

/** Name of the rule that the setting `small` stands for. */
export const SMALL_RULE = 'small';

const ready = new WeakMap<Config, readonly ReadyRule[]>();

/** The user's rules, and behind them what `small:` means. A configuration is asked with every request, and made ready once. */
function rulesOf(config: Config): readonly ReadyRule[] {
  const before = ready.get(config);
  if (before) return before;
  const { routes, small } = config;
  const all: RouteRule[] = [...routes];
  if (small !== null) all.push({ name: SMALL_RULE, line: null, when: { role: 'small' }, to: [small] });
  const made = all.map((rule) => ({ rule, checks: checksOf(rule.when) }));
  ready.set(config, made);
  return made;
}

/** The first rule whose conditions all hold; null = none: the model that was asked for. */
export function ruling(asking: Asking): RouteRule | null {
  for (const { rule, checks } of rulesOf(asking.state.config)) if (holdsAll(checks, asking)) return rule;
  return null;
}

/** How every rule up to the one that applies looked at the request. */
export function verdictsOn(asking: Asking): RuleVerdict[] {
  const verdicts: RuleVerdict[] = [];
  for (const { rule, checks } of rulesOf(asking.state.config)) {
    const miss = missed(checks, asking);
    const why = miss ?? `sends it to ${rule.to.join(', then ')}`;
    verdicts.push({ rule: rule.name, matched: miss === null, why });
    if (miss === null) return verdicts;
  }
  return [...verdicts, { rule: 'default', matched: true, why: 'sends the model that was asked' }];
}
