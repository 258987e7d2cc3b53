import { Command } from 'commander';
import type { Context } from '../context.ts';

/** Placeholder until the command's own change lands. */
export function useCommand(_context: Context): Command {
  return new Command('use');
}
