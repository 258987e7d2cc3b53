import { Command, Option } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../usage-error.ts';
import type { ListFlags } from './models/filters.ts';
import type { PriceFlags } from './models/price.ts';

/** `models`: what can be called, what it costs; `search`, `info`, `default`. */
export function modelsCommand(context: Context): Command {
  const command = withFilters(new Command('models'))
    .argument('[words...]')
    .usage('[list] [flags]')
    .action((words: string[], flags: ListFlags) => {
      if (words.length > 0) throw strangeWord(words);
      return list(context, flags);
    });
  // Commander gives the flags behind a sub-command's name to the parent that has them.
  command
    .command('list')
    .description('models that can be called now (the same as "models")')
    .action((_flags, self: Command) => list(context, self.optsWithGlobals()));
  command
    .command('search <text...>')
    .description('find models by parts of their names, with a key or not')
    .action(async (text: string[], _flags, self: Command) => {
      const { searchModels } = await import('./models/search.ts');
      await searchModels(context, text.join(' '), self.optsWithGlobals());
    });
  command
    .command('info <model>')
    .description('one model: who sells it, prices, keys, names that reach it')
    .action(async (name: string) => {
      const { showInfo } = await import('./models/info.ts');
      await showInfo(context, name);
    });
  command
    .command('default [model]')
    .description('show or set the default model (the same as "use")')
    .option('--unset', 'have no default model')
    .action(async (name: string | undefined, flags: { unset?: true }) => {
      const { useModel } = await import('./use/use.ts');
      await useModel(context, name, flags);
    });
  command
    .command('refresh [provider...]')
    .description('ask providers for the models that they have now, and public lists for prices')
    .action(async (providers: string[]) => {
      const { refreshModels } = await import('./models/refresh.ts');
      await refreshModels(context, providers);
    });
  addPrice(command, context);
  addVerify(command, context);
  return withExamples(command, context, [
    ['models --tools --sort price', 'what can be called now, cheapest first'],
    ['models search opus', 'find a model, with a key or not'],
    ['models info claude-opus-4-5', 'who sells it and for how much'],
    ['models price acme/llama-4 --in 0.2 --out 0.6', 'set a price that nobody knows, USD per million tokens'],
    ['models list --tools --sort price', 'with tools, the cheapest first'],
    ['models default', 'which one answers "default"'],
    ['models refresh', 'ask providers what they have now'],
  ]);
}

function addVerify(models: Command, context: Context): void {
  const command = models
    .command('verify <model>')
    .description('try what it can do: streaming, tools, images, reasoning, cache (costs a little)')
    .option('--window', 'fill its context window, too (costs more)')
    .action(async (name: string, flags: { window?: true }) => {
      const { verifyModel } = await import('./models/verify.ts');
      await verifyModel(context, name, flags.window === true);
    });
  withExamples(command, context, [
    ['models verify demo/echo', 'costs nothing'],
    ['models verify acme/llama-4-mav -y', 'says what it will cost, and does not ask'],
  ]);
}

function addPrice(models: Command, context: Context): void {
  const command = models
    .command('price <model>')
    .description('what a model costs, or set it: USD per million tokens')
    .option('--in <usd>', 'input')
    .option('--out <usd>', 'output')
    .option('--cached <usd>', 'input that is read from a prompt cache')
    .option('--cache-write <usd>', 'input that is written to a prompt cache')
    .option('--cache-write-1h <usd>', 'the same for an hour')
    .option('--audio-in <usd>', 'sound that is sent')
    .option('--audio-out <usd>', 'sound that is made')
    .option('--image-in <usd>', 'pictures that are sent')
    .option('--image-out <usd>', 'pictures that are made')
    .option('--per-request <usd>', 'each request, in USD; alone it is the whole price')
    .option('--per-search <usd>', 'each search of the web that a model does, in USD')
    .option('--unset', 'take the own price away again')
    .action(async (name: string, flags: PriceFlags) => {
      const { priceModel } = await import('./models/price.ts');
      await priceModel(context, name, flags);
    });
  withExamples(command, context, [
    ['models price gpt-5', 'what it costs, and who says so'],
    ['models price acme/llama-4 --in 0.2 --out 0.6', 'set it in the configuration file'],
    ['models price acme/sonar --in 1 --out 3 --per-search 0.01', 'with what a search costs'],
  ]);
}

async function list(context: Context, flags: ListFlags): Promise<void> {
  const { listModels } = await import('./models/list.ts');
  await listModels(context, flags);
}

function withFilters(command: Command): Command {
  return command
    .option('--all', 'also models that need a key first, from every seller')
    .option('--provider <id>', 'only from this provider')
    .option('--free', 'only those known to cost nothing')
    .option('--local', 'only from servers on this machine')
    .option('--new', 'only those that their providers have listed for less than 30 days')
    .option('--tools', 'only those that call tools')
    .option('--vision', 'only those that read images')
    .option('--reasoning', 'only those that reason')
    .option('--min-context <tokens>', 'only with at least this context: 200k, 1M')
    .option('--max-out <usd>', 'only with output at most at this price per million tokens')
    .addOption(new Option('--sort <by>', 'order of the rows').choices(['name', 'price', 'context']));
}

function strangeWord(words: readonly string[]): Error {
  const said = words.join(' ');
  return usageError(
    `"${said}" is no command of models`,
    `{cmd} models search ${said}`,
    `{cmd} models info ${words[0]}`,
  );
}
