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

/**
 * The quirks of a model at a provider. What the row says (or a user in its place) always holds; a rule can only take
 * back what another rule gave.
 */
export function quirksOf(provider: Provider | undefined, model: string): ReadonlySet<Quirk> {
  const name = ruleName(model);
  const found = new Set<Quirk>();
  for (const rule of RULES) {
    if (!rule.applies(provider?.id ?? '', name)) continue;
    for (const quirk of rule.add) found.add(quirk);
    for (const quirk of rule.drop) found.delete(quirk);
  }
  for (const quirk of provider?.quirks ?? []) found.add(quirk);
  return found;
}
