import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createGuesser } from '../../../src/server/attribution/guesser.ts';
import type { FindDirectories } from '../../../src/server/attribution/types.ts';
import { exchangeOf, inboundOf } from '../../support/relay.ts';

const opened: (net.Socket | net.Server)[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) {
    if (one instanceof net.Server) one.close();
    else one.destroy();
  }
});

/** The server's ends of new connections. */
async function connections(count: number): Promise<net.Socket[]> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ends: net.Socket[] = [];
  for (let n = 0; n < count; n++) {
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    const [end] = (await once(server, 'connection')) as [net.Socket];
    opened.push(client, end);
    ends.push(end);
  }
  opened.push(server);
  return ends;
}

/** A search that takes `searchMs` of a clock that stands still otherwise. */
function slowSearch(searchMs: number) {
  const clock = { ms: 0 };
  const asked: number[] = [];
  const find: FindDirectories = async (ports) => {
    asked.push(...ports);
    clock.ms += searchMs;
    return new Map(ports.map((port) => [port, '/src/api']));
  };
  return { clock, asked, guesser: createGuesser({ find, home: undefined, elapsed: () => clock.ms }) };
}

/** The project of one request that came on a connection. */
async function guessed({ guesser }: ReturnType<typeof slowSearch>, socket: net.Socket) {
  const exchange = exchangeOf(inboundOf('openai-chat', '{}'));
  guesser.begin(exchange, socket);
  await guesser.pending(exchange.id);
  return exchange.project;
}

test('dear searches are not made for every connection: who is not looked for has no name, and no record waits', async () => {
  const search = slowSearch(300);
  const [first, second] = (await connections(2)) as [net.Socket, net.Socket];
  expect(await guessed(search, first)).toMatch(/^api~/);
  expect(await guessed(search, second)).toBeNull();
  expect(search.asked).toEqual([first.remotePort]);
});

test('a connection that was not looked for is looked for at a later request', async () => {
  const search = slowSearch(300);
  const [first, second] = (await connections(2)) as [net.Socket, net.Socket];
  await guessed(search, first);
  await guessed(search, second);
  search.clock.ms += 10_000;
  expect(await guessed(search, second)).toMatch(/^api~/);
  expect(await guessed(search, second)).toMatch(/^api~/);
  expect(search.asked).toEqual([first.remotePort, second.remotePort]);
});

test('a record waits only a moment for a search that takes long', async () => {
  const [socket] = (await connections(1)) as [net.Socket];
  const find: FindDirectories = () => new Promise(() => undefined);
  const search = { ...slowSearch(0), guesser: createGuesser({ find, home: undefined, elapsed: () => 0 }) };
  expect(await guessed(search, socket)).toBeNull();
});
