import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../usage-error.ts';
import type { AddFlags, PlaceFlags } from './routes/edit.ts';
import type { QuestionFlags } from './routes/question.ts';

/** `routes`: which provider answers what, why, and the rules that decide it. */
export function routesCommand(context: Context): Command {
  const command = new Command('routes')
    .argument('[words...]')
    .usage('[list] [flags]')
    .action((words: string[]) => {
      if (words.length > 0)
        throw usageError(
          `"${words.join(' ')}" is no command of routes`,
          `{cmd} routes explain ${words[0]}`,
          '{cmd} routes --help',
        );
      return list(context);
    });
  command
    .command('list')
    .description('the rules in order, with their requests of today (the same as "routes")')
    .action(() => list(context));
  command.addCommand(explainCommand(context));
  command.addCommand(testCommand(context));
  command.addCommand(addCommand(context));
  command.addCommand(removeCommand(context));
  command.addCommand(moveCommand(context));
  return withExamples(command, context, [
    ['routes', 'the rules in order'],
    ['routes explain claude-opus-4-5 --agent claude --tokens 120k', 'where it would go, and why'],
    ['routes add --name background --role small --to openrouter/glm-4.6', 'a rule'],
    ['config set aliases.fast groq/llama-4-maverick', 'a name of your own for a model'],
    ['config set fallbacks.anthropic openrouter', 'the same model elsewhere, when it fails'],
    ['routes list --json', 'every rule, for programs'],
  ]);
}

async function list(context: Context): Promise<void> {
  await (await import('./routes/list.ts')).listRoutes(context);
}

/** Flags that describe a request which nobody has sent. */
function withQuestion(command: Command): Command {
  return command
    .argument('<model>')
    .option('--agent <name>', 'as if this agent asked: claude, codex, ...')
    .option('--project <name>', 'as if this project was declared')
    .option('--role <role>', 'main, or small for background work')
    .option('--tokens <count>', 'input tokens: 950, 120k, 1M (default: 1k)')
    .option('--tools', 'as if tools were offered to the model')
    .option('--image', 'as if there was an image in it')
    .option('--protocol <id>', 'openai-chat, openai-responses, anthropic-messages, gemini')
    .option('--session <id>', 'as a request of this session')
    .option('--header <k=v>', 'with this header; may be given again', collect, [])
    .option('--at <time>', 'as if it was then: 23:30, 2026-11-01T10:00');
}

const collect = (value: string, before: string[]): string[] => [...before, value];

function explainCommand(context: Context): Command {
  const command = withQuestion(
    new Command('explain').description('where a request would go and why; nobody is called'),
  ).action(async (model: string, flags: QuestionFlags) =>
    (await import('./routes/explain.ts')).explainRoutes(context, model, flags),
  );
  return withExamples(command, context, [
    ['routes explain claude-opus-4-5', 'a small request of Chat Completions'],
    ['routes explain default --role small --agent claude', "an agent's background work"],
  ]);
}

function testCommand(context: Context): Command {
  const command = withQuestion(
    new Command('test').description('really send a tiny request to every target, in order'),
  ).action(async (model: string, flags: QuestionFlags) =>
    (await import('./routes/test.ts')).testRoutes(context, model, flags),
  );
  return withExamples(command, context, [['routes test claude-opus-4-5', 'a few tokens at each target']]);
}

function withPlace(command: Command): Command {
  return command
    .option('--first', 'in front of all others')
    .option('--last', 'behind all others')
    .option('--before <rule>', 'in front of this one')
    .option('--after <rule>', 'behind this one');
}

function addCommand(context: Context): Command {
  const command = withPlace(
    new Command('add')
      .description('write a rule into the configuration file; the first that matches wins')
      .requiredOption('--name <name>', 'how logs call it')
      .option('--agent <names>', 'when one of these agents asks; * and ? stand for anything')
      .option('--project <names>', 'when one of these projects was declared')
      .option('--model <names>', 'when one of these models was asked for')
      .option('--role <role>', 'main, or small for background work')
      .option('--input <tokens>', 'when the input is so large: "> 180k", "<= 2k"')
      .option('--image', 'when there is an image in it')
      .option('--no-image', 'when there is none')
      .option('--tools', 'when tools are offered')
      .option('--no-tools', 'when none are')
      .option('--protocol <ids>', 'when the client speaks one of these')
      .option('--header <k=v>', 'when a header matches; may be given again', collect, [])
      .option('--time <span>', 'within this span of local time: 22:00-06:00')
      .option('--day <days>', 'on these days: sat,sun')
      .requiredOption('--to <models>', 'models, aliases or provider/*, in order')
      .option('--strict', 'refuse what cannot be translated'),
  ).action(async (flags: AddFlags) => (await import('./routes/edit.ts')).addRoute(context, flags));
  return withExamples(command, context, [
    ['routes add --name background --role small --to openrouter/glm-4.6', 'cheap background work'],
    ['routes add --name long --input "> 180k" --to google/gemini-2.5-pro --first', 'long prompts'],
    ['routes add --name private --project payroll --to "ollama/*"', 'keeps the model, changes the provider'],
  ]);
}

function removeCommand(context: Context): Command {
  const command = new Command('rm')
    .description('remove a rule')
    .argument('<rule>', 'its name or its number in routes list')
    .action(async (rule: string) => (await import('./routes/edit.ts')).removeRoute(context, rule));
  return withExamples(command, context, [['routes rm background', 'by its name']]);
}

function moveCommand(context: Context): Command {
  const command = withPlace(
    new Command('move')
      .description('put a rule elsewhere in the order')
      .argument('<rule>', 'its name or its number in routes list'),
  ).action(async (rule: string, flags: PlaceFlags) =>
    (await import('./routes/edit.ts')).moveRoute(context, rule, flags),
  );
  return withExamples(command, context, [['routes move long --before background', 'asked first']]);
}
