import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

/** `status`: whether a server runs, where, and what today cost. Exit 5 when none does. */
export function statusCommand(context: Context): Command {
  const command = new Command('status')
    .option('--wait [duration]', 'wait until it runs, for scripts (10s)')
    .action(async (flags: { wait?: string | true }) => {
      const { runStatus } = await import('./status/run.ts');
      await runStatus(context, flags.wait);
    });
  return withExamples(command, context, [
    ['status', 'is it running, and what did today cost'],
    ['status --wait 10s', 'give a server that has just been started this time to be ready'],
    ['status --json', 'the same for programs'],
  ]);
}
