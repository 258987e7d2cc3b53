import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { UserError } from '../../../../errors.ts';
import { askHealth } from '../../../../home/index.ts';
import { wantedAddress } from '../../../address.ts';
import { type Facts, type Finding, ok } from '../finding.ts';

const PATIENCE_MS = 1_000;

/** Whether anybody takes a connection there. */
export function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}

/** The port: ours, free, or somebody else's. */
export async function port({ context, server }: Facts): Promise<Finding[]> {
  if (server) return [ok(`port ${server.port}: unorouter ${server.version}, pid ${server.pid}`)];
  const wanted = await wantedAddress(context).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
  if (wanted instanceof UserError)
    return [{ state: 'bad', text: wanted.message, fix: 'unset UNOROUTER_PORT UNOROUTER_HOST' }];
  const trouble = await cannotBind(wanted.host, wanted.port);
  if (trouble === null) return [ok(`port ${wanted.port} is free`)];
  const other = await askHealth(`http://127.0.0.1:${wanted.port}`);
  return [
    {
      state: 'bad',
      text: `port ${wanted.port} is taken`,
      why: other
        ? `another unorouter listens there (pid ${other.pid}), with another home`
        : `another program listens there (${trouble})`,
      fix: '{cmd} serve --any-port     or  {cmd} config set server.port <another>',
    },
  ];
}

/** null = it can be bound; else the system's word. */
function cannotBind(host: string, number: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    server.listen({ host, port: number, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Node's clients take `localhost` for ::1 where there is one: then both must answer. */
export async function addresses({ server }: Facts): Promise<Finding[]> {
  const hasSix = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === '::1'),
  );
  if (!server)
    return [ok(hasSix ? 'this machine has 127.0.0.1 and ::1' : 'this machine has 127.0.0.1, and no ::1')];
  const [four, six] = await Promise.all([
    askHealth(`http://127.0.0.1:${server.port}`),
    hasSix ? askHealth(`http://[::1]:${server.port}`) : null,
  ]);
  if (four && (six || !hasSix))
    return [ok(hasSix ? '127.0.0.1 and ::1 both answer' : '127.0.0.1 answers (no ::1 here)')];
  const silent = four ? '::1' : '127.0.0.1';
  return [
    {
      state: 'warn',
      text: `${silent} does not answer on port ${server.port}`,
      why: 'a client that takes "localhost" for it gets no connection',
      fix: `use ${four ? 'http://127.0.0.1' : server.url} in the client, or restart: {cmd} stop`,
    },
  ];
}
