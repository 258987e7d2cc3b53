import { basename } from 'node:path';
import { DEFAULT_SETTINGS } from './defaults.ts';
import type { SettingOrigin } from './types.ts';

/** Settings that a flag or a variable beats. Other settings exist in the file only. */
const STRONGER: Readonly<Record<string, { flag: string; env: string }>> = {
  default: { flag: 'model', env: 'UNOROUTER_MODEL' },
  'server.host': { flag: 'host', env: 'UNOROUTER_HOST' },
  'server.port': { flag: 'port', env: 'UNOROUTER_PORT' },
};

/** What may hold a setting. */
export interface OriginPlaces {
  env: Readonly<Record<string, string | undefined>>;
  /** Flags that were given, by name without dashes. */
  flags: Readonly<Record<string, unknown>>;
  file: string;
  /** The file's text; null = there is no file. */
  source: string | null;
}

function stronger(path: readonly string[], { env, flags }: OriginPlaces): SettingOrigin | undefined {
  const names = STRONGER[path.join('.')];
  if (!names) return undefined;
  const flag = flags[names.flag];
  if (flag !== undefined) return { source: 'flag', where: `--${names.flag}`, value: spoken(flag) };
  const variable = env[names.env];
  return variable ? { source: 'env', where: `$${names.env}`, value: spoken(variable) } : undefined;
}

/** Flags and variables hold only text; a port is a number in the file. */
const spoken = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;

/** For `config get K --show-origin`: the place that wins, and the value as it is written there. */
export async function describeOrigin(path: readonly string[], places: OriginPlaces): Promise<SettingOrigin> {
  const strong = stronger(path, places);
  if (strong) return strong;
  const { valueAt, writtenAt } = await import('./edit/text.ts');
  const written = places.source === null ? undefined : writtenAt(places.source, path);
  if (written) {
    return { source: 'file', where: `${basename(places.file)}:${written.line}`, value: written.value };
  }
  return { source: 'default', where: 'default', value: valueAt(DEFAULT_SETTINGS, path) };
}

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the file says, laid over what holds without it. A key without a value says nothing. */
function laidOver(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isData(below) || !isData(above)) return above;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries([...keys].map((key) => [key, laidOver(below[key], above[key])]));
}

/**
 * Every setting that holds, in the words and the order of the schema: what flags and variables say over the file over the
 * defaults. A setting that nobody says is there as undefined.
 */
export async function effectiveSettings(places: OriginPlaces): Promise<unknown> {
  const { getIn } = await import('./edit/text.ts');
  const written = places.source === null ? undefined : getIn(places.source, []);
  const { schemaRoot } = await import('./names.ts');
  const order = Object.fromEntries(Object.keys(schemaRoot().properties ?? {}).map((key) => [key, undefined]));
  const data = laidOver(laidOver(order, DEFAULT_SETTINGS), written);
  const strong = Object.keys(STRONGER).map((name) => {
    const path = name.split('.');
    const value = stronger(path, places)?.value;
    return value === undefined ? undefined : path.reduceRight((inner, key) => ({ [key]: inner }), value);
  });
  return strong.reduce(laidOver, data);
}
