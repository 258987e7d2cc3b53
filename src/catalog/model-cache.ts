import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pruned, valueAt } from './live-prices.ts';
import { saneRate } from './rates.ts';
import type { LiveModel, LivePrice } from './types.ts';

/** What one provider listed, and when (ms since 1970). */
export interface CachedList {
  provider: string;
  at: number;
  models: LiveModel[];
}

const VERSION = 1;
const SUFFIX = '.json';

/** Provider ids come from a configuration: whatever is in them, the file stays in the directory. */
function fileOf(directory: string, provider: string): string {
  return join(directory, `${encodeURIComponent(provider)}${SUFFIX}`);
}

const rate = (value: unknown, key: string): number | undefined => saneRate(valueAt(value, [key]));

const tokens = (value: unknown): number | undefined =>
  typeof value === 'number' && value > 0 && value <= 1e9 ? value : undefined;

const word = (value: unknown): string | undefined =>
  typeof value === 'string' && /^(soon|\d{4}-\d{2}-\d{2})$/.test(value) ? value : undefined;

const moment = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

const RATES = [
  ...(['input', 'output', 'cacheRead', 'cacheWrite'] as const),
  ...(['inputAudio', 'perRequest', 'perSearch'] as const),
] as const satisfies readonly (keyof LivePrice)[];

/** A model as we wrote it; anything else in the file is left out. */
function cachedModel(entry: unknown): LiveModel[] {
  const id = valueAt(entry, ['id']);
  if (typeof id !== 'string' || id === '') return [];
  const price = valueAt(entry, ['price']);
  const rates: LivePrice = pruned(Object.fromEntries(RATES.map((name) => [name, rate(price, name)])));
  const facts = pruned({
    context: tokens(valueAt(entry, ['context'])),
    maxOutput: tokens(valueAt(entry, ['maxOutput'])),
    price: Object.keys(rates).length > 0 ? rates : undefined,
    deprecated: word(valueAt(entry, ['deprecated'])),
    since: moment(valueAt(entry, ['since'])),
  });
  return [{ id, ...facts }];
}

function parseCached(text: string, now: number): CachedList[] {
  const file: unknown = JSON.parse(text);
  const [version, provider, at, models] = ['version', 'provider', 'at', 'models'].map((key) =>
    valueAt(file, [key]),
  );
  if (version !== VERSION || typeof provider !== 'string' || typeof at !== 'number' || !Array.isArray(models))
    return [];
  // A clock that was wrong once must not make a list the newest for ever.
  return [{ provider, at: Math.min(at, now), models: models.flatMap(cachedModel) }];
}

/** Every readable list in the directory. A file that cannot be read is as if absent: the next refresh writes it anew. */
export async function cachedLists(directory: string, now: number): Promise<CachedList[]> {
  const names = await readdir(directory).catch(() => []);
  const lists = await Promise.all(
    names
      .filter((name) => name.endsWith(SUFFIX))
      .map(async (name) => {
        try {
          return parseCached(await readFile(join(directory, name), 'utf8'), now);
        } catch {
          return [];
        }
      }),
  );
  return lists.flat();
}

/** What one provider listed last time; null = there is nothing that can be read. */
export async function cachedList(
  directory: string,
  provider: string,
  now: number,
): Promise<CachedList | null> {
  try {
    return parseCached(await readFile(fileOf(directory, provider), 'utf8'), now)[0] ?? null;
  } catch {
    return null;
  }
}

/** Replaces a provider's list. */
export async function writeList(directory: string, list: CachedList): Promise<void> {
  await writeWhole(
    directory,
    fileOf(directory, list.provider),
    JSON.stringify({ version: VERSION, ...list }),
  );
}

/** Writes a file in one step, in a directory that is made: readers see the old one or the new one, never half of one. */
export async function writeWhole(directory: string, file: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
