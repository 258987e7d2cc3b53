import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePrivateDir, readOwned } from '../home/index.ts';
import { timeOfUlid } from '../ulid.ts';
import type { KeptBodies } from './types.ts';

const FILE = /^[0-9A-HJKMNP-TV-Z]{26}\.json$/;

const fileOf = (dir: string, id: string): string => join(dir, `${id}.json`);

/** What was kept of an exchange; null = nothing, or a file that was not written to its end. @throws UserError `unsafe_file` */
export function readBodies(dir: string, id: string): KeptBodies | null {
  const text = FILE.test(`${id}.json`) ? readOwned(fileOf(dir, id)) : null;
  try {
    return text === null ? null : (JSON.parse(text) as KeptBodies);
  } catch {
    return null;
  }
}

/** Writes one, for its owner's eyes. Returns its size in bytes. Not followed by fsync: what a crash takes is no record. */
export async function writeBodies(dir: string, bodies: KeptBodies): Promise<number> {
  ensurePrivateDir(dir);
  const bytes = Buffer.from(JSON.stringify(bodies));
  // `wx`: never through a link that somebody has put there.
  await writeFile(fileOf(dir, bodies.id), bytes, { mode: 0o600, flag: 'wx' });
  return bytes.length;
}

/** All of them, oldest first; none where there is no directory. */
async function list(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  return names.filter((name) => FILE.test(name)).sort();
}

/** Their size in bytes. */
export async function sizeOfBodies(dir: string): Promise<number> {
  let size = 0;
  for (const name of await list(dir)) size += await sizeOf(join(dir, name));
  return size;
}

const sizeOf = async (file: string): Promise<number> =>
  await stat(file).then(
    ({ size }) => size,
    () => 0,
  );

/**
 * Deletes what began before a time (ms since 1970; null = no matter when), then the oldest until the rest is not larger
 * than `maxBytes` (null = however large). Returns how many are gone.
 */
export async function pruneBodies(
  dir: string,
  { before, maxBytes }: { before: number | null; maxBytes: number | null },
): Promise<number> {
  const names = await list(dir);
  const old = before === null ? [] : names.filter((name) => timeOfUlid(name) < before);
  for (const name of old) await rm(join(dir, name), { force: true });
  if (maxBytes === null) return old.length;
  let left = await sizeOfBodies(dir);
  let gone = old.length;
  for (const name of names.slice(old.length)) {
    if (left <= maxBytes) break;
    left -= await sizeOf(join(dir, name));
    await rm(join(dir, name), { force: true });
    gone++;
  }
  return gone;
}
