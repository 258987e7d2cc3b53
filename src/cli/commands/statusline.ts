import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

/** `statusline`: one line of facts of the running server, for an agent's status bar. Always exit 0. */
export function statuslineCommand(context: Context): Command {
  const command = new Command('statusline').action(async () =>
    (await import('./status/line.ts')).printStatusline(context),
  );
  return withExamples(command, context, [
    ['statusline', 'in Claude Code: statusLine.command of its settings'],
  ]);
}
