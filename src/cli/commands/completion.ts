import { Argument, Command } from 'commander';
import { type CommandFactory, withExamples } from '../command.ts';
import type { Context } from '../context.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** `completion SHELL`: the script on stdout. It asks `complete`, so it never grows old. */
export function completionCommand(context: Context): Command {
  const command = new Command('completion')
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS))
    .action(async (shell: string) => (await import('./completion/answer.ts')).printScript(shell));
  return withExamples(command, context, [
    ['completion zsh > ~/.zfunc/_unorouter', 'zsh, with ~/.zfunc in $fpath'],
    ['completion bash > ~/.local/share/bash-completion/completions/unorouter', 'bash'],
    ['completion fish > ~/.config/fish/completions/unorouter.fish', 'fish'],
    ['completion powershell >> $PROFILE', 'PowerShell'],
  ]);
}

/** `complete -- WORDS`: what may stand at the last word of a program. Asked by the scripts, without a network. */
export function completeCommand(whole: (context: Context) => Promise<Command>): CommandFactory {
  return (context) =>
    new Command('complete').argument('[words...]').action(async (words: string[]) => {
      const { complete } = await import('./completion/answer.ts');
      await complete(context, await whole(context), words);
    });
}
