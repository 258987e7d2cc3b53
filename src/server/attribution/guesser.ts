import type { Socket } from 'node:net';
import type { Exchange } from '../../exchange.ts';
import { projectNameOf } from './project-name.ts';
import type { FindDirectories } from './types.ts';

/** Guesses projects by where clients work; for reports only. */
export interface Guesser {
  /** Sets the project of an exchange that names none: at once when the connection is known, else a moment later. */
  begin(exchange: Exchange, socket: Socket): void;
  /** Until it is known: resolves when the guess was made; null = nothing is being looked for. */
  pending(id: string): Promise<void> | null;
}

/** What guessing needs. */
export interface GuesserDeps {
  /** null = this system is not known, or the user does not want it. */
  find: FindDirectories | null;
  /** The user's home directory. */
  home: string | undefined;
  /** Monotonic milliseconds. */
  elapsed: () => number;
}

/**
 * Searching may take this long together at once, and this part of the time in the long run. When that is used up nobody is
 * looked for: no answer is slower for a guess, and no record waits for better times, because it is lost if the process is
 * killed meanwhile.
 */
const AT_ONCE_MS = 200;
const SHARE = 0.05;
/** A record waits no longer: while it is not written, a process that is killed takes it along. */
const MOST_WAIT_MS = 50;

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** Creates one. What is found is kept as long as its connection; connections that come together are looked for together. */
export function createGuesser({ find, home, elapsed }: GuesserDeps): Guesser {
  const known = new WeakMap<Socket, string | null>();
  const looking = new WeakMap<Socket, Promise<void>>();
  const pending = new Map<string, Promise<void>>();
  const names = new Map<string, string | null>();
  let waiting: Socket[] = [];
  let next: Promise<void> | null = null;
  let running: Promise<void> = Promise.resolve();
  let credit = { ms: AT_ONCE_MS, at: elapsed() };

  function nameOf(directory: string): string | null {
    const before = names.get(directory);
    if (before !== undefined) return before;
    const name = projectNameOf(directory, home);
    names.set(directory, name);
    return name;
  }

  async function lookUp(search: FindDirectories): Promise<void> {
    const sockets = waiting.filter(({ destroyed }) => !destroyed);
    waiting = [];
    next = null;
    const started = elapsed();
    for (const [serverPort, group] of byServerPort(sockets)) {
      const ports = group.map(({ remotePort }) => remotePort ?? 0);
      const found = await search(ports, serverPort).catch(() => new Map<number, string>());
      for (const [index, socket] of group.entries()) {
        const directory = found.get(ports[index] ?? 0);
        known.set(socket, directory === undefined ? null : nameOf(directory));
      }
    }
    credit = { ms: creditNow() - (elapsed() - started), at: elapsed() };
  }

  function creditNow(): number {
    return Math.min(AT_ONCE_MS, credit.ms + (elapsed() - credit.at) * SHARE);
  }

  /** One search at a time; whoever comes meanwhile shares the next one. */
  function look(socket: Socket, search: FindDirectories): Promise<void> {
    const already = looking.get(socket);
    if (already) return already;
    waiting.push(socket);
    next ??= running = running.then(() => lookUp(search));
    looking.set(socket, next);
    return next;
  }

  function set(exchange: Exchange, name: string | null | undefined): void {
    if (name === null || name === undefined || exchange.project !== null) return;
    exchange.project = name;
    exchange.projectSource = 'directory';
  }

  return {
    begin(exchange, socket) {
      if (find === null || exchange.project !== null || !LOOPBACK.test(socket.remoteAddress ?? '')) return;
      if (known.has(socket)) return set(exchange, known.get(socket));
      // The next request on this connection may have better luck.
      if (creditNow() <= 0) return;
      const found = atMost(MOST_WAIT_MS, look(socket, find)).then(() => {
        set(exchange, known.get(socket));
        pending.delete(exchange.id);
      });
      pending.set(exchange.id, found);
    },
    pending: (id) => pending.get(id) ?? null,
  };
}

/** Resolves with the promise, or after this time. */
function atMost(ms: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Ports are taken at once: a connection that is gone has none. */
function byServerPort(sockets: readonly Socket[]): Map<number, Socket[]> {
  const groups = new Map<number, Socket[]>();
  for (const socket of sockets) {
    const port = socket.localPort;
    if (port === undefined || socket.remotePort === undefined) continue;
    groups.set(port, [...(groups.get(port) ?? []), socket]);
  }
  return groups;
}
