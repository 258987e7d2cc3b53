import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

/** `use`: the default model. */
export function useCommand(context: Context): Command {
  const command = new Command('use')
    .argument('[model]', 'a model name, provider/model, an alias, or - for the one before')
    .option('--unset', 'have no default model')
    .action(async (name: string | undefined, flags: { unset?: true }) => {
      const { useModel } = await import('./use/use.ts');
      await useModel(context, name, flags);
    });
  return withExamples(command, context, [
    ['use', 'what the default is, and where it is set'],
    ['use claude-sonnet-4-5', 'set it'],
    ['use openrouter/z-ai/glm-4.6', 'set it, from this provider only'],
    ['use -', 'go back to the one before'],
  ]);
}
