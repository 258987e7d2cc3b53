import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import type { RunFlags } from './run/run.ts';

/** `run -- CMD`: starts an agent, or any other command, wired to this gateway; none of its files is touched. */
export function runCommand(context: Context): Command {
  const command = new Command('run')
    .argument('<command...>', 'the agent and its own arguments, behind --')
    .option('--model <name>', 'the model to work with (else the agent asks for its own, or the default)')
    .option('--project <name>', 'what its requests are booked under (the name of the git repository)')
    .option('--budget <usd>', 'what this run may spend; more is refused')
    .option('--no-serve', 'fail when no unorouter runs, instead of starting a private one')
    .option('--print-env', 'print what would be set, and start nothing')
    .action(async (words: string[], flags: RunFlags) => {
      const { runAgent } = await import('./run/run.ts');
      await runAgent(context, words, flags);
    });
  return withExamples(command, context, [
    ['run -- claude', 'Claude Code, through here'],
    ['run --model demo/coder -- codex exec "hello"', 'try it without a key'],
    ['run --budget 2 -- codex', 'two dollars and no more'],
    ['run -- ./script.py', 'any command gets the usual variables'],
  ]).addHelpText(
    'after',
    '\nIts exit code is that of the command; 127 when it is not installed. A private server ends with the last run.',
  );
}
