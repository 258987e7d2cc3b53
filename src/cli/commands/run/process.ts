import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Context } from '../../context.ts';
import { batchCall } from './batch.ts';

/** What is started. */
export interface Command {
  program: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** Shells count the end by a signal like this. */
const BY_SIGNAL = 128;

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const;

/**
 * Runs a command in this terminal to its end; gives its exit code. Signals that come to us go on to it. Ctrl-C of a
 * terminal reaches it by itself, and twice would mean something else to an agent.
 * @throws the error of the system when it cannot be started
 */
export function runToEnd({ program, args, env }: Command, { stdin }: Context): Promise<number> {
  const call = isBatch(program) ? batchCall(program, args, env.ComSpec) : { program, args, verbatim: false };
  const child = spawn(call.program, call.args, {
    env,
    stdio: 'inherit',
    windowsVerbatimArguments: call.verbatim,
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  const interrupted = (): void => {
    if (!stdin.isTTY) child.kill('SIGINT');
  };
  process.on('SIGINT', interrupted);
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      resolve(code ?? BY_SIGNAL + (signal === null ? 0 : (constants.signals[signal] ?? 0))),
    );
  }).finally(() => {
    process.off('SIGINT', interrupted);
    for (const signal of FORWARDED) process.off(signal, forward);
  });
}

/** Windows starts these only through its shell. */
const isBatch = (program: string): boolean => /\.(cmd|bat)$/i.test(program);
