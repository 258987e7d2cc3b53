import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

/** `init`: keys, default model, agent and a test, one question each; every one can be skipped and asked again. */
export function initCommand(context: Context): Command {
  const command = new Command('init').action(async () => (await import('./init/run.ts')).runInit(context));
  return withExamples(command, context, [
    ['init', 'keys, default model, agent, a test: each can be skipped'],
    ['init --no-input', 'what there is, and which command does the rest; writes nothing'],
    ['init --no-input -y', 'store the keys that are found, send a test; change no agent'],
  ]);
}
