import { inside, isKeyOfProvider, meantSetting, type SchemaNode, schemaRoot } from './names.ts';
import { closest } from './suggest.ts';
import type { SettingName } from './types.ts';

/** A dotted name on its way through the schema. */
interface Reading {
  path: readonly string[];
  /** It takes an entry of a list by its number. */
  counts: boolean;
  /** Its last key is dotted, and names something that has settings of its own: `providers.acme.api_key` as a provider. */
  stretched: boolean;
}

/** More words than any name of a setting has. */
const MOST_WORDS = 20;

const isOpen = (node: SchemaNode): boolean =>
  Boolean(node.additionalProperties) || (node.anyOf ?? []).some(isOpen);

const isList = (node: SchemaNode): boolean => node.items !== undefined || (node.anyOf ?? []).some(isList);

/** Every way to read words as keys: names that the user chose (models, providers) may hold dots. Short keys come first. */
function readings(nodes: readonly SchemaNode[], words: readonly string[]): Reading[] {
  if (words.length === 0) return nodes.length > 0 ? [{ path: [], counts: false, stretched: false }] : [];
  const longest = nodes.some(isOpen) ? words.length : 1;
  return Array.from({ length: longest }, (_, i) => i + 1).flatMap((length) => {
    const key = words.slice(0, length).join('.');
    const isNumber = /^\d+$/.test(key);
    const next = nodes.filter((node) => isNumber || !isList(node) || isOpen(node));
    const counts = isNumber && nodes.some(isList);
    const found = next.flatMap((node) => inside(node, key));
    const isStretched = length > 1 && length === words.length && found.every(({ properties }) => properties);
    return readings(found, words.slice(length)).map((rest) => ({
      path: [key, ...rest.path],
      counts: counts || rest.counts,
      stretched: isStretched || rest.stretched,
    }));
  });
}

/**
 * The keys that a name such as `server.port`, `routes[0].to` or `aliases.gpt-5.1` stands for. Where it can be read in
 * several ways, one that `exists` wins.
 */
export function readSettingName(name: string, exists: (path: readonly string[]) => boolean): SettingName {
  const words = name.replace(/\[(\d{1,6})\]/g, '.$1').split('.');
  const root = schemaRoot();
  if (words.length > MOST_WORDS) return { unknown: { meant: undefined, isKey: false } };
  const all = readings([root], words);
  const likely = all.filter(({ stretched }) => !stretched);
  const found = all.find(({ path }) => exists(path)) ?? likely.find(({ counts }) => !counts) ?? likely[0];
  return found ? { path: found.path } : { unknown: unknownSetting(root, words) };
}

/** Full names of all settings that the schema names. */
const named = (node: SchemaNode): string[] =>
  Object.entries(node.properties ?? {}).flatMap(([key, inner]) => [
    key,
    ...named(inner).map((name) => `${key}.${name}`),
  ]);

function unknownSetting(root: SchemaNode, words: readonly string[]): NonNullable<SettingName['unknown']> {
  const known = words.findIndex((_, i) =>
    readings([root], words.slice(0, i + 1)).every(({ stretched }) => stretched),
  );
  const at = known < 0 ? 0 : known;
  const path = words.slice(0, at);
  const key = words[at] ?? '';
  const near = meantSetting(path, key)?.path.join('.');
  return { meant: near ?? closest(words.join('.'), named(root)), isKey: isKeyOfProvider(path, key) };
}
