import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import type { DemoFlags } from './demo/run.ts';

/** `demo`: the live log fills by itself, without a key and without a network. */
export function demoCommand(context: Context): Command {
  const command = new Command('demo')
    .option('--seconds <n>', 'how long it plays (20)', '20')
    .option('--keep', 'keep its private directory, and say where it is')
    .action(async (flags: DemoFlags) => (await import('./demo/run.ts')).runDemo(context, flags));
  return withExamples(command, context, [
    ['demo', 'watch 14 requests of three made-up agents'],
    ['demo --seconds 0 --keep', 'all at once; look at them afterwards'],
  ]);
}
