import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import type { ReconcileOptions } from './reconcile/run.ts';

/** `reconcile`: our bill beside the provider's own. */
export function reconcileCommand(context: Context): Command {
  const command = new Command('reconcile')
    .argument('<provider>', 'openrouter, openai or anthropic; any with --csv')
    .option('--csv <file>', "the provider's own export instead of its API; - reads stdin")
    .option('--requests', 'each request by the id of its answer (openrouter), with the ordinary key')
    .option('--since <time>', 'from when, in days of UTC: 7d, month, 2026-11-01', '7d')
    .option('--until <time>', 'until when; a day that is named belongs to it')
    .action(async (provider: string, options: ReconcileOptions) =>
      (await import('./reconcile/run.ts')).reconcile(context, provider, options),
    );
  return withExamples(command, context, [
    ['keys add openai --label admin --no-test', 'a key that may read what is billed'],
    ['reconcile openai --since month', 'day by day and model by model'],
    ['reconcile openrouter --requests --since today', 'request by request'],
    ['reconcile anthropic --csv costs.csv', 'with an export of the console'],
  ]);
}
