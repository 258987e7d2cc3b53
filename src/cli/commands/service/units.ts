/** What is to be started, and where its words go. */
export interface Job {
  /** Absolute. */
  node: string;
  /** The program's own file, absolute. */
  script: string;
  /** Variables that it must have: places, and what the login shell would set. */
  env: Readonly<Record<string, string>>;
  /** Standard error of launchd's job. */
  logFile: string;
}

/** Quiet and without rows: what happened is in the ledger. */
export const SERVE_ARGS = ['serve', '--log', 'none', '--quiet'] as const;

/** systemd's quoting: https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html */
const forSystemd = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;

/** In ExecStart a dollar sign stands for a variable. */
const forExec = (text: string): string => forSystemd(text).replaceAll('$', '$$$$');

/** A unit of `systemd --user`. Exit 6 (the port is taken) is not mended by trying again. */
export function systemdUnit({ node, script, env }: Job): string {
  const command = [node, script, ...SERVE_ARGS].map(forExec).join(' ');
  const variables = Object.entries(env).map(
    ([name, value]) => `Environment=${forSystemd(`${name}=${value}`)}`,
  );
  return [
    '[Unit]',
    'Description=unorouter, a local gateway for language models',
    'After=network.target',
    '',
    '[Service]',
    `ExecStart=${command}`,
    ...variables,
    'Restart=on-failure',
    'RestartSec=5',
    'RestartPreventExitStatus=2 3 6',
    'TimeoutStopSec=45',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

const forXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The name of launchd's job. */
export const LAUNCHD_LABEL = 'unorouter.serve';

/** A property list of launchd; `man launchd.plist`. */
export function launchdPlist({ node, script, env, logFile }: Job): string {
  const strings = [node, script, ...SERVE_ARGS].map((word) => `    <string>${forXml(word)}</string>`);
  const variables = Object.entries(env).flatMap(([name, value]) => [
    `    <key>${forXml(name)}</key>`,
    `    <string>${forXml(value)}</string>`,
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  <string>${LAUNCHD_LABEL}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...strings,
    '  </array>',
    '  <key>EnvironmentVariables</key>',
    '  <dict>',
    ...variables,
    '  </dict>',
    '  <key>RunAtLoad</key>',
    '  <true/>',
    '  <key>KeepAlive</key>',
    '  <dict>',
    '    <key>SuccessfulExit</key>',
    '    <false/>',
    '  </dict>',
    '  <key>ThrottleInterval</key>',
    '  <integer>30</integer>',
    '  <key>StandardErrorPath</key>',
    `  <string>${forXml(logFile)}</string>`,
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

/** https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema; a task has no variables of its own, so they are set by cmd. */
export function taskXml({ node, script, env }: Job): string {
  const sets = Object.entries(env).map(([name, value]) => `set "${name}=${value}"`);
  const call = [node, script, ...SERVE_ARGS].map((word) => `"${word}"`).join(' ');
  const line = [...sets, call].join(' && ');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    '  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>',
    '  <Principals><Principal id="Author"><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal></Principals>',
    '  <Settings>',
    '    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
    '    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
    '    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
    '    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>',
    '    <Hidden>true</Hidden>',
    '    <RestartOnFailure><Interval>PT1M</Interval><Count>3</Count></RestartOnFailure>',
    '  </Settings>',
    '  <Actions Context="Author">',
    `    <Exec><Command>cmd.exe</Command><Arguments>/d /s /c "${forXml(line)}"</Arguments></Exec>`,
    '  </Actions>',
    '</Task>',
    '',
  ].join('\n');
}
