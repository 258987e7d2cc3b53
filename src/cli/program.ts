import { Command, CommanderError } from 'commander';
import { UserError } from '../errors.ts';
import { VERSION } from '../version.ts';
import type { CommandFactory } from './command.ts';
import type { Context } from './context.ts';
import { GLOBAL_FLAGS } from './globals.ts';
import { TOPICS } from './topics.ts';
import { usageError } from './usage-error.ts';

/** A command as far as help must know it; the rest is loaded when it runs. */
interface Entry {
  name: string;
  about: string;
  load(): Promise<CommandFactory>;
  /** Goes on when the reader of its output is gone. */
  resident?: true;
}

const COMMANDS: readonly Entry[] = [
  {
    name: 'serve',
    about: 'run the proxy in this terminal, with the live log',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
    resident: true,
  },
  {
    name: 'status',
    about: 'is it running, where, and what did today cost',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    name: 'stop',
    about: 'let the running one finish its requests and quit',
    load: async () => (await import('./commands/stop.ts')).stopCommand,
  },
  {
    name: 'logs',
    about: 'past requests; -f follows the running one',
    load: async () => (await import('./commands/logs.ts')).logsCommand,
  },
  {
    name: 'spend',
    about: 'what was spent, by day, model, provider, agent, project or session',
    load: async () => (await import('./commands/spend.ts')).spendCommand,
  },
  {
    name: 'models',
    about: 'models you can call, with prices; search, info, default',
    load: async () => (await import('./commands/models.ts')).modelsCommand,
  },
  {
    name: 'use',
    about: 'set the default model; "use -" goes back',
    load: async () => (await import('./commands/use.ts')).useCommand,
  },
  {
    name: 'keys',
    about: 'store, list, test and remove provider keys',
    load: async () => (await import('./commands/keys.ts')).keysCommand,
  },
  {
    name: 'config',
    about: 'show, read, change and check the configuration file',
    load: async () => (await import('./commands/config.ts')).configCommand,
  },
  {
    name: 'env',
    about: 'shell exports that point any client here',
    load: async () => (await import('./commands/env.ts')).envCommand,
  },
  {
    name: 'token',
    about: 'show or renew the local token',
    load: async () => (await import('./commands/token.ts')).tokenCommand,
  },
];

const BY_NAME: ReadonlyMap<string, Entry> = new Map(COMMANDS.map((entry) => [entry.name, entry]));

/** The command that these arguments (without global flags) name, also behind `help`; undefined = none or not known. */
function named(rest: readonly string[]): Entry | undefined {
  const [first = '', second = ''] = rest.filter((argument) => !argument.startsWith('-'));
  return BY_NAME.get(first === 'help' ? second : first);
}

/** Whether the command goes on when the reader of its output is gone (`serve | head`). */
export function isResident(rest: readonly string[]): boolean {
  return named(rest)?.resident === true;
}

/**
 * Runs one command. Only its own file is loaded; the others are lines of the table above.
 * @throws UserError
 */
export async function runProgram(rest: readonly string[], context: Context): Promise<void> {
  const words = rest.filter((argument) => !argument.startsWith('-'));
  const topic = words[0] === 'help' ? TOPICS.get(words[1] ?? '') : undefined;
  if (topic) {
    context.stdout.write(topic);
    return;
  }
  const program = createProgram(context);
  const entry = named(rest);
  for (const one of COMMANDS) {
    const command = one === entry ? (await one.load())(context) : new Command(one.name);
    adopt(program, command.description(one.about));
  }
  if (rest.length === 0) {
    await overview(program, context);
    return;
  }
  try {
    await program.parseAsync([...rest], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const usage = usageOf(error);
    if (usage) throw usage;
  }
}

function createProgram(context: Context): Command {
  const program = new Command('unorouter')
    .description('One endpoint, one key and one bill for every LLM.')
    .usage('<command> [flags]')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'help of a command')
    .helpCommand('help [command]', `help of a command, or of: ${[...TOPICS.keys()].join(', ')}`)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: context.stdout.write,
      // Errors are thrown, and told by main in one form with all others.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(context.stdout.width(), WIDEST_HELP),
      getOutHasColors: () => context.stdout.color,
    });
  for (const { flags, about } of GLOBAL_FLAGS) program.option(flags.replace('[=fields]', ' [fields]'), about);
  return program;
}

const WIDEST_HELP = 100;

/** Hands the program's own settings down to a command that was built apart from it. */
function adopt(program: Command, command: Command): void {
  const inherit = (parent: Command, child: Command): void => {
    child.copyInheritedSettings(parent);
    for (const grandchild of child.commands) inherit(child, grandchild);
  };
  inherit(program, command);
  program.addCommand(command);
}

/** `unorouter` alone: what runs, and what to do next. */
async function overview(program: Command, context: Context): Promise<void> {
  if (!context.stdout.tty) {
    context.stdout.write(program.helpInformation());
    return;
  }
  const { showOverview } = await import('./commands/status/overview.ts');
  await showOverview(context);
}

/** Commander's errors in our form; null = it has shown help or the version, and that was the answer. */
function usageOf(error: CommanderError): UserError | null {
  if (error.exitCode === 0) return null;
  if (error.code === 'commander.help')
    return usageError('which command?', '{cmd} --help     lists them', '{cmd} <command> --help');
  const [, message = '', near] =
    /^(?:error: )?([^\n]*?)\s*(?:\n?\(Did you mean (.*)\?\))?\s*$/s.exec(error.message) ?? [];
  return new UserError({
    code: 'usage',
    exit: 2,
    message: message.replaceAll("'", '"'),
    fix: near ? [`did you mean ${near}?     {cmd} --help`] : ['{cmd} --help'],
  });
}
