import type { Command } from 'commander';
import type { Context } from './context.ts';

/**
 * What a command's file exports: `xCommand(context)` gives a commander command with its flags and an action. The action
 * imports what it needs when it runs, so that help is instant. It may throw UserError; it answers on `context.stdout`.
 */
export type CommandFactory = (context: Context) => Command;

/** `[arguments, what it does]`, without the program's name. */
type Example = readonly [string, string];

const shown = new WeakSet<Command>();

/**
 * Puts examples in front of a command's help. A command of it without its own shows those that begin with its words, so
 * this comes when all of them are there.
 */
export function withExamples(command: Command, context: Context, examples: readonly Example[]): Command {
  shown.add(command);
  for (const part of command.commands.filter((one) => !shown.has(one))) {
    const words = `${command.name()} ${part.name()}`;
    const own = examples.filter(([line]) => line === words || line.startsWith(`${words} `));
    if (own.length > 0) withExamples(part, context, own);
  }
  return command.addHelpText('before', `Examples:\n${exampleLines(context, examples)}\n`);
}

/** Side by side where that fits, else what an example does stands below it. */
function exampleLines(context: Context, examples: readonly Example[]): string {
  const lines = examples.map(([line, about]) => [`${context.prefix} ${line}`, about] as const);
  const widest = Math.max(...lines.map(([line]) => line.length));
  const fits = lines.every(([, about]) => widest + about.length + INDENT + GAP <= helpWidth(context));
  return lines
    .map(([line, about]) => (fits ? `  ${line.padEnd(widest)}   ${about}` : `  ${line}\n      ${about}`))
    .join('\n');
}

const INDENT = 2;
const GAP = 3;
const WIDEST_HELP = 100;

/** Columns of help: it is read, so piped it is not wider than on a screen. */
export function helpWidth(context: Context): number {
  return Math.min(context.stdout.width(), WIDEST_HELP);
}
