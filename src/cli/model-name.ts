import { closest, type ModelInfo, type Provider } from '../catalog/index.ts';
import { EXIT, UserError } from '../errors.ts';
import { orderSellers } from '../router/index.ts';
import type { Shelves } from './shelves.ts';

/** One provider that a model name leads to. */
export interface Place {
  provider: Provider;
  /** The provider's own id, as it would be sent. */
  model: string;
  /** null = no catalog knows it; it is sent all the same. */
  info: ModelInfo | null;
  callable: boolean;
}

/** What a model name stands for, whatever protocol is spoken. */
export interface Reading {
  by: 'provider' | 'alias' | 'default' | 'name';
  /** Best first, those without a key included. */
  places: readonly [Place, ...Place[]];
}

/** The place that would serve: the first that can be called, else the first of all. */
export function bestPlace({ places }: Reading): Place {
  return places.find(({ callable }) => callable) ?? places[0];
}

function placeOf(provider: Provider, model: string, shelves: Shelves): Place {
  const info = shelves.catalog.info(provider.id, model) ?? null;
  return { provider, model, info, callable: shelves.callable(provider) };
}

function reading(by: Reading['by'], places: readonly Place[]): Reading | null {
  const [first, ...rest] = places;
  return first ? { by, places: [first, ...rest] } : null;
}

function byProvider(name: string, shelves: Shelves): Reading | null {
  const slash = name.indexOf('/');
  const model = name.slice(slash + 1);
  const provider = slash > 0 && model !== '' ? shelves.catalog.provider(name.slice(0, slash)) : undefined;
  return provider ? reading('provider', [placeOf(provider, model, shelves)]) : null;
}

function byAlias(name: string, shelves: Shelves): Reading | null {
  const targets = shelves.config.aliases.get(name)?.targets ?? [];
  const places = targets.flatMap((one) => {
    const target = typeof one === 'string' ? one : one.target;
    const read = target === name ? null : (byProvider(target, shelves) ?? byName(target, shelves));
    return read ? [bestPlace(read)] : [];
  });
  return reading('alias', places);
}

/** Everybody who sells a bare name, best first, whatever else the name may mean. */
export function sellersOfName(name: string, shelves: Shelves): Place[] {
  const { catalog, config } = shelves;
  const ordered = orderSellers(catalog.sellers(name), { catalog, prefer: config.prefer });
  return ordered.flatMap((seller) => {
    const provider = catalog.provider(seller.provider);
    return provider ? [placeOf(provider, seller.model, shelves)] : [];
  });
}

const byName = (name: string, shelves: Shelves): Reading | null =>
  reading('name', sellersOfName(name, shelves));

/** Whether a bare name leads to its sellers, and not to an alias or the default. */
export function isFreeName(name: string, { config }: Shelves): boolean {
  return name !== 'default' && name !== 'auto' && !config.aliases.has(name);
}

function byDefault(name: string, shelves: Shelves): Reading | null {
  const { defaultModel } = shelves;
  if ((name !== 'default' && name !== 'auto') || defaultModel === null || defaultModel === name) return null;
  const read = readName(defaultModel, shelves);
  return read && { ...read, by: 'default' };
}

/** Who serves a model name, in the order of decision "Which provider serves a name"; null = nobody knows it. */
export function readName(name: string, shelves: Shelves): Reading | null {
  return (
    byProvider(name, shelves) ?? byAlias(name, shelves) ?? byDefault(name, shelves) ?? byName(name, shelves)
  );
}

/** The word of a name that is worth searching for: its longest of letters; the later one of two as long. */
function searchWord(name: string): string | null {
  const words =
    name
      .split('/')
      .at(-1)
      ?.match(/[a-z]{3,}/gi) ?? [];
  return words.reduce<string | null>(
    (best, word) => (word.length >= (best?.length ?? 0) ? word : best),
    null,
  );
}

/** Error 11: nobody knows the name. `more` are further fixes. */
export function unknownModel(name: string, shelves: Shelves, ...more: string[]): UserError {
  const aliases = closest(name, shelves.config.aliases.keys(), 3);
  const near = [...aliases, ...shelves.catalog.suggest(name, 3)].slice(0, 3);
  const word = searchWord(name);
  const search = word === null ? '{cmd} models --all' : `{cmd} models search ${word.toLowerCase()}`;
  return new UserError({
    code: 'unknown_model',
    exit: EXIT.nothingFound,
    message: `unknown model "${name}"`,
    fix: [...(near.length > 0 ? [`did you mean ${near.join(' or ')}?`] : []), search, ...more],
  });
}
