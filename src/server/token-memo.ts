import type { Socket } from 'node:net';
import type { CheckToken } from './guard.ts';

/** What a connection has shown, and what it was worth. */
interface Shown {
  check: CheckToken;
  presented: string | undefined;
  found: ReturnType<CheckToken>;
}

/**
 * Comparing a token in constant time means hashing it. A connection that shows again what was right on it before learns
 * nothing from a faster comparison: it knows the token. Forgotten with the connection, and when the token changes.
 */
export function createTokenMemo(): (check: CheckToken, socket: Socket) => CheckToken {
  const known = new WeakMap<Socket, Shown>();
  return (check, socket) => (presented) => {
    const before = known.get(socket);
    if (before?.check === check && before.presented === presented) return before.found;
    const found = check(presented);
    if (found.ok) known.set(socket, { check, presented, found });
    return found;
  };
}
