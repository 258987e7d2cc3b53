import { GatewayError } from '../errors.ts';
import { createHealth, type Health } from '../health/index.ts';
import { createSignal, type Signal } from '../signal.ts';
import { createUlid } from '../ulid.ts';
import { type Books, openBooks } from './books.ts';
import { createFetchList, createFetchPrices, createLists, type Lists } from './lists.ts';
import { openShelves, type Shelves } from './shelves.ts';
import { createSticky, type Sticky } from './sticky.ts';
import { openTransports, type Transports } from './transports.ts';
import type { ServeOptions } from './types.ts';
import { wait } from './wait.ts';

/** Everything that a server is made of but its sockets. */
export interface Parts extends Books {
  options: ServeOptions;
  /** ms since 1970 */
  startedAt: number;
  shelves: Shelves;
  transports: Transports;
  health: Health;
  sticky: Sticky;
  lists: Lists;
  newId(): string;
  /** What is wrong at the moment and told by `status`: a configuration that was saved and cannot be used. */
  trouble: { config: string | null };
  /** Web origins under which this server is reached. */
  ownOrigins: Set<string>;
  onBug(error: unknown): void;
  /** See `cut`. */
  ending: Signal;
  /** Breaks off every call that runs, so that its client hears why. */
  cut(): void;
  close(): Promise<void>;
}

function bugTeller(options: ServeOptions): (error: unknown) => void {
  return (error) => {
    // Messages of our own code name code; those of others may quote a prompt.
    const name = error instanceof Error ? error.name : typeof error;
    const [, at = ''] = (error instanceof Error ? (error.stack ?? '') : '').split('\n');
    options.notice(
      'warn',
      `a bug of ours stopped one request, not the server: ${name}${at.trim() ? ` ${at.trim()}` : ''}`,
    );
  };
}

/** What clients hear whose request comes too late, or runs too long, for a server that ends. */
export function shuttingDown(): GatewayError {
  return new GatewayError({
    code: 'shutting_down',
    kind: 'overloaded',
    status: 503,
    message: 'unorouter: this server is stopping',
  });
}

function createEnding(): Pick<Parts, 'ending' | 'cut'> {
  const ending = createSignal();
  return { ending: ending.signal, cut: () => ending.abort(shuttingDown()) };
}

/** Origins of the addresses that the configuration names: few, and asked for in every request. */
function createOrigins(): (url: string) => string {
  const known = new Map<string, string>();
  return (url) => {
    const origin = known.get(url) ?? (URL.canParse(url) ? new URL(url).origin : '');
    known.set(url, origin);
    return origin;
  };
}

/** Opens them. @throws UserError `config_invalid`, `unsafe_file` */
export async function openParts(options: ServeOptions): Promise<Parts> {
  const startedAt = Date.now();
  const life = new AbortController();
  const newId = createUlid();
  const originOf = createOrigins();
  const ownOrigins = new Set<string>();
  const onBug = bugTeller(options);
  const network = (): ReturnType<Transports['network']> => transports.network();
  const shelves: Shelves = await openShelves(options, {
    list: createFetchList(() => shelves.keys, network, life.signal),
    prices: createFetchPrices(network, life.signal),
  });
  const transports: Transports = await openTransports(shelves.now().config, {
    env: options.env,
    prefix: options.prefix,
    newId,
    wait,
    isOwn: (url) => ownOrigins.has(originOf(url)),
  });
  const { close: closeBooks, ...books } = openBooks({ options, shelves, startedAt, onBug });
  const lists = createLists(shelves, () => shelves.now().config.catalog.refresh);
  return {
    options,
    startedAt,
    shelves,
    transports,
    ...books,
    health: createHealth({ now: Date.now }),
    sticky: createSticky({ now: Date.now }),
    lists,
    newId,
    trouble: { config: null },
    ownOrigins,
    onBug,
    ...createEnding(),
    async close() {
      life.abort();
      lists.stop();
      await Promise.all([closeBooks(), transports.close()]);
    },
  };
}
