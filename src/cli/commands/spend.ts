import { Command } from 'commander';
import type { Context } from '../context.ts';

/** Placeholder until the command's own change lands. */
export function spendCommand(_context: Context): Command {
  return new Command('spend');
}
