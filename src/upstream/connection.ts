import { Socket } from 'node:net';
import type { Client as ClientType, Dispatcher } from 'undici';
// The package's index loads fetch, WebSocket and caches too (65 ms of start-up).
import Client from 'undici/lib/dispatcher/client.js';
import Pool from 'undici/lib/dispatcher/pool.js';

/** What a call may know of the connection that it is put on. One call at a time uses it. */
export interface Connection {
  /** The call's first byte is written now. */
  begin(): void;
  /** It carried other calls before this one, and since this one began not one byte came back. */
  stale(): boolean;
  /** Stops connecting; the call fails with the error. Nothing happens once there is a connection. */
  giveUp(error: Error): void;
}

/** Who is told what a call will travel on. */
export interface Caller {
  onConnection(connection: Connection): void;
}

/** A call as it goes through undici's agents to a client of ours. */
export interface ConnectedOptions extends Dispatcher.DispatchOptions {
  caller?: Caller;
}

/** One origin's connections: undici's pool, with clients that tell of their connections. */
export function createPool(origin: string | URL, options: object): Dispatcher {
  return new Pool(origin, { ...options, factory: createClient });
}

const ignore = (): void => undefined;

/** undici reconnects for ever when connecting fails with its own socket error; with any other one it tells the call. */
function told(error: Error): Error {
  return 'code' in error && error.code === 'UND_ERR_SOCKET'
    ? Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNRESET' })
    : error;
}

function createClient(origin: string | URL, { connect, ...options }: ClientType.Options): Dispatcher {
  let socket: Socket | null = null;
  let calls = 0;
  let readBefore = 0;
  let giveUp: Connection['giveUp'] = ignore;
  const client = new Client(origin, {
    ...options,
    connect(wanted, callback) {
      // A pool hands down its connector, never settings for one.
      if (typeof connect !== 'function') throw new TypeError('a client without a connector');
      let waiting = true;
      const settle = (error: Error | null, connected: Socket | null): void => {
        if (!waiting) {
          connected?.on('error', ignore).destroy();
          return;
        }
        waiting = false;
        socket = connected;
        calls = 0;
        if (connected) callback(null, connected);
        else callback(told(error ?? new Error('not connected')), null);
      };
      // What a connector returns is not promised: a socket, or the promise of a tunnel.
      const connecting: unknown = connect(wanted, (...[error, connected]) => settle(error, connected));
      giveUp = (error) => {
        if (!waiting) return;
        settle(error, null);
        if (connecting instanceof Socket) connecting.on('error', ignore).destroy(error);
      };
    },
  });
  const connection: Connection = {
    begin() {
      calls++;
      readBefore = socket?.bytesRead ?? 0;
    },
    stale: () => calls > 1 && socket?.bytesRead === readBefore,
    giveUp: (error) => giveUp(error),
  };
  const dispatch = client.dispatch.bind(client);
  return Object.assign(client, {
    dispatch(call: ConnectedOptions, handler: Dispatcher.DispatchHandler) {
      call.caller?.onConnection(connection);
      return dispatch(call, handler);
    },
  });
}
