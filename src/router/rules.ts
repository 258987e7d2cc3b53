import type { Config, RouteRule } from '../config/index.ts';
import type { Asking } from './asking.ts';
import { missed } from './conditions.ts';
import type { RuleVerdict } from './types.ts';

/** Which rule applies, and how every rule up to it looked at the request. */
export interface Ruling {
  /** null = none: the model that was asked for. */
  rule: RouteRule | null;
  verdicts: RuleVerdict[];
}

/** Name of the rule that the setting `small` stands for. */
export const SMALL_RULE = 'small';

/** The user's rules, and behind them what `small:` means. */
function rulesOf({ routes, small }: Config): readonly RouteRule[] {
  if (small === null) return routes;
  return [...routes, { name: SMALL_RULE, line: null, when: { role: 'small' }, to: [small] }];
}

/** The first rule whose conditions all hold. */
export function ruling(asking: Asking): Ruling {
  const verdicts: RuleVerdict[] = [];
  for (const rule of rulesOf(asking.state.config)) {
    const miss = missed(rule.when, asking);
    verdicts.push({
      rule: rule.name,
      matched: miss === null,
      why: miss ?? `sends it to ${rule.to.join(', then ')}`,
    });
    if (miss === null) return { rule, verdicts };
  }
  verdicts.push({ rule: 'default', matched: true, why: 'sends the model that was asked' });
  return { rule: null, verdicts };
}
