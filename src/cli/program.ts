import { Command, CommanderError } from 'commander';
import type { UserError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { type CommandFactory, helpWidth, withExamples } from './command.ts';
import type { Context } from './context.ts';
import { GLOBAL_FLAGS } from './globals.ts';
import { TOPICS, topicText } from './topics.ts';
import { usageError } from './usage-error.ts';

/** A command as far as help must know it; the rest is loaded when it runs. */
interface Entry {
  name: string;
  about: string;
  load(): Promise<CommandFactory>;
  /** Goes on when the reader of its output is gone. */
  resident?: true;
  /** Not for people: no help names it. */
  hidden?: true;
}

const COMMANDS: readonly Entry[] = [
  {
    name: 'serve',
    about: 'run the proxy in this terminal, with the live log',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
    resident: true,
  },
  {
    name: 'run',
    about: 'start an agent wired to this gateway; no file of it is changed',
    load: async () => (await import('./commands/run.ts')).runCommand,
    resident: true,
  },
  {
    name: 'setup',
    about: 'connect an agent for good: shows the changes, asks, can be undone',
    load: async () => (await import('./commands/setup.ts')).setupCommand,
  },
  {
    name: 'init',
    about: 'the first steps, asked one by one: keys, default model, agent, a test',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    name: 'demo',
    about: 'a show without keys and without a network: the live log fills by itself',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
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
    about: 'what was spent, by day, model, provider, agent, project, session or rule',
    load: async () => (await import('./commands/spend.ts')).spendCommand,
  },
  {
    name: 'budget',
    about: 'how much may be spent, by whom, and what happens then',
    load: async () => (await import('./commands/budget.ts')).budgetCommand,
  },
  {
    name: 'reconcile',
    about: "our bill beside the provider's own, by day and model",
    load: async () => (await import('./commands/reconcile.ts')).reconcileCommand,
  },
  {
    name: 'replay',
    about: 'send a recorded request to another model and compare',
    load: async () => (await import('./commands/replay.ts')).replayCommand,
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
    name: 'routes',
    about: 'which provider answers: rules, why, a test; edit them',
    load: async () => (await import('./commands/routes.ts')).routesCommand,
  },
  {
    name: 'keys',
    about: 'store, list, test and remove provider keys',
    load: async () => (await import('./commands/keys.ts')).keysCommand,
  },
  {
    name: 'providers',
    about: 'who answers: list, add, detect, switch off and on',
    load: async () => (await import('./commands/providers.ts')).providersCommand,
  },
  {
    name: 'config',
    about: 'show, read, change and check the configuration file',
    load: async () => (await import('./commands/config.ts')).configCommand,
  },
  {
    name: 'doctor',
    about: 'check this machine, keys and agents; one fix for each problem',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
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
  {
    name: 'service',
    about: 'start it with this computer: install, uninstall, status, logs',
    load: async () => (await import('./commands/service.ts')).serviceCommand,
  },
  {
    name: 'completion',
    about: 'completions for bash, zsh, fish or PowerShell',
    load: async () => (await import('./commands/completion.ts')).completionCommand,
  },
  {
    name: 'statusline',
    about: 'one line for the status bar of an agent',
    load: async () => (await import('./commands/statusline.ts')).statuslineCommand,
  },
  {
    name: 'uninstall',
    about: 'undo every setup, remove the service; keys and data only if you say so',
    load: async () => (await import('./commands/uninstall.ts')).uninstallCommand,
  },
  {
    name: 'complete',
    about: 'answers a shell that completes',
    load: async () => (await import('./commands/completion.ts')).completeCommand(wholeProgram),
    hidden: true,
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
    context.stdout.write(topicText(topic, helpWidth(context)));
    return;
  }
  const program = createProgram(context);
  const entry = named(rest);
  for (const one of COMMANDS) {
    const command = one === entry ? (await one.load())(context) : new Command(one.name);
    adopt(program, command.description(one.about), one.hidden);
  }
  if (rest.length === 0) {
    await overview(program, context);
    return;
  }
  try {
    await program.parseAsync(helpLast(rest, entry), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const usage = usageOf(error, entry, program);
    if (usage) throw usage;
  }
}

const HELP: ReadonlySet<string> = new Set(['-h', '--help']);

/** `-h config` means `config -h`; help of a command that there is not is told like that command itself. */
function helpLast(rest: readonly string[], entry: Entry | undefined): string[] {
  const words = rest.filter((argument) => !argument.startsWith('-'));
  const asked = words[0] === 'help' ? words[1] : words[0];
  const wantsHelp = words[0] === 'help' || HELP.has(rest[0] ?? '') || HELP.has(rest.at(-1) ?? '');
  if (wantsHelp && !entry && asked !== undefined) return [asked];
  return HELP.has(rest[0] ?? '') ? [...rest.slice(1), '-h'] : [...rest];
}

function createProgram(context: Context): Command {
  const program = new Command('unorouter')
    .description('One endpoint, one key and one bill for every LLM.')
    .usage('<command> [flags]')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'help of a command')
    .helpCommand('help [command]', `help of a command, or of: ${[...TOPICS.keys()].join(', ')}`)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: NARROWEST_TEXT })
    .configureOutput({
      writeOut: context.stdout.write,
      // Errors are thrown, and told by main in one form with all others.
      writeErr: () => {},
      getOutHelpWidth: () => helpWidth(context),
      getOutHasColors: () => context.stdout.color,
    });
  for (const { flags, about } of GLOBAL_FLAGS) program.option(flags.replace('[=fields]', ' [fields]'), about);
  return withExamples(program, context, [
    ['serve', 'start it'],
    ['keys add openai', 'store a key'],
    ['logs -f', 'watch what is asked'],
    ['help environment', 'the variables that it knows'],
  ]);
}

