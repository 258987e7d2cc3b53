import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../usage-error.ts';
import type { ExportOptions } from './logs/export.ts';
import type { LogOptions } from './logs/filters.ts';
import type { PruneOptions } from './logs/prune.ts';
import type { ShowOptions } from './logs/show.ts';

/** `logs`, `logs -f`, `logs show`: what went through, from the ledger and from the running server. */
export function logsCommand(context: Context): Command {
  const command = new Command('logs')
    .usage('[flags] | show [request] | export | prune')
    .option('-f, --follow', 'go on with what the running unorouter does')
    .option('-n <count>', 'how many, newest first (50; with -f the last 10, then what comes)')
    .option('--since <time>', 'from when: 7d, 24h, 90m, today, monday, month, 2026-11-01T10:00')
    .option('--until <time>', 'until when; a day that is named belongs to it')
    .option('--agent <name>', 'of one agent')
    .option('--model <part>', 'part of the model asked for, or of provider/model that served')
    .option('--provider <id>', 'served by one provider')
    .option('--project <name>', 'of one project')
    .option('--rule <name>', 'that one rule decided: a name of routes list, or default')
    .option('--status <status>', 'ok, err, 4xx, 5xx, a number such as 429, abt, cut, int, open')
    .option('--slow <time>', 'longer than this: 10s, 500ms, 2m')
    .option('--min-cost <usd>', 'at least this dear: 0.10')
    .option('--fallback', 'only those that needed another model or provider')
    .option('--grep <text>', 'any part of names, ids and errors')
    .option('--csv', 'as a table for spreadsheets')
    // What people type for `logs show 7k2m9q`: taken here only to be told so.
    .argument('[request]')
    .action(async (request: string | undefined, options: LogOptions) => {
      if (request !== undefined)
        throw usageError(`logs has no "${request}"`, `{cmd} logs show ${request}`, '{cmd} logs --help');
      if (options.follow) await (await import('./logs/follow.ts')).followLogs(context, options);
      else await (await import('./logs/list.ts')).listLogs(context, options);
    });
  command.addCommand(showCommand(context));
  command.addCommand(exportCommand(context));
  command.addCommand(pruneCommand(context));
  return withExamples(command, context, [
    ['logs --since 1h --status err', 'what went wrong in the last hour'],
    ['logs -f --agent claude', 'watch one agent'],
    ['logs show', 'the last request in full'],
  ]);
}

function showCommand(context: Context): Command {
  const command = new Command('show')
    .description('one request in full: attempts, times, tokens, cost')
    .argument('[request]', 'any part of its id, -2 for the one before the last, or its time 14:02:31')
    .option('--body', 'what was said, where it is recorded (serve --bodies)')
    .option('--headers', 'the headers of both sides, where they are recorded')
    .action(async (request: string | undefined, options: ShowOptions) =>
      (await import('./logs/show.ts')).showRequest(context, request, options),
    );
  return withExamples(command, context, [
    ['logs show', 'the last request'],
    ['logs show -2', 'the one before it'],
    ['logs show 7k2m9q', 'by its id in the table'],
    ['logs show --body', 'what was said in the last one'],
  ]);
}

function exportCommand(context: Context): Command {
  const command = new Command('export')
    .description('requests for other programs, oldest first')
    .option('--format <format>', 'jsonl (every field) or csv', 'jsonl')
    .option('--since <time>', 'from when: 30d, 24h, today, month, 2026-11-01')
    .option('--until <time>', 'until when; a day that is named belongs to it')
    .option('--agent <name>', 'of one agent')
    .option('--provider <id>', 'served by one provider')
    .option('--project <name>', 'of one project')
    // Flags that "logs" has, too, are taken by it, wherever they stand.
    .action(async (_own: ExportOptions, self: Command) =>
      (await import('./logs/export.ts')).exportLogs(context, self.optsWithGlobals<ExportOptions>()),
    );
  return withExamples(command, context, [
    ['logs export --since month > requests.jsonl', 'this month, a JSON object a line'],
    ['logs export --format csv --project web', 'for a spreadsheet'],
  ]);
}

function pruneCommand(context: Context): Command {
  const command = new Command('prune')
    .description('delete old requests; what was spent stays in every sum')
    .option('--older-than <time>', 'what began before: 90d, 2w, 2026-01-01 (default: log.keep)')
    .action(async (options: PruneOptions) => (await import('./logs/prune.ts')).pruneLogs(context, options));
  return withExamples(command, context, [
    ['logs prune --older-than 90d', 'asks first'],
    ['logs prune --older-than 30d --yes', 'in a script'],
  ]);
}
