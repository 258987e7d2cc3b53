import { execFile } from 'node:child_process';
import type { FindDirectories } from './types.ts';

/** Runs a program and gives its stdout; '' when it fails. */
export type RunProgram = (file: string, args: readonly string[]) => Promise<string>;

const PATIENCE_MS = 1_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** `lsof` ends with 1 when only a part was found: what it printed counts. */
export const runProgram: RunProgram = (file, args) =>
  new Promise((resolve) => {
    execFile(file, [...args], { timeout: PATIENCE_MS, maxBuffer: MOST_BYTES }, (_error, stdout) =>
      resolve(stdout),
    );
  });

/** One file of `lsof -F`: a line `p<pid>` is followed by lines `f<fd>` and `n<name>`. https://lsof.readthedocs.io/en/stable/manpage/ */
function namesIn(output: string): { pid: string; name: string }[] {
  let pid = '';
  return output.split('\n').flatMap((line) => {
    if (line.startsWith('p')) pid = line.slice(1);
    return line.startsWith('n') ? [{ pid, name: line.slice(1) }] : [];
  });
}

/**
 * macOS has no `/proc`; its own `lsof` knows both the connection and the directory. Two short processes for each new
 * connection that is not known yet (several at once share them).
 */
export function createMacFinder(run: RunProgram): FindDirectories {
  return async (ports, serverPort) => {
    const wanted = new Set(ports);
    const sockets = namesIn(
      await run('/usr/sbin/lsof', ['-nP', `-iTCP:${serverPort}`, '-sTCP:ESTABLISHED', '-Fpn']),
    );
    const pids = new Map<number, string>();
    for (const { pid, name } of sockets) {
      const [, from = '', to = ''] = /:(\d+)->.*:(\d+)$/.exec(name) ?? [];
      if (Number(to) === serverPort && wanted.has(Number(from))) pids.set(Number(from), pid);
    }
    if (pids.size === 0) return new Map();
    const list = [...new Set(pids.values())].join(',');
    const cwds = namesIn(await run('/usr/sbin/lsof', ['-a', '-d', 'cwd', '-p', list, '-Fpn']));
    const directories = new Map(cwds.map(({ pid, name }) => [pid, name]));
    return new Map(
      [...pids].flatMap(([port, pid]): [number, string][] => {
        const directory = directories.get(pid);
        return directory === undefined ? [] : [[port, directory]];
      }),
    );
  };
}