/** Commander leaves texts of fewer columns unbroken. */
const NARROWEST_TEXT = 20;

/** Hands the program's own settings down to a command that was built apart from it. */
function adopt(program: Command, command: Command, hidden = false): void {
  const inherit = (parent: Command, child: Command): void => {
    child.copyInheritedSettings(parent);
    if (child.commands.length > 0) child.helpCommand('help [command]', 'help of a command');
    for (const grandchild of child.commands) inherit(child, grandchild);
  };
  inherit(program, command);
  program.addCommand(command, { hidden });
}

/** The program with every command loaded: for completion, and for who wants to know all flags. */
export async function wholeProgram(context: Context): Promise<Command> {
  const program = createProgram(context);
  for (const one of COMMANDS.filter(({ hidden }) => !hidden))
    adopt(program, (await one.load())(context).description(one.about));
  return program;
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
function usageOf(error: CommanderError, entry: Entry | undefined, program: Command): UserError | null {
  if (error.exitCode === 0) return null;
  const help = entry ? `{cmd} ${entry.name} --help` : '{cmd} --help';
  if (error.code === 'commander.help') return usageError('which command?', `${help}     lists them`);
  const command = program.commands.find((one) => one.name() === entry?.name);
  const parts = (command?.commands ?? []).map((one) => one.name());
  if (error.code === 'commander.excessArguments' && error.message.includes(`'${command?.name()}'`)) {
    const strange = command?.args[command.registeredArguments.length] ?? '';
    if (parts.length > 0)
      return usageError(
        `"${strange}" is no command of ${command?.name()}`,
        `known: ${parts.join(', ')}     ${help}`,
      );
  }
  const [, message = '', near] =
    /^(?:error: )?([^\n]*?)\s*(?:\n?\(Did you mean (.*)\?\))?\s*$/s.exec(error.message) ?? [];
  return usageError(message.replaceAll("'", '"'), near ? `did you mean ${near}?     ${help}` : help);
}
