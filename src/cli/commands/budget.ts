import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../usage-error.ts';
import type { ScopeFlags, SetFlags } from './budget/scope.ts';

/** `budget`: how much may be spent, by whom, and what happens then. */
export function budgetCommand(context: Context): Command {
  const command = new Command('budget')
    .argument('[words...]')
    .usage('[list] [flags]')
    .action((words: string[]) => {
      if (words.length > 0)
        throw usageError(
          `"${words.join(' ')}" is no command of budget`,
          '{cmd} budget set 10/day',
          '{cmd} budget --help',
        );
      return list(context);
    });
  command
    .command('list')
    .description('every budget, what is used of it and when it begins anew (the same as "budget")')
    .action(() => list(context));
  command.addCommand(setCommand(context));
  command.addCommand(removeCommand(context));
  command.addCommand(raiseCommand(context));
  return withExamples(command, context, [
    ['budget', 'how all of them stand'],
    ['budget set 10/day --warn 80%', 'for everything'],
    ['budget set 3/day --project web --action downgrade --to small', 'for one project'],
    ['budget raise 5', 'for today only'],
    ['budget list --json', 'every budget, for programs'],
  ]);
}

async function list(context: Context): Promise<void> {
  await (await import('./budget/list.ts')).listBudgets(context);
}

/** Flags that say whose budget it is; none = everybody's. */
function withScope(command: Command): Command {
  return command
    .option('--project <name>', 'of one project that clients declare; * and ? stand for anything')
    .option('--agent <name>', 'of one agent: claude, codex, ...')
    .option('--provider <id>', 'for what one provider serves')
    .option('--model <name>', 'for what one model serves');
}

function setCommand(context: Context): Command {
  const command = withScope(
    new Command('set')
      .description('write a budget into the configuration file')
      .argument('<amount>', 'US dollars: 10/day, 50/week, 200/month')
      .option('--warn <share>', 'from when to warn: 80%')
      .option('--action <what>', 'at the limit: block, warn or downgrade')
      .option('--to <model>', 'where downgraded requests go'),
  ).action(async (amount: string, flags: SetFlags) =>
    (await import('./budget/edit.ts')).setBudget(context, amount, flags),
  );
  return withExamples(command, context, [
    ['budget set 10/day --warn 80% --action block', 'for everything'],
    ['budget set 200/month --provider openai', 'for one provider'],
  ]);
}

function removeCommand(context: Context): Command {
  const command = withScope(
    new Command('rm')
      .description('remove a budget from the configuration file')
      .argument('[span]', 'only the one of a day, week or month'),
  ).action(async (span: string | undefined, flags: ScopeFlags) =>
    (await import('./budget/edit.ts')).removeBudget(context, span, flags),
  );
  return withExamples(command, context, [
    ['budget rm', 'the one for everything'],
    ['budget rm day --project web', 'the daily one of a project'],
  ]);
}

function raiseCommand(context: Context): Command {
  const command = withScope(
    new Command('raise')
      .description('add to a budget until midnight; 0 takes it back')
      .argument('<usd>', 'US dollars: 5, 0.50'),
  ).action(async (amount: string, flags: ScopeFlags) =>
    (await import('./budget/raise.ts')).raiseBudget(context, amount, flags),
  );
  return withExamples(command, context, [
    ['budget raise 5', 'the one for everything'],
    ['budget raise 2 --project web', 'one of a project'],
  ]);
}
