import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import type { SetupFlags } from './setup/flags.ts';

/** `setup`, `setup AGENT`: an agent's own settings, changed after asking, and back again. */
export function setupCommand(context: Context): Command {
  const command = new Command('setup')
    .argument('[agent]', 'claude, codex, opencode, gemini, aider …; without it: how all of them stand')
    .option('--model <name>', 'the model that it is told to use (else its own, or the default)')
    .option('--scope <where>', 'user, or project: this directory alone (claude)')
    .option('--print', 'print what would be written, and write nothing')
    .option('--dry-run', 'show the changes, and write nothing')
    .option('--check', 'does it come through here? exit 1 when something else wins')
    .option('--undo', 'take it back: the exact bytes where nothing was edited since')
    .action(async (agent: string | undefined, flags: SetupFlags) => {
      const { runSetup } = await import('./setup/run.ts');
      await runSetup(context, agent, flags);
    });
  return withExamples(command, context, [
    ['setup', 'which agents are there, and where they send requests'],
    ['setup codex', 'show the changes, ask, back up, write, check'],
    ['setup codex --undo', 'the files as they were'],
    ['setup cline --print', 'fields to fill in by hand'],
  ]);
}
