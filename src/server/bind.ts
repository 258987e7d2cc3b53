import { EXIT, UserError } from '../errors.ts';
import { askHealth, type ServerFile } from '../home/index.ts';
import { type Listening, type ListenOptions, listen } from './listen.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host);
}

/** Layer 1: another address than loopback only when it was asked for in full. @throws UserError `unsafe_bind` (error 24) */
export function checkHost(host: string, how: { insecureHttp: boolean; auth: boolean }): void {
  if (isLoopback(host)) return;
  if (!how.auth) {
    throw new UserError({
      code: 'unsafe_bind',
      exit: EXIT.usage,
      message: `refusing to listen on ${host} without a token`,
      why: 'anyone on this network could spend your money',
      fix: [`{cmd} serve --host ${host} --insecure-http     and no --no-auth`],
    });
  }
  if (how.insecureHttp) return;
  throw new UserError({
    code: 'unsafe_bind',
    exit: EXIT.usage,
    message: `refusing to listen on ${host} without TLS`,
    why: 'anyone on this network could read your token and spend your money',
    fix: [`{cmd} serve --host ${host} --insecure-http     said in full: for containers and VPNs`],
  });
}

/** Error 1 in its second form: a server of this home runs already. */
export function alreadyRunning(server: ServerFile, now: number): UserError {
  const minutes = Math.round((now - server.startedAt) / 60_000);
  const up = minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
  return new UserError({
    code: 'port_in_use',
    exit: EXIT.portInUse,
    message: `unorouter is already running on port ${server.port} (pid ${server.pid}, up ${up})`,
    fix: ['{cmd} logs -f     watch it', '{cmd} stop        stop it'],
  });
}

async function portTaken(host: string, port: number): Promise<UserError> {
  const ours = await askHealth(`http://${host === '::1' ? '[::1]' : host}:${port}`);
  return new UserError({
    code: 'port_in_use',
    exit: EXIT.portInUse,
    message: `port ${port} is already in use`,
    why: ours
      ? `another unorouter, of another home, listens there (pid ${ours.pid})`
      : 'another program listens there',
    fix: [`{cmd} serve --port ${port + 1}      or  --any-port`],
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function cannotListen(host: string, port: number, error: unknown): UserError {
  return new UserError({
    code: 'cannot_listen',
    exit: EXIT.failed,
    message: `cannot listen on ${host} port ${port}`,
    why: `${codeOf(error) || String(error)}${codeOf(error) === 'EACCES' ? ': ports below 1024 are for the administrator' : ''}`,
    fix: ['{cmd} serve'],
  });
}

/** Binds; on a taken port either takes any free one or says who has it. @throws UserError `port_in_use`, `cannot_listen` */
export async function bindServer(options: ListenOptions, anyPort: boolean): Promise<Listening> {
  try {
    return await listen(options);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw cannotListen(options.host, options.port, error);
    if (!anyPort) throw await portTaken(options.host, options.port);
    return listen({ ...options, port: 0 });
  }
}
