// Every child of a bench: started in a group of its own, pinned where `taskset` is, measured from /proc, gone when the bench is.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

const children = new Set();
/** A folder for what the children write; removed with them. */
export const scratch = mkdtempSync(join(tmpdir(), 'unorouter-bench-'));

function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    child.kill(name);
  }
}
process.on('exit', () => {
  for (const child of children) signal(child, 'SIGKILL');
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
});
let lastWish = () => {};
/** What is done when the bench is told to end before its time. */
export const whenInterrupted = (wish) => {
  lastWish = wish;
};
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(name, () => {
    lastWish();
    process.exit(130);
  });

/** The target has one core, load generator and upstream have another; without taskset or a second core nothing is pinned. */
export const pinned =
  availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', process.execPath, '-v']).status === 0;
const pin = (core, command) =>
  pinned && core !== undefined ? ['taskset', '-c', String(core), ...command] : command;
export const CORES = { load: 0, target: 1 };

/** Starts a command. `core` pins it; `ipc` opens a channel; what it prints goes to a log in the scratch folder. */
export function start(command, { core, env = {}, cwd = scratch, ipc = false, name = 'child' } = {}) {
  const [file, ...args] = pin(core, command);
  const log = openSync(join(scratch, `${name}.log`), 'a');
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', log, log, ...(ipc ? ['ipc'] : [])],
    detached: true,
  });
  child.on('error', () => {});
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** The last lines that a child of this name printed. */
export const lastWords = (name) =>
  readFileSync(join(scratch, `${name}.log`), 'utf8')
    .trim()
    .split('\n')
    .slice(-3)
    .join(' / ')
    .slice(-400);

/** Asks a child to end, and ends it after `ms`. */
export async function stop(child, ms = 3000) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  signal(child, 'SIGTERM');
  const timer = setTimeout(() => signal(child, 'SIGKILL'), ms);
  await gone;
  clearTimeout(timer);
}

/** The child's first message by IPC. */
export const firstMessage = (child) =>
  new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });

export const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const readOf = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
const tasksOf = (pid) => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
};

/** A process and all that it started. */
function family(pid) {
  const all = [pid];
  for (const one of all)
    for (const task of tasksOf(one))
      all.push(...readOf(`/proc/${one}/task/${task}/children`).split(' ').filter(Boolean).map(Number));
  return all;
}
const sum = (values) => values.reduce((total, value) => total + value, 0);
const orNothing = (value) => (value > 0 ? value : undefined);

/** CPU time of a process, its threads and children in us; `undefined` where there is no /proc. */
export const cpuUs = (pid) =>
  orNothing(
    sum(
      family(pid).flatMap((one) =>
        tasksOf(one).map(
          (task) => Number(readOf(`/proc/${one}/task/${task}/schedstat`).split(' ')[0]) / 1000,
        ),
      ),
    ),
  );

const schedule = (pid, task) =>
  readOf(`/proc/${pid}/task/${task}/schedstat`)
    .split(' ')
    .map((ns) => Number(ns) / 1000);

/**
 * What a process's own threads have had of the cores so far, in us: its main one, all others, and how long the main one
 * was ready and had to wait for its core; `undefined` where there is no /proc.
 */
export function threadUs(pid) {
  const tasks = tasksOf(pid);
  if (tasks.length === 0) return;
  const [main, waited] = schedule(pid, pid);
  const all = sum(tasks.map((task) => schedule(pid, task)[0]));
  return { main, others: all - main, waited };
}

/** Resident memory of a process and its children in kB; `undefined` where there is no /proc. */
export const rssKb = (pid) =>
  orNothing(
    sum(family(pid).map((one) => Number(/VmRSS:\s+(\d+)/.exec(readOf(`/proc/${one}/status`))?.[1] ?? 0))),
  );
