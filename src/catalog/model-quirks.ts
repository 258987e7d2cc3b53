import { createMemo, type Memo } from '../memo.ts';
import { spelling } from './names.ts';
import { QUIRK_RULES, type QuirkRule } from './quirk-rules.data.ts';
import { isQuirk, type Quirk } from './quirks.ts';
import type { Provider } from './types.ts';

/** A rule that is ready to be asked. */
interface Rule {
  applies(provider: string, name: string): boolean;
  add: readonly Quirk[];
  drop: readonly Quirk[];
}

/** `*` and `?` only, of our own data. */
function pattern(globs: readonly string[]): RegExp {
  const sources = globs.map((glob) =>
    glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.'),
  );
  return new RegExp(`^(?:${sources.join('|')})$`);
}

function compile({ at, models, quirks }: QuirkRule): Rule {
  const names = pattern(models);
  const signed = (sign: string): Quirk[] =>
    quirks
      .filter((quirk) => quirk.startsWith(sign))
      .map((quirk) => quirk.slice(1))
      .filter(isQuirk);
  return {
    applies: (provider, name) => (at === undefined || at.includes(provider)) && names.test(name),
    add: signed('+'),
    drop: signed('-'),
  };
}

const RULES = QUIRK_RULES.map(compile);

/** The form in which rules name models: of `spelling()`, with Fireworks' `5p3` for 5.3 as the others write it. */
function ruleName(model: string): string {
  return spelling(model).replace(/(\d)p(?=\d)/g, '$1-');
}

const MOST_MODELS = 500;

/** What was found, by the row that it was found for: another configuration has other rows. */
const found = new WeakMap<Provider, Memo<ReadonlySet<Quirk>>>();

/**
 * The quirks of a model at a provider. What the row says (or a user in its place) always holds; a rule can only take
 * back what another rule gave. Every request asks, and the rules are 15 us of patterns: asked once for each name.
 */
export function quirksOf(provider: Provider | undefined, model: string): ReadonlySet<Quirk> {
  if (!provider) return byRules('', model, []);
  const { id, quirks } = provider;
  const memo = found.get(provider) ?? createMemo(MOST_MODELS, (name) => byRules(id, name, quirks));
  found.set(provider, memo);
  return memo.of(model);
}

function byRules(provider: string, model: string, own: readonly Quirk[]): ReadonlySet<Quirk> {
  const name = ruleName(model);
  const quirks = new Set<Quirk>();
  for (const rule of RULES) {
    if (!rule.applies(provider, name)) continue;
    for (const quirk of rule.add) quirks.add(quirk);
    for (const quirk of rule.drop) quirks.delete(quirk);
  }
  for (const quirk of own) quirks.add(quirk);
  return quirks;
}
