import { script } from '@bomb.sh/tab';
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';

/** Writes the script that a shell loads. */
export function printScript(shell: string): void {
  script(shell, 'unorouter', 'unorouter');
}

/** Arguments of commands that stand for something that only the catalog knows. */
const NAMES: Readonly<Record<string, (shelves: Shelves) => string[]>> = {
  provider: ({ catalog }) => catalog.providers().map(({ id }) => id),
  model: ({ catalog, callable }) =>
    catalog
      .providers()
      .filter(callable)
      .flatMap(({ id }) => catalog.modelsOf(id).map((model) => `${id}/${model.id}`)),
};

/** Answers a shell: commands, flags, providers and models. Nobody is called. */
export async function complete(context: Context, program: Command, words: readonly string[]): Promise<void> {
  const root = tab(program);
  // The library's own way to be asked, which is ours.
  root.commands.delete('complete');
  // A broken configuration completes commands and flags all the same.
  const shelves = await loadShelves(context, { prices: false }).catch(() => null);
  for (const command of root.commands.values())
    for (const argument of command.arguments.values()) {
      const names = NAMES[argument.name];
      if (names && shelves)
        argument.handler = (add) => {
          for (const name of names(shelves)) add(name, '');
        };
    }
  root.parse([...words]);
}
