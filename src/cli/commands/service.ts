import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

const ACTIONS = [
  ['install', 'start it now and whenever you log in; shows what it writes, and asks'],
  ['uninstall', 'stop it, and take that file away'],
  ['status', 'is it installed, is it running'],
  ['logs', 'what the service has said'],
] as const;

/** `service`: launchd, systemd --user or Task Scheduler, by the system. */
export function serviceCommand(context: Context): Command {
  const command = new Command('service').usage('install|uninstall|status|logs [flags]');
  for (const [action, about] of ACTIONS) {
    const sub = command.command(action).description(about);
    if (action === 'install' || action === 'uninstall')
      sub.option('--dry-run', 'only show what would be done');
    sub.action(async (flags: { dryRun?: true }) =>
      (await import('./service/run.ts')).runService(context, action, flags),
    );
  }
  return withExamples(command, context, [
    ['service install --dry-run', 'the file and the commands, nothing is done'],
    ['service install', 'write it and start it'],
    ['service uninstall', 'take it away again'],
    ['service status', 'is it installed, does it answer'],
    ['service logs', 'what it has said'],
  ]);
}
