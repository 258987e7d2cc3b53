import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

/** `stop`: asks the running server to end, and waits until it has. */
export function stopCommand(context: Context): Command {
  const command = new Command('stop')
    .option('--timeout <duration>', 'how long to wait for it (30s)')
    .option('--force', 'drop live requests')
    .action(async (flags: { timeout?: string; force?: true }) => {
      const { runStop } = await import('./stop/run.ts');
      await runStop(context, flags);
    });
  return withExamples(command, context, [
    ['stop', 'let live requests finish, then end'],
    ['stop --force', 'end at once'],
  ]);
}
