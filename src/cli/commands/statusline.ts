import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

/** `statusline`: one line of facts of the running server, for an agent's status bar. Always exit 0. */
export function statuslineCommand(context: Context): Command {
  const command = new Command('statusline').action(async () =>
    (await import('./status/line.ts')).printStatusline(context),
  );
  const setting = `"statusLine": { "type": "command", "command": "${context.prefix} statusline" }`;
  return withExamples(command, context, [
    ['statusline', 'default model, spent today, prompt cache, live requests'],
  ]).addHelpText('after', `\nClaude Code, in ~/.claude/settings.json:\n  ${setting}`);
}
