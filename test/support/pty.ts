import { spawn, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import { BIN, type TestHome } from './cli.ts';

/** `script` of util-linux gives a command a terminal. */
export const hasPty =
  process.platform === 'linux' &&
  spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;

/** A command on a terminal of its own. */
export interface OnTerminal {
  /** Everything that was written, without what steers the terminal. */
  text(): string;
  /** Resolves when a text was written behind what the last call waited for. Rejects when the command ends before. */
  says(text: string): Promise<void>;
  /** Presses keys. */
  type(keys: string): void;
  ended: Promise<number | null>;
}

export const KEYS = { enter: '\r', down: '\u001b[B', space: ' ', interrupt: '\u0003' } as const;

/** Starts the built program where a person sits. */
export function onTerminal(
  home: TestHome,
  args: readonly string[],
  { columns = 100, env = {} }: { columns?: number; env?: NodeJS.ProcessEnv } = {},
): OnTerminal {
  const words = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols ${columns} rows 40; exec ${words}`, '/dev/null'], {
    env: { ...home.env, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    cwd: home.dir,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let raw = '';
  let heard = 0;
  const looks = new Set<() => void>();
  child.stdout.on('data', (bytes) => {
    raw += bytes;
    for (const look of looks) look();
  });
  const text = (): string => stripVTControlCharacters(raw);
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  return {
    text,
    ended,
    says: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const at = text().indexOf(wanted, heard);
          if (at < 0) return;
          heard = at + wanted.length;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
        void ended.then((code) => reject(new Error(`ended (${code}) before "${wanted}"\n${text()}`)));
      }),
    type: (keys) => void child.stdin.write(keys),
  };
}
