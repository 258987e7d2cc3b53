import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

/** `replay`: a recorded request again, at another model. */
export function replayCommand(context: Context): Command {
  const command = new Command('replay')
    .argument('<request>', 'any part of its id, -1 for the last one, or its time 14:02:31')
    .requiredOption('--model <name>', 'the model that is to answer it now')
    .action(async (request: string, flags: { model: string }) =>
      (await import('./replay/run.ts')).replayRequest(context, request, flags.model),
    );
  return withExamples(command, context, [
    ['serve --bodies on', 'first: record what is said'],
    ['replay 7k2m9q --model deepseek/deepseek-chat', 'cost, time, tool calls and text, side by side'],
  ]);
}
