import { join } from 'node:path';
import { ensurePrivateDir, readOwned, writePrivate } from '../home/index.ts';
import { dayName } from './spans.ts';
import { NO_RAISES } from './standing.ts';
import type { Raises } from './types.ts';

const fileOf = (stateDir: string): string => join(stateDir, 'budget-raises.json');

/** What was raised for a day. Whatever makes no sense in the file raises nothing. @throws UserError `unsafe_file`, `cannot_read` */
export function readRaises(stateDir: string): Raises {
  const text = readOwned(fileOf(stateDir));
  if (text === null) return NO_RAISES;
  try {
    const { day, nanoUsd } = JSON.parse(text) as Partial<Raises>;
    if (typeof day !== 'string' || typeof nanoUsd !== 'object' || nanoUsd === null) return NO_RAISES;
    const amounts = Object.entries(nanoUsd).filter(([, nano]) => Number.isSafeInteger(nano) && nano > 0);
    return { day, nanoUsd: Object.fromEntries(amounts) };
  } catch {
    return NO_RAISES;
  }
}

/**
 * Adds to budgets for today only: the next local midnight ends it. 0 takes back what was added before.
 * @throws UserError `unsafe_file`, `cannot_write`
 */
export function raise(stateDir: string, names: readonly string[], nanoUsd: number, now: number): Raises {
  const day = dayName(now);
  const before = readRaises(stateDir);
  const amounts: Record<string, number> = before.day === day ? { ...before.nanoUsd } : {};
  for (const name of names) {
    if (nanoUsd === 0) delete amounts[name];
    else amounts[name] = (amounts[name] ?? 0) + nanoUsd;
  }
  ensurePrivateDir(stateDir);
  const raises = { day, nanoUsd: amounts };
  writePrivate(fileOf(stateDir), `${JSON.stringify(raises)}\n`);
  return raises;
}
