// `node tools/keyring.mjs <command...>`: runs a command with a Secret Service of its own, unlocked by a throw-away
// password, on a D-Bus of its own. Needs no X, no systemd, no user session. Where the machine has no gnome-keyring or
// no D-Bus, the command runs plainly, and one line on stderr says so. The command's exit code is passed through.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(import.meta.url);
/** Set for the command, to the daemon's pid: tests that need a real keychain look at it. */
const MARK = 'UNOROUTER_TEST_KEYRING';
const NEEDED = ['gnome-keyring-daemon', 'dbus-run-session', 'dbus-send'];
/** What would lead to the session of whoever runs this. */
const FOREIGN = [
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'DBUS_SESSION_BUS_ADDRESS',
  'GNOME_KEYRING_CONTROL',
  'SSH_AUTH_SOCK',
];
const START_MS = 10_000;
const STEP_MS = 25;
/** Where the outer process's stderr is found inside. */
const STDERR = 3;
/** Where the inner process tells its pid. */
const PID = 4;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The needed programs that are not on the PATH. */
function missing() {
  const dirs = (process.env.PATH ?? '').split(delimiter);
  return NEEDED.filter((name) => !dirs.some((dir) => existsSync(join(dir, name))));
}

/** Runs a command to its end, hands signals on, and answers with the code that a shell would give. */
function run(command, args, options, receiver = (child) => child.pid) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  const pid = receiver(child);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, async () => {
      try {
        process.kill(await pid, signal);
      } catch {
        // It is gone already: its end is on the way.
      }
    });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`error: ${command}: ${error.message}\n`);
      resolve(127);
    });
    child.once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Signals are for the inner process: a bus that is ended alone leaves its children behind. It tells its pid. */
const innerPid = (child) =>
  new Promise((resolve) => {
    child.stdio[PID].once('data', (text) => resolve(Number(String(text))));
    child.stdio[PID].once('error', () => resolve(child.pid));
  });

/** Outside: private directories, then a bus in which this file runs once more. */
async function outside(args) {
  const lacking = process.platform === 'linux' ? missing() : NEEDED;
  if (lacking.length > 0) {
    process.stderr.write(
      `No private keychain here (${lacking.join(', ')} missing): its tests are skipped.\n`,
    );
    return run(args[0], args.slice(1));
  }
  const dir = mkdtempSync(join(tmpdir(), 'unorouter-keyring-'));
  const env = { ...process.env, XDG_RUNTIME_DIR: join(dir, 'run'), XDG_DATA_HOME: join(dir, 'data') };
  for (const name of FOREIGN) delete env[name];
  for (const path of [env.XDG_RUNTIME_DIR, env.XDG_DATA_HOME]) mkdirSync(path, { mode: 0o700 });
  try {
    // The bus tells of its own troubles on stderr; the command's stderr goes around it, as descriptor 3.
    return await run(
      'dbus-run-session',
      ['--', process.execPath, HERE, '--inside', ...args],
      { env, stdio: [0, 1, 'ignore', 2, 'pipe'] },
      innerPid,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Whether somebody answers for the Secret Service. Asking the bus, not the service: a call of that would start one. */
function served() {
  const { stdout } = spawnSync(
    'dbus-send',
    [
      '--session',
      '--print-reply',
      '--dest=org.freedesktop.DBus',
      '/',
      'org.freedesktop.DBus.NameHasOwner',
      'string:org.freedesktop.secrets',
    ],
    { encoding: 'utf8' },
  );
  return stdout?.includes('boolean true') ?? false;
}

/** Inside the bus: the daemon, the command, the daemon's end. */
async function inside(args) {
  writeSync(PID, String(process.pid));
  closeSync(PID);
  const daemon = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = new Promise((resolve) => daemon.once('close', resolve));
  daemon.stdin.on('error', () => undefined);
  daemon.stdin.end(randomBytes(16).toString('hex'));
  try {
    for (let waited = 0; !served(); waited += STEP_MS) {
      if (waited > START_MS || daemon.exitCode !== null) {
        writeSync(STDERR, 'error: gnome-keyring-daemon did not start\n');
        return 70;
      }
      await pause(STEP_MS);
    }
    return await run(args[0], args.slice(1), {
      env: { ...process.env, [MARK]: String(daemon.pid) },
      stdio: [0, 1, STDERR],
    });
  } finally {
    // Nothing of it is kept, and a daemon that a test has stopped does not hear a politer signal.
    daemon.kill('SIGKILL');
    await gone;
  }
}

const [first, ...rest] = process.argv.slice(2);
process.exitCode = first === '--inside' ? await inside(rest) : await outside([first, ...rest]);
