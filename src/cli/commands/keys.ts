import { Command, Option } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import type { AddOptions } from './keys/add.ts';
import type { ImportOptions } from './keys/import.ts';

/** `keys`: store, list, test and remove provider keys; alone it lists. */
export function keysCommand(context: Context): Command {
  const command = new Command('keys').usage('[list|add|test|rm] [flags]');
  command.addCommand(addSubcommand(context));
  // A word too many may be a key, or the name of no command: those two tell it themselves, without repeating a key.
  command.hook('preSubcommand', (_keys, sub) => {
    if (sub.name() === 'add' || sub.name() === 'list') sub.allowExcessArguments();
  });
  command
    .command('list', { isDefault: true })
    .description('providers with a key, masked, and where it comes from')
    .option('--all', 'also providers without a key')
    .action(async (options: { all?: boolean }, list: Command) => {
      if (list.args[0] !== undefined) throw await strangeWord(list.args[0]);
      const { listKeys } = await import('./keys/list.ts');
      await listKeys(context, options);
    });
  command
    .command('test')
    .description('ask providers whether they take their keys; free of charge')
    .argument('[provider...]', 'only these (default: all with a key)')
    .action(async (providers: string[]) => {
      const { testKeys } = await import('./keys/test.ts');
      await testKeys(context, providers);
    });
  command
    .command('rm')
    .description('remove a stored key')
    .argument('<provider>')
    .option('--label <name>', 'the key that was added under this label')
    .action(async (provider: string, options: { label?: string }) => {
      const { removeKey } = await import('./keys/remove.ts');
      await removeKey(context, provider, options.label);
    });
  command.addCommand(importSubcommand(context));
  return withExamples(command, context, [
    ['keys add anthropic', 'ask for a key, test it, store it in the keychain'],
    ['keys', 'list them'],
    ['keys test', 'are they still good?'],
    ['keys rm anthropic', 'remove one'],
    ['keys list --all', 'providers without a key, too'],
  ]);
}

function importSubcommand(context: Context): Command {
  const command = new Command('import')
    .description('find keys in variables, .env and files of agents; copies those that you choose')
    .usage('[provider...] [flags]')
    .argument('[provider...]', 'only these')
    .option('--from <places>', 'only from these: env, dotenv, codex, opencode, aider, llm, ccr')
    .option('--dry-run', 'only show what there is')
    .addOption(
      new Option('--store <where>', 'keychain; or file: plain text in keys.yaml, mode 0600')
        .choices(['keychain', 'file'])
        .default('keychain'),
    )
    .action(async (providers: string[], options: ImportOptions) => {
      const { importKeys } = await import('./keys/import.ts');
      await importKeys(context, providers, options);
    });
  return withExamples(command, context, [
    ['keys import --dry-run', 'what is there, masked'],
    ['keys import openai -y', 'copy that one without asking'],
  ]);
}

/** The flags that people try: a key behind them is as exposed as any argument. */
const EXPOSING = ['--key [key]', '--api-key [key]', '--token [key]', '--value [key]'];

function addSubcommand(context: Context): Command {
  const add = new Command('add')
    .description('store a key: asks for it without showing it, tests it, says where it went')
    .usage('<provider> [flags]')
    .argument('<provider>')
    .option('--stdin', 'read the key from standard input')
    .option('--from-env <name>', 'read the key from this variable')
    .option('--from-file <path>', 'read the key from this file')
    .addOption(
      new Option('--store <where>', 'keychain; or file: plain text in keys.yaml, mode 0600')
        .choices(['keychain', 'file'])
        .default('keychain'),
    )
    .option('--label <name>', 'a further key of this provider: requests are spread over them by session')
    .option('--no-test', 'store it without asking the provider')
    .action(async (provider: string, options: AddOptions, self: Command) => {
      const { addKey } = await import('./keys/add.ts');
      await addKey(context, provider, { ...options, exposed: self.args.length > 1 || isExposed(options) });
    });
  for (const flags of EXPOSING) add.addOption(new Option(flags).hideHelp());
  return withExamples(add, context, [
    ['keys add anthropic', 'ask for it'],
    ['keys add openai --label work', 'a second key of the same provider'],
    ['keys add openai --from-env MY_KEY', 'take it from a variable'],
    ['keys add openai --stdin < key.txt', 'take it from standard input'],
  ]);
}

const isExposed = (options: AddOptions): boolean =>
  ['key', 'apiKey', 'token', 'value'].some((name) => name in options);

async function strangeWord(word: string): Promise<Error> {
  const { usageError } = await import('../usage-error.ts');
  const { maskText } = await import('../../keys/index.ts');
  return usageError(`unknown command "keys ${maskText(word, [])}"`, '{cmd} keys --help');
}
