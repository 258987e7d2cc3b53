import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { type Job, LAUNCHD_LABEL, launchdPlist, systemdUnit, taskXml } from './units.ts';

/** A program and its arguments. */
export type Call = readonly [string, ...string[]];

/** How one system starts programs for a user. */
export interface Manager {
  name: string;
  file(context: Context): string;
  text(job: Job): string;
  start(file: string): readonly Call[];
  /** Before the file goes; what is not running is no mistake. */
  stop(file: string): readonly Call[];
  /** Exit 0 = it knows the job. */
  status(): Call;
  logs(logFile: string): Call;
}

const homeOf = ({ env }: Context): string => env.HOME || env.USERPROFILE || homedir();
const domain = (): string => `gui/${process.getuid?.() ?? 0}`;

const SYSTEMD: Manager = {
  name: 'systemd --user',
  file: (context) =>
    join(
      context.env.XDG_CONFIG_HOME || join(homeOf(context), '.config'),
      'systemd',
      'user',
      'unorouter.service',
    ),
  text: systemdUnit,
  start: () => [
    ['systemctl', '--user', 'daemon-reload'],
    ['systemctl', '--user', 'enable', '--now', 'unorouter.service'],
  ],
  stop: () => [['systemctl', '--user', 'disable', '--now', 'unorouter.service']],
  status: () => ['systemctl', '--user', 'is-active', 'unorouter.service'],
  logs: () => ['journalctl', '--user', '--unit', 'unorouter.service', '--lines', '50', '--no-pager'],
};

const LAUNCHD: Manager = {
  name: 'launchd',
  file: (context) => join(homeOf(context), 'Library', 'LaunchAgents', `${LAUNCHD_LABEL}.plist`),
  text: launchdPlist,
  start: (file) => [['launchctl', 'bootstrap', domain(), file]],
  stop: () => [['launchctl', 'bootout', `${domain()}/${LAUNCHD_LABEL}`]],
  status: () => ['launchctl', 'print', `${domain()}/${LAUNCHD_LABEL}`],
  logs: (logFile) => ['tail', '-n', '50', logFile],
};

const SCHEDULER: Manager = {
  name: 'Task Scheduler',
  file: ({ paths }) => join(paths.stateDir, 'service.xml'),
  text: taskXml,
  start: (file) => [
    ['schtasks', '/Create', '/F', '/TN', 'unorouter', '/XML', file],
    ['schtasks', '/Run', '/TN', 'unorouter'],
  ],
  stop: () => [
    ['schtasks', '/End', '/TN', 'unorouter'],
    ['schtasks', '/Delete', '/F', '/TN', 'unorouter'],
  ],
  status: () => ['schtasks', '/Query', '/TN', 'unorouter'],
  logs: () => ['schtasks', '/Query', '/V', '/FO', 'LIST', '/TN', 'unorouter'],
};

const BY_SYSTEM: Partial<Record<NodeJS.Platform, Manager>> = {
  linux: SYSTEMD,
  darwin: LAUNCHD,
  win32: SCHEDULER,
};

/** undefined = a system without one that we know. */
export const managerOf = (system: NodeJS.Platform): Manager | undefined => BY_SYSTEM[system];
