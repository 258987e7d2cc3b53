import { type KeyEntry, keyName } from '../../../keys/index.ts';
import type { Look } from '../../render/index.ts';

/** What to show of keys: names and sources, never values. */
export interface KeyFacts {
  keys: readonly KeyEntry[];
  /** Providers that a key could be added for. */
  known: number;
  prefix: string;
}

/** Groups of items, already painted: an item is never broken, a group begins on a line of its own. */
export function keyGroups({ keys, known, prefix }: KeyFacts, look: Look): string[][] {
  const { dot, circle } = look.glyphs;
  const { green, dim } = look.style;
  const found = keys.filter((key) => key.source !== null);
  const stored = (['keychain', 'file'] as const)
    .map((source) => found.filter((key) => key.source === source))
    .filter((group) => group.length > 0)
    .map((group) => [
      ...group.map((key) => `${green(dot)} ${keyName(key)}`),
      dim(`(${group[0]?.where ?? ''})`),
    ]);
  const given = found
    .filter((key) => key.source === 'environment' || key.source === 'well-known')
    .map(({ provider, where }) => [`${green(dot)} ${provider}`, dim(`from ${where}, not stored`)]);
  const more = known - new Set(found.map(({ provider }) => provider)).size;
  const rest = more > 0 ? [[`${dim(circle)} ${more} others`, dim(`${prefix} keys add <provider>`)]] : [];
  return [...stored, ...given, ...troubled(keys, look), ...rest];
}

const TROUBLE: Partial<Record<NonNullable<KeyEntry['problem']>, string>> = {
  locked: 'keychain locked, or key removed there',
  'foreign-origin': 'its key belongs to another address',
};

function troubled(keys: readonly KeyEntry[], { glyphs, style }: Look): string[][] {
  return keys.flatMap((key) => {
    const { problem, source } = key;
    const words = problem === null || source !== null ? undefined : TROUBLE[problem];
    return words ? [[`${style.yellow(glyphs.warn)} ${keyName(key)}`, words]] : [];
  });
}
