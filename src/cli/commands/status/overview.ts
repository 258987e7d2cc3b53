import type { Context } from '../../context.ts';
import { lookOf } from '../../render/index.ts';
import { printState } from './run.ts';
import { readState } from './state.ts';

/** What people do most, in the order in which they come to it. */
const FIRST_COMMANDS: readonly (readonly [string, string])[] = [
  ['serve', 'run the proxy, with the live log'],
  ['run -- claude', 'start an agent through here'],
  ['keys add <provider>', 'store a key'],
  ['models', 'what you can call, with prices'],
  ['use <model>', 'set the default model'],
  ['logs -f', 'watch requests of the running one'],
  ['spend', 'what was spent'],
];

/** `unorouter` alone: the state, and the commands to go on with. Exit 0 whatever the state. */
export async function showOverview(context: Context): Promise<void> {
  printState(context, await readState(context));
  const { stdout, prefix } = context;
  const { style, width } = lookOf(context, stdout);
  const commands = FIRST_COMMANDS.map(([words, about]) => ({ line: `  ${prefix} ${words}`, about }));
  const most = Math.max(...commands.map(({ line }) => line.length));
  const fits = commands.every(({ about }) => most + 3 + about.length <= width);
  const lines = commands.map(({ line, about }) =>
    fits ? `${line.padEnd(most + 3)}${style.dim(about)}` : line,
  );
  stdout.write(`\n${lines.join('\n')}\n\nAll commands: ${prefix} --help\n`);
}
