import { sep } from 'node:path';
import type { Context } from '../../context.ts';

/** A path as people write it: `~` for the home directory, on a terminal of a Unix. Piped it stays whole, for programs. */
export function tildePath(context: Context, path: string): string {
  const home = context.env.HOME;
  const short = context.stdout.tty && sep === '/' && home && path.startsWith(`${home}/`);
  return short ? `~${path.slice(home.length)}` : path;
}
