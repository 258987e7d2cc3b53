import { dirname } from 'node:path';
import { ensurePrivateDir, readOwned, writePrivate } from '../home/index.ts';
import type { Abilities, Verified } from './types.ts';

/** What was found out of models, by `provider/model`; a file that cannot be read as such says nothing. @throws UserError `unsafe_file` */
export function readVerified(file: string): ReadonlyMap<string, Verified> {
  try {
    const rows: unknown = JSON.parse(readOwned(file) ?? '[]');
    const known = Array.isArray(rows) ? rows.filter(isVerified) : [];
    return new Map(known.map((row) => [row.target, row]));
  } catch (error) {
    if (error instanceof SyntaxError) return new Map();
    throw error;
  }
}

function isVerified(row: unknown): row is Verified {
  if (typeof row !== 'object' || row === null) return false;
  const { target, checks, abilities } = row as Partial<Verified>;
  return (
    typeof target === 'string' && Array.isArray(checks) && typeof abilities === 'object' && abilities !== null
  );
}

/** Keeps one result in the place of an older one. @throws UserError `cannot_write` */
export function saveVerified(file: string, result: Verified): void {
  const rows = new Map(readVerified(file)).set(result.target, result);
  ensurePrivateDir(dirname(file));
  writePrivate(file, `${JSON.stringify([...rows.values()], null, 1)}\n`);
}

/** For the catalog. What demo models do is a script: nobody is kept from them by it. */
export function abilitiesOf(all: ReadonlyMap<string, Verified>): ReadonlyMap<string, Abilities> {
  const real = [...all].filter(([target]) => !target.startsWith('demo/'));
  return new Map(real.map(([target, { abilities }]) => [target, abilities]));
}
