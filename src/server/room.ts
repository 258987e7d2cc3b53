import { readFileSync } from 'node:fs';

/** More clients than this are refused anyway (design/security.md, exhaustion). */
const MOST_CLIENTS = 1024;
/** Files that a server holds without any client: the ledger, the watched configuration, threads, listening sockets. */
const OWN_FILES = 40;
const FEWEST_CLIENTS = 4;

/** Files that this process may open; null where the system does not say. Node raises the soft limit to the hard one by itself. */
function openFilesAllowed(): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? null : Number(soft);
  } catch {
    // Not Linux, or a /proc that is closed.
    return null;
  }
}

/** How many clients there is room for: each may need a connection to an upstream, which must not fail for want of a file. */
export function clientsAllowed(files = openFilesAllowed()): number {
  if (files === null) return MOST_CLIENTS;
  return Math.max(FEWEST_CLIENTS, Math.min(MOST_CLIENTS, Math.floor((files - OWN_FILES) / 2)));
}
