import { Command, Option } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../usage-error.ts';
import type { AddFlags } from './providers/add.ts';

/** `providers`: who can answer; `add`, `detect`, `rm`, `disable`, `enable`. Alone it lists. */
export function providersCommand(context: Context): Command {
  const command = new Command('providers')
    .argument('[words...]')
    .usage('[list] [flags]')
    .option('--all', 'also those without a key')
    .action((words: string[], flags: { all?: true }) => {
      if (words.length > 0)
        throw usageError(`"${words.join(' ')}" is no command of providers`, '{cmd} providers --help');
      return list(context, flags);
    });
  command
    .command('list')
    .description('who can be called now, where, and in which protocols (the same as "providers")')
    .action((_flags, self: Command) => list(context, self.optsWithGlobals()));
  command.addCommand(addCommand(context));
  command.addCommand(detectCommand(context));
  for (const [name, about] of EDITS) command.addCommand(editCommand(context, name, about));
  return withExamples(command, context, [
    ['providers', 'who can be called now'],
    ['providers add acme --url https://llm.acme.example/v1', 'an endpoint of your own'],
    ['providers detect', 'look for model servers on this machine'],
    ['providers disable openrouter', 'send nothing there for now'],
    ['providers list --all', 'those without a key, too'],
  ]);
}

async function list(context: Context, flags: { all?: true }): Promise<void> {
  await (await import('./providers/list.ts')).listProviders(context, flags);
}

const collect = (value: string, before: string[]): string[] => [...before, value];

function addCommand(context: Context): Command {
  const add = new Command('add')
    .description('add an endpoint, or give a built-in provider another address; asks it what it speaks')
    .argument('<name>')
    .option('--url <url>', 'its address; what stands behind the base is taken off')
    .option('--protocol <ids>', 'openai-chat, openai-responses, anthropic-messages, gemini (default: ask it)')
    .option('--header <k=v>', 'send this header with every call; may be given again', collect, [])
    .option('--key', 'ask for its key without showing it')
    .option('--stdin', 'read the key from standard input')
    .option('--from-env <variable>', 'read the key from this variable')
    .option('--from-file <path>', 'read the key from this file')
    .addOption(
      new Option('--store <where>', 'keychain; or file: plain text in keys.yaml, mode 0600')
        .choices(['keychain', 'file'])
        .default('keychain'),
    )
    .option('--no-test', 'write it down without asking the endpoint')
    .option('--reset-url', 'give a built-in provider its own address back')
    // Commander gives --url to the program, which has one, too.
    .action(async (name: string, _flags, self: Command) =>
      (await import('./providers/add.ts')).addProvider(context, name, self.optsWithGlobals<AddFlags>()),
    );
  return withExamples(add, context, [
    ['providers add acme --url https://llm.acme.example/v1 --key', 'asks for the key'],
    ['providers add box --url 192.168.1.20:8000/v1 --protocol openai-chat', 'a server without a key'],
    ['providers add openai --reset-url', 'back to the built-in address'],
  ]);
}

function detectCommand(context: Context): Command {
  const detect = new Command('detect')
    .description('look for Ollama, LM Studio, llama.cpp and vLLM on this machine')
    .option('--add <name>', 'write this one into the configuration file')
    .action(async (flags: { add?: string }) =>
      (await import('./providers/detect.ts')).detectProviders(context, flags),
    );
  return withExamples(detect, context, [
    ['providers detect', 'nothing is written: they are used as they appear'],
    ['providers detect --add ollama', 'keep it, also while it is down'],
  ]);
}

const EDITS = [
  ['rm', 'take a provider out of the configuration file'],
  ['disable', 'send nothing there, whatever is asked for'],
  ['enable', 'use it again'],
] as const;

function editCommand(context: Context, name: (typeof EDITS)[number][0], about: string): Command {
  const command = new Command(name)
    .description(about)
    .argument('<name>')
    .action(async (provider: string) =>
      (await import('./providers/edit.ts')).editProvider(context, name, provider),
    );
  return withExamples(command, context, [[`providers ${name} acme`, about]]);
}
