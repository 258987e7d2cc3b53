import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import type { SpendOptions } from './spend/query.ts';

/** `spend`: what was spent, added up by day or by whatever is asked for. */
export function spendCommand(context: Context): Command {
  const command = new Command('spend')
    .option(
      '--by <what>',
      'day, week, month, model, provider, agent, project, session, rule; two with a comma',
      'day',
    )
    .option('--since <time>', 'from when: 30d, 24h, today, monday, month, 2026-11-01 (default: 7d)')
    .option('--until <time>', 'until when; a day that is named belongs to it')
    .option('--session <id>', 'of one session: last, or a part of its id')
    .option('--month', 'this month')
    .option('--what-if <model>', 'what the same tokens would have cost on another model')
    .option('--demo', 'only the demo provider, which no other sum has in it')
    .option('--cache', 'what lost prompt caches cost, and why they were lost')
    .option('--check', 'exit 8 when a budget is used up, for scripts')
    .option('--no-bars', 'numbers only')
    .option('--csv', 'as a table for spreadsheets')
    .action(async (options: SpendOptions) =>
      (await import('./spend/report.ts')).reportSpending(context, options),
    );
  return withExamples(command, context, [
    ['spend', 'the last 7 days'],
    ['spend --by model,agent --since today', 'who used what today'],
    ['spend --session last --by model', 'what the conversation just now cost'],
    ['spend --by project --month --csv', 'this month, for a spreadsheet'],
    ['spend --by agent --what-if gpt-5-mini', 'the same tokens on another model'],
  ]);
}
