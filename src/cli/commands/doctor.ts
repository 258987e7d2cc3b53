import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import type { DoctorFlags } from './doctor/run.ts';

/** `doctor`: everything that may be wrong, one fix each. Exit 7 when something is. */
export function doctorCommand(context: Context): Command {
  const command = new Command('doctor')
    .option('--fix', 'repair what can be repaired, after asking')
    .option('--offline', 'ask no provider')
    .option(
      '--bug-report [crash]',
      'one text to post: versions, configuration, checks, last errors; no key, no prompt',
    )
    .option('--agent <name>', 'of the agents only this one: claude, codex, ...')
    .action(async (flags: DoctorFlags) => (await import('./doctor/run.ts')).runDoctor(context, flags));
  return withExamples(command, context, [
    ['doctor', 'check everything'],
    ['doctor --fix', 'repair what can be repaired, after asking'],
    ['doctor --offline --json', 'for scripts; nobody is called'],
    ['doctor --bug-report', 'a text to post with a question; read it first'],
  ]);
}
