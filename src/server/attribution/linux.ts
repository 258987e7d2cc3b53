import { readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { FindDirectories } from './types.ts';

/** How long the main thread may be kept at a time; then others come first. */
const SLICE_MS = 0.5;
/** A client that has not been found by then has probably ended. */
const MOST_MS = 100;
const ESTABLISHED = '01';
/** Processes that connected before; an agent opens many connections. */
const MOST_KNOWN = 32;

/** Whose sockets are looked for. */
interface Wanted {
  serverPort: number;
  /** Of the clients. */
  ports: ReadonlySet<number>;
  /** Only this user's, because others' files are not shown anyway; null = everybody's. */
  uid: number | null;
}

/**
 * Sockets of `/proc/net/tcp` and `tcp6`: by the client's port the inode of its end. Only lines of the server's clients are
 * taken apart: behind a busy hour the table holds thousands that wait for their end, and all of them would be 15 ms.
 * https://docs.kernel.org/networking/proc_net_tcp.html
 */
export function socketsIn(table: string, { serverPort, ports, uid }: Wanted): Map<number, string> {
  const found = new Map<number, string>();
  // How the server's address ends where it is the other side, and the state.
  const remote = `:${serverPort.toString(16).toUpperCase().padStart(4, '0')} ${ESTABLISHED} `;
  for (let at = table.indexOf(remote); at >= 0; at = table.indexOf(remote, at + remote.length)) {
    const behindLocal = table.lastIndexOf(' ', at);
    const port = Number.parseInt(table.slice(table.lastIndexOf(':', behindLocal) + 1, behindLocal), 16);
    if (!ports.has(port)) continue;
    const end = table.indexOf('\n', at);
    const rest = table.slice(at + remote.length, end < 0 ? undefined : end);
    const [, , , owner, , inode = '0'] = rest.trim().split(/\s+/);
    if (inode !== '0' && (uid === null || Number(owner) === uid)) found.set(port, inode);
  }
  return found;
}

/** Reads what may be gone or somebody else's; both happen all the time. */
function tried<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** The sockets of one process that are wanted. */
function held(pid: string, inodes: ReadonlySet<string>): string[] {
  const fds = tried(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return fds.flatMap((fd) => {
    const link = tried(() => readlinkSync(`/proc/${pid}/fd/${fd}`));
    const inode = link?.startsWith('socket:[') ? link.slice('socket:['.length, -1) : null;
    return inode !== null && inodes.has(inode) ? [inode] : [];
  });
}

/** Of the clients the inodes, by port. */
async function findSockets(wanted: Wanted): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  // The kernel walks its whole hash table for each of them: 4 ms, during which no stream may stand still.
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const table = await readFile(file, 'latin1').catch(() => '');
    for (const [port, inode] of socketsIn(table, wanted)) found.set(port, inode);
    if (found.size === wanted.ports.size) break;
  }
  return found;
}

const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Looks through the open files of this user's processes in `/proc`: those that were found before first, then the youngest.
 * Reading them is a matter of microseconds, so it is done here, in slices; a thread of the pool would take ten times as long.
 */
export function createLinuxFinder(elapsed: () => number): FindDirectories {
  const known = new Set<string>();

  /** Calls `visit` for each process until it says that nothing is left to be found. */
  async function walk(pids: Iterable<string>, visit: (pid: string) => boolean): Promise<void> {
    const started = elapsed();
    let slice = started;
    for (const pid of pids) {
      if (!visit(pid) || elapsed() - started > MOST_MS) return;
      if (elapsed() - slice < SLICE_MS) continue;
      await breath();
      slice = elapsed();
    }
  }

  return async (ports, serverPort) => {
    // root sees everybody's files, others only their own.
    const uid = process.getuid?.() || null;
    const sockets = await findSockets({ serverPort, ports: new Set(ports), uid });
    const portOf = new Map([...sockets].map(([port, inode]) => [inode, port]));
    const left = new Set(portOf.keys());
    const directories = new Map<number, string>();
    const visit = (pid: string): boolean => {
      const inodes = held(pid, left);
      const directory = inodes.length > 0 ? tried(() => readlinkSync(`/proc/${pid}/cwd`)) : null;
      for (const inode of inodes) {
        left.delete(inode);
        const port = portOf.get(inode);
        if (port !== undefined && directory !== null) directories.set(port, directory);
      }
      if (inodes.length > 0) remember(known, pid);
      return left.size > 0;
    };
    if (left.size > 0) await walk([...known].reverse(), visit);
    if (left.size > 0) await walk(processes(), visit);
    return directories;
  };
}

function processes(): string[] {
  const names = tried(() => readdirSync('/proc')) ?? [];
  return names.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a));
}

function remember(known: Set<string>, pid: string): void {
  known.delete(pid);
  known.add(pid);
  const [oldest] = known;
  if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
}
