import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

/** The calls of the native module that we use. Listing its entries ends the process on a locked keyring: never. */
export type KeychainCall = 'getPassword' | 'setPassword' | 'deletePassword';

/** A process that talks to the keychain for us. */
export interface KeychainProcess {
  /** Rejects with the keychain's own words, or when the process ended. */
  call(name: KeychainCall, args: readonly string[]): Promise<unknown>;
  /** Ends it, whatever it is doing. Idempotent. */
  close(): void;
}

/** What the process says: first whether the module could be loaded (it cannot without libsecret), then answers. */
type Message = { loaded: boolean } | { id: number; value?: unknown; error?: string };

const PROGRAM = `
let keytar;
try { keytar = require(process.argv[1]); } catch {}
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', ({ id, name, args }) =>
  keytar[name](...args).then((value) => process.send({ id, value }), (error) => process.send({ id, error: String(error.message) })));
process.send({ loaded: Boolean(keytar) });
`;

/** What a keychain's library needs: the user's session and home. A list of what is let in: keys have all sorts of names. */
const NEEDED: readonly RegExp[] = [
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_ALL|TMPDIR|TEMP|TMP)$/,
  /^(DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|GNOME_KEYRING_CONTROL)$/,
  /^XDG_[A-Z_]+$/,
  /^(SystemRoot|SystemDrive|windir|USERPROFILE|APPDATA|LOCALAPPDATA|ProgramData|USERNAME|USERDOMAIN)$/i,
];

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => NEEDED.some((pattern) => pattern.test(name))),
  );
}

/** The path of the optional native module; null when it was not installed. */
function modulePath(): string | null {
  try {
    return createRequire(import.meta.url).resolve('keytar');
  } catch {
    return null;
  }
}

/** The answers that are waited for. */
function createAnswers() {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let last = 0;
  let settleLoaded: (loaded: boolean) => void = () => undefined;
  const loaded = new Promise<boolean>((resolve) => {
    settleLoaded = resolve;
  });
  return {
    loaded,
    expect(): { id: number; answer: Promise<unknown> } {
      const id = ++last;
      return { id, answer: new Promise((resolve, reject) => waiting.set(id, { resolve, reject })) };
    },
    take(message: Message): void {
      if ('loaded' in message) {
        settleLoaded(message.loaded);
        return;
      }
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error === undefined) call?.resolve(message.value);
      else call?.reject(new Error(message.error));
    },
    over(): void {
      settleLoaded(false);
      for (const call of waiting.values()) call.reject(new Error('the keychain process ended'));
      waiting.clear();
    },
  };
}

/**
 * Starts the process; null when this machine has no keychain module. Why a process: a keychain that does not answer (a
 * dialog that nobody sees, a hung D-Bus) holds its thread, and Node cannot end, not even by exit(), before that thread
 * does. A process can be ended. Secrets travel over the pipe between the two, never as arguments.
 */
export async function startKeychainProcess(): Promise<KeychainProcess | null> {
  const path = modulePath();
  if (path === null) return null;
  const child = spawn(process.execPath, ['-e', PROGRAM, path], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: environment(),
    windowsHide: true,
  });
  const answers = createAnswers();
  child.on('message', answers.take);
  child.once('exit', answers.over);
  child.once('error', answers.over);
  const close = (): void => void child.kill('SIGKILL');
  if (!(await answers.loaded)) {
    close();
    return null;
  }
  return {
    close,
    call(name, args) {
      const { id, answer } = answers.expect();
      child.send({ id, name, args }, (error) => error && answers.over());
      return answer;
    },
  };
}
