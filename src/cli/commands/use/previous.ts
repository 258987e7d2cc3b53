import { join } from 'node:path';
import { ensurePrivateDir, readOwned, writePrivate } from '../../../home/index.ts';
import type { Context } from '../../context.ts';

/** The default before the present one: a name, or null where there was none. */
export interface Previous {
  model: string | null;
}

const fileOf = ({ paths }: Context): string => join(paths.stateDir, 'previous-default');

/** What was kept at the last change; null = it was never changed. */
export function readPrevious(context: Context): Previous | null {
  const text = readOwned(fileOf(context));
  return text === null ? null : { model: text.trim() === '' ? null : text.trim() };
}

/** Keeps what a change replaces, for `use -`. */
export function keepPrevious(context: Context, model: string | null): void {
  ensurePrivateDir(context.paths.stateDir);
  writePrivate(fileOf(context), `${model ?? ''}\n`);
}
