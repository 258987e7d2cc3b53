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
  // A pool hands down its connector, never settings for one.
  if (typeof connect !== 'function') throw new TypeError('a client without a connector');
  return new ConnectedClient(origin, options, connect);
}

type Connect = Extract<ClientType.Options['connect'], (...given: never[]) => unknown>;
type OnConnected = Parameters<Connect>[1];

/** A client of undici's that holds one connection, and tells its calls of it. */
class ConnectedClient extends Client implements Connection {
  private socket: Socket | null = null;
  private calls = 0;
  private readBefore = 0;
  private attempt: Connecting | null = null;

  constructor(origin: string | URL, options: ClientType.Options, connect: Connect) {
    super(origin, { ...options, connect: (wanted, callback) => this.open(connect, wanted, callback) });
  }

  override dispatch(call: ConnectedOptions, handler: Dispatcher.DispatchHandler): boolean {
    call.caller?.onConnection(this);
    return super.dispatch(call, handler);
  }

  begin(): void {
    this.calls++;
    this.readBefore = this.socket?.bytesRead ?? 0;
  }

  stale(): boolean {
    return this.calls > 1 && this.socket?.bytesRead === this.readBefore;
  }

  giveUp(error: Error): void {
    this.attempt?.giveUp(error);
  }

  private open(connect: Connect, wanted: Parameters<Connect>[0], callback: OnConnected): void {
    const attempt = new Connecting((error, connected) => {
      this.attempt = null;
      this.socket = connected;
      this.calls = 0;
      if (connected) callback(null, connected);
      else callback(told(error ?? new Error('not connected')), null);
    });
    this.attempt = attempt;
    // What a connector returns is not promised: a socket, or the promise of a tunnel.
    attempt.socket = connect(wanted, (...[error, connected]) => attempt.settle(error, connected));
  }
}

/** A connection that is being made; gone when it is there. */
class Connecting {
  socket: unknown = null;
  private tell: ((error: Error | null, connected: Socket | null) => void) | null;

  constructor(tell: (error: Error | null, connected: Socket | null) => void) {
    this.tell = tell;
  }

  settle(error: Error | null, connected: Socket | null): void {
    const { tell } = this;
    this.tell = null;
    if (tell) tell(error, connected);
    else connected?.on('error', ignore).destroy();
  }

  giveUp(error: Error): void {
    if (!this.tell) return;
    this.settle(error, null);
    if (this.socket instanceof Socket) this.socket.on('error', ignore).destroy(error);
  }
}
