import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import type { UninstallFlags } from './uninstall/run.ts';

/** `uninstall`: every agent as it was, no service, no server; keys and data only when asked for. */
export function uninstallCommand(context: Context): Command {
  const command = new Command('uninstall')
    .option('--keep-data', 'do not ask about keys, configuration and ledger: they stay, also with -y')
    .option('--dry-run', 'only show what would be done')
    .action(async (flags: UninstallFlags) =>
      (await import('./uninstall/run.ts')).runUninstall(context, flags),
    );
  return withExamples(command, context, [
    ['uninstall --dry-run', 'what was set up, what is stored, where'],
    ['uninstall', 'undo every setup, remove the service; keys and data after asking'],
    ['uninstall --keep-data -y', 'the same without questions; keys, configuration and ledger stay'],
  ]);
}
