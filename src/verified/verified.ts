import { dirname } from 'node:path';
import { ensurePrivateDir, readOwned, writePrivate } from '../home/index.ts';
import type { Abilities, Verified, VerifiedCheck } from './types.ts';

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

const KINDS: Readonly<Record<string, string>> = {
  tools: 'boolean',
  vision: 'boolean',
  reasoning: 'boolean',
  context: 'number',
};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function isCheck(value: unknown): value is VerifiedCheck {
  const { id, title, verdict, note, costNanoUsd } = fieldsOf(value);
  const words = [id, title, verdict, note].every((text) => typeof text === 'string');
  return words && (costNanoUsd === null || typeof costNanoUsd === 'number');
}

function isVerified(row: unknown): row is Verified {
  const { target, at, checks, abilities } = fieldsOf(row);
  return (
    typeof target === 'string' &&
    Number.isFinite(at) &&
    Array.isArray(checks) &&
    checks.every(isCheck) &&
    typeof abilities === 'object' &&
    abilities !== null &&
    Object.entries(fieldsOf(abilities)).every(([name, value]) => typeof value === KINDS[name])
  );
}

/** Keeps one result in the place of an older one, and returns all of them. @throws UserError `cannot_write` */
export function saveVerified(file: string, result: Verified): ReadonlyMap<string, Verified> {
  const rows = new Map(readVerified(file)).set(result.target, result);
  ensurePrivateDir(dirname(file));
  writePrivate(file, `${JSON.stringify([...rows.values()], null, 1)}\n`);
  return rows;
}

/** For the catalog. What demo models do is a script: nobody is kept from them by it. */
export function abilitiesOf(all: ReadonlyMap<string, Verified>): ReadonlyMap<string, Abilities> {
  const real = [...all].filter(([target]) => !target.startsWith('demo/'));
  return new Map(real.map(([target, { abilities }]) => [target, abilities]));
}
