import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, UserError } from '../../../errors.ts';
import { findServer, writePrivate } from '../../../home/index.ts';
import { askFirst } from '../../ask.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { jsonFields, jsonText, safeText } from '../../render/index.ts';
import { say } from '../keys/say.ts';
import { type Call, type Manager, managerOf } from './managers.ts';
import type { Job } from './units.ts';

type Action = 'install' | 'uninstall' | 'status' | 'logs';

/** `service …`. @throws UserError `no_service_manager`, `not_installed`, `service_failed`, usage without somebody to ask */
export async function runService(context: Context, action: Action, flags: { dryRun?: true }): Promise<void> {
  const manager = managerOf(process.platform);
  if (!manager)
    throw new UserError({
      code: 'no_service_manager',
      exit: EXIT.failed,
      message: `no service manager is known for ${process.platform}`,
      fix: ['{cmd} serve     in a terminal of its own'],
    });
  await ACTIONS[action](context, manager, flags.dryRun === true);
}

const ACTIONS: Record<Action, (context: Context, manager: Manager, dryRun: boolean) => Promise<void> | void> =
  {
    install,
    uninstall,
    status,
    logs,
  };

async function install(context: Context, manager: Manager, dryRun: boolean): Promise<void> {
  const job = jobOf(context);
  const file = manager.file(context);
  const text = manager.text(job);
  const calls = manager.start(file);
  if (context.json && dryRun) return answer(context, { file, text, commands: calls, done: false });
  if (!context.json) preview(context, `${existsSync(file) ? 'replaces' : 'writes'} ${file}`, text, calls);
  if (dryRun) return;
  await agree(context, 'install', 'Write it and start it?');
  mkdirSync(dirname(file), { recursive: true });
  mkdirSync(dirname(job.logFile), { recursive: true, mode: 0o700 });
  writePrivate(file, text);
  for (const call of calls) must(call);
  if (context.json) return answer(context, { file, text, commands: calls, done: true });
  say(context, context.stdout, 'dot', `Installed with ${manager.name}. It starts whenever you log in.`);
  hint(context, `Look: ${context.prefix} service status     undo: ${context.prefix} service uninstall`);
}

/** Only what is there to stay: npx empties its cache. */
function jobOf(context: Context): Job {
  const script = realpathSync(process.argv[1] ?? '');
  if (context.prefix.startsWith('npx') || /[\\/]_npx[\\/]/.test(script))
    throw new UserError({
      code: 'not_installed_for_good',
      exit: EXIT.failed,
      message: 'a service cannot be started out of the cache of npx',
      why: 'npx empties it, and the service would be gone',
      fix: ['npm install --global unorouter     then  unorouter service install'],
    });
  const { env, paths } = context;
  const kept = [
    'PATH',
    'UNOROUTER_HOME',
    'UNOROUTER_CONFIG',
    'XDG_CONFIG_HOME',
    'XDG_STATE_HOME',
    'XDG_CACHE_HOME',
  ];
  const given = kept.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  return {
    node: process.execPath,
    script,
    env: Object.fromEntries(given),
    logFile: join(paths.stateDir, 'service.log'),
  };
}

async function uninstall(context: Context, manager: Manager, dryRun: boolean): Promise<void> {
  const file = manager.file(context);
  if (!existsSync(file)) throw notInstalled(file);
  const calls = manager.stop(file);
  if (context.json && dryRun) return answer(context, { file, commands: calls, done: false });
  if (!context.json) preview(context, `removes ${file}`, '', calls);
  if (dryRun) return;
  await agree(context, 'uninstall', 'Stop it and remove it?');
  removeService(manager, file);
  if (context.json) return answer(context, { file, commands: calls, done: true });
  say(
    context,
    context.stdout,
    'dot',
    'The service is gone. Configuration, keys and ledger are as they were.',
  );
}

/** Stops an installed service and takes its file away; the manager's answers do not count: it may be stopped already. */
export function removeService(manager: Manager, file: string): void {
  for (const [program, ...args] of manager.stop(file)) spawnSync(program, args, { stdio: 'ignore' });
  rmSync(file, { force: true });
}

async function status(context: Context, manager: Manager): Promise<void> {
  const file = manager.file(context);
  const installed = existsSync(file);
  const [program, ...args] = manager.status();
  const active = installed && spawnSync(program, args, { stdio: 'ignore' }).status === 0;
  const url = (await findServer(context.paths))?.url ?? null;
  if (context.json) answer(context, { installed, active, manager: manager.name, file, url });
  else if (!installed)
    say(context, context.stdout, 'circle', `Not installed. Install it: ${context.prefix} service install`);
  else {
    const where = url === null ? 'nothing answers' : `answers at ${url}`;
    const text = `Installed with ${manager.name}: ${active ? 'active' : 'not active'}, ${where}.`;
    say(context, context.stdout, active ? 'dot' : 'warn', text);
  }
  if (!active) context.exit(EXIT.notRunning);
}

function logs(context: Context, manager: Manager): void {
  const file = manager.file(context);
  if (!existsSync(file)) throw notInstalled(file);
  const {
    stdout,
    stderr,
    status: code,
    error,
  } = run(manager.logs(join(context.paths.stateDir, 'service.log')));
  if (error || code !== 0) throw failed(manager.logs(''), error?.message ?? stderr);
  for (const line of stdout.trimEnd().split('\n')) context.stdout.write(`${safeText(line)}\n`);
}

function preview({ stdout }: Context, what: string, text: string, calls: readonly Call[]): void {
  stdout.write(`${safeText(what)}\n`);
  for (const line of text.trimEnd().split('\n')) if (line !== '') stdout.write(`  ${safeText(line)}\n`);
  for (const call of calls) stdout.write(`runs ${safeText(call.join(' '))}\n`);
}

async function agree(context: Context, action: string, question: string): Promise<void> {
  const commands = [`{cmd} service ${action} -y`, `{cmd} service ${action} --dry-run`];
  const nobody = `service ${action} asks first, and there is nobody to ask`;
  if (!(await askFirst(context, question, commands, { nobody })))
    throw new UserError({ code: 'cancelled', exit: EXIT.failed, message: 'cancelled; nothing was changed' });
}

const run = ([program, ...args]: Call): ReturnType<typeof spawnSync> & { stdout: string; stderr: string } =>
  spawnSync(program, args, { encoding: 'utf8' });

function must(call: Call): void {
  const { status: code, error, stderr } = run(call);
  if (error || code !== 0) throw failed(call, error?.message ?? stderr);
}

function failed(call: Call, why: string): UserError {
  return new UserError({
    code: 'service_failed',
    exit: EXIT.failed,
    message: `${call[0]} did not do it`,
    why: why.trim() || 'it gave no reason',
    fix: [call.join(' '), '{cmd} service uninstall -y     takes back what was written'],
  });
}

function notInstalled(file: string): UserError {
  return new UserError({
    code: 'not_installed',
    exit: EXIT.nothingFound,
    message: 'the service is not installed',
    why: `there is no ${file}`,
    fix: ['{cmd} service install'],
  });
}

function answer(context: Context, row: Readonly<Record<string, unknown>>): void {
  context.stdout.write(jsonText(jsonFields([row], context.json ?? [])[0]));
}
