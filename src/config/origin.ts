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
  if (flag !== undefined) return { source: 'flag', where: `--${names.flag}`, value: flag };
  const variable = env[names.env];
  return variable ? { source: 'env', where: `$${names.env}`, value: variable } : undefined;
}

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
