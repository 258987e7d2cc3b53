import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

/** `config`: where the configuration file lies, what it says, and changes that keep its comments. */
export function configCommand(context: Context): Command {
  const command = new Command('config')
    .addCommand(pathCommand(context))
    .addCommand(getCommand(context))
    .addCommand(setCommand(context))
    .addCommand(unsetCommand(context))
    .addCommand(editCommand(context))
    .addCommand(validateCommand(context));
  return withExamples(command, context, [
    ['config get', 'everything that holds'],
    ['config set server.port 8670', 'change one setting'],
    ['config edit', 'open the file in your editor'],
  ]);
}

function pathCommand(context: Context): Command {
  const command = new Command('path')
    .description('every file and directory of unorouter')
    .action(async () => (await import('./config/path.ts')).showPaths(context));
  return withExamples(command, context, [
    ['config path', 'what lies where'],
    ['config path --json=path', 'for scripts'],
  ]);
}

function getCommand(context: Context): Command {
  const command = new Command('get')
    .description('what holds: the file, over it variables, under it defaults')
    .argument('[setting]', 'such as server.port or aliases.fast (default: all of them)')
    .option('--show-origin', 'say where each value comes from')
    .action(async (name: string | undefined, options: { showOrigin?: true }) =>
      (await import('./config/get.ts')).getSetting(context, name, options.showOrigin === true),
    );
  return withExamples(command, context, [
    ['config get server.port', 'one setting'],
    ['config get --show-origin', 'all of them, and where they come from'],
  ]);
}

function setCommand(context: Context): Command {
  const command = new Command('set')
    .description('write a setting; comments and order of the file stay')
    .argument('<setting>', 'such as server.port or aliases.fast')
    .argument('<value>', 'a number, true, text, [a, b] or { a: 1 }')
    .action(async (name: string, value: string) =>
      (await import('./config/set.ts')).setSetting(context, name, value),
    );
  return withExamples(command, context, [
    ['config set server.port 8670', 'a number'],
    ['config set aliases.smart "[openai/gpt-5, anthropic/claude-opus-4-5]"', 'a list'],
    ['config set aliases.bulk "{ cheapest: [deepseek/deepseek-chat, groq/qwen3-32b] }"', 'one that chooses'],
    ['config set fallbacks.anthropic openrouter', 'who else sells its models'],
    ['config set server.allow_origins https://chat.example.com', 'a list of one'],
  ]);
}

function unsetCommand(context: Context): Command {
  const command = new Command('unset')
    .description('remove a setting from the file')
    .argument('<setting>', 'such as server.port or providers.acme')
    .action(async (name: string) => (await import('./config/set.ts')).unsetSetting(context, name));
  return withExamples(command, context, [
    ['config unset server.port', 'back to the default'],
    ['config unset aliases.fast', 'forget a name'],
  ]);
}

function editCommand(context: Context): Command {
  const command = new Command('edit')
    .description('open the file in $VISUAL or $EDITOR; checked before it is saved')
    .action(async () => (await import('./config/edit.ts')).editFile(context));
  return withExamples(command, context, [
    ['config edit', 'a new file starts with every setting, commented out'],
  ]);
}

function validateCommand(context: Context): Command {
  const command = new Command('validate')
    .description('check the file: exit 3 with every mistake and its place')
    .argument('[file]', 'another file than the one in use')
    .action(async (file: string | undefined) =>
      (await import('./config/validate.ts')).validateFile(context, file),
    );
  return withExamples(command, context, [
    ['config validate', 'the file in use'],
    ['config validate ./config.yaml --json', 'another one, for programs'],
  ]);
}
