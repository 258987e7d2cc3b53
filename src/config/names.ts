import * as z from 'zod';
import { settingsSchema } from './schema/settings.ts';
import { closest } from './suggest.ts';

/** As much of a JSON Schema as is needed to find the names of settings. */
export interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | false;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
}

/** Words of other programs, and what they are here. */
const FOREIGN_WORDS: Readonly<Record<string, string>> = {
  model: 'default',
  default_model: 'default',
  base_url: 'url',
  baseURL: 'url',
  api_base: 'url',
  endpoint: 'url',
  dialect: 'protocol',
  wire_api: 'protocol',
  type: 'protocol',
  rules: 'routes',
  max_retries: 'attempts',
  headers_timeout: 'headers',
};

const KEY_WORDS = /^(api[_-]?keys?|key|token|secret)$/i;

/** A JSON Schema for editors (draft 2020-12). */
export function configSchema(): Record<string, unknown> {
  return { title: 'unorouter config.yaml', ...z.toJSONSchema(settingsSchema, { io: 'input' }) };
}

/** The top of the schema. */
export const schemaRoot = (): SchemaNode => configSchema() as SchemaNode;

/** All nodes that may describe the value one step further. */
export function inside(node: SchemaNode, step: PropertyKey): SchemaNode[] {
  const direct = node.properties?.[String(step)] ?? node.items ?? (node.additionalProperties || undefined);
  const further = (node.anyOf ?? []).flatMap((option) => inside(option, step));
  return direct ? [direct, ...further] : further;
}

function namesIn(node: SchemaNode): string[] {
  return [...Object.keys(node.properties ?? {}), ...(node.anyOf ?? []).flatMap(namesIn)];
}

/** Full paths of settings with that last name, for somebody who wrote it at the wrong level. */
function elsewhere(root: SchemaNode, name: string): string[] {
  return Object.entries(root.properties ?? {}).flatMap(([key, node]) => {
    const below = elsewhere(node, name).map((path) => `${key}.${path}`);
    return key === name ? [key, ...below] : below;
  });
}

/** A setting that somebody who wrote an unknown key probably meant. */
interface Meant {
  /** As it should be written at that place; the whole path when it belongs elsewhere. */
  word: string;
  path: readonly string[];
}

/** What somebody probably meant who wrote a key that is no setting at that path. */
export function meantSetting(path: readonly PropertyKey[], key: string): Meant | undefined {
  const root = schemaRoot();
  const known = path.reduce<SchemaNode[]>((nodes, step) => nodes.flatMap((n) => inside(n, step)), [root]);
  const siblings = known.flatMap(namesIn);
  const foreign = FOREIGN_WORDS[key];
  const near = foreign !== undefined && siblings.includes(foreign) ? foreign : closest(key, siblings);
  if (near !== undefined) return { word: near, path: [...path.map(String), near] };
  const word = elsewhere(root, key).find((found) => found !== key);
  return word === undefined ? undefined : { word, path: word.split('.') };
}

/** Somebody tries to write down a provider's key. */
export const isKeyOfProvider = (path: readonly PropertyKey[], key: string): boolean =>
  path[0] === 'providers' && KEY_WORDS.test(key);

/** What somebody who wrote an unknown key probably wants. */
export function suggestSetting(path: readonly PropertyKey[], key: string): string | undefined {
  if (isKeyOfProvider(path, key)) return 'keys are not kept here: unorouter keys add';
  const found = meantSetting(path, key);
  return found && `did you mean "${found.word}"?`;
}
