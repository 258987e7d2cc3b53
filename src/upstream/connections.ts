import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import { EXIT, UserError } from '../errors.ts';
import type { ConnectedOptions } from './connection.ts';
import { READ_BUFFER } from './read-buffer.ts';

/** What decides how we connect. */
export interface ConnectionsOptions {
  env: NodeJS.ProcessEnv;
  /** `network.proxy`: a URL, `none`, or null = what the environment says. */
  proxy: string | null;
  /** `network.ca`: a file of PEM certificates that are trusted besides the usual ones; null = none. */
  ca: string | null;
}

/** The connections to all upstreams. */
export interface Connections {
  /** Sends a call over an idle or a new connection; `fresh` = over one that never carried a call. */
  dispatch(call: ConnectedOptions, handler: Dispatcher.DispatchHandler, fresh: boolean): void;
  /** Takes no more calls; resolves when those that run are over. */
  close(): Promise<void>;
  /** Breaks off whatever runs. */
  destroy(): Promise<void>;
}

/** Loopback is never proxied: local models are on it, and so are we. */
const LOOPBACK = '127.0.0.1,localhost,[::1],::1';
const PROXY_PROTOCOLS: ReadonlySet<string> = new Set(['http:', 'https:', 'socks:', 'socks5:']);

/**
 * Opens none yet. undici's own timers are off (they tick once a second and cut long thinking); the transport has its own.
 * The proxy part is loaded only when there is a proxy.
 * @throws UserError `ca_unreadable`, `proxy_invalid` (exit 3)
 */
export async function createConnections(options: ConnectionsOptions): Promise<Connections> {
  const create = await dispatchers(options);
  const pooled = create(1);
  let single: Dispatcher | undefined;
  const all = (): Dispatcher[] => (single ? [pooled, single] : [pooled]);
  return {
    dispatch(call, handler, fresh) {
      // Without pipelining undici closes each connection behind its one call.
      if (fresh) single ??= create(0);
      (fresh && single ? single : pooled).dispatch(call, handler);
    },
    close: async () => void (await Promise.all(all().map((one) => one.close()))),
    destroy: async () => void (await Promise.all(all().map((one) => one.destroy()))),
  };
}

async function dispatchers(options: ConnectionsOptions): Promise<(pipelining: 0 | 1) => Dispatcher> {
  // A list replaces the built-in one, so that one goes in front of it.
  const ca = options.ca === null ? {} : { ca: [...rootCertificates, readCertificates(options.ca)] };
  const { Agent, createPool } = await import('./agent.ts');
  const settings = {
    connections: null,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
    maxHeaderSize: 64 * 1024,
    connect: {
      timeout: 0,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: 250,
      onread: READ_BUFFER,
      ...ca,
    },
    factory: createPool,
  };
  const proxies = proxiesOf(options);
  if (!proxies) return (pipelining) => new Agent({ ...settings, pipelining });
  const { createProxyPool, EnvHttpProxyAgent } = await import('./proxy-agent.ts');
  const tls = { timeout: 0, ...ca };
  return (pipelining) =>
    new EnvHttpProxyAgent({
      ...settings,
      ...proxies,
      clientFactory: createProxyPool,
      proxyTls: tls,
      requestTls: tls,
      pipelining,
    });
}

/** What goes through which proxy; null = there is none. Empty texts keep undici from asking this process's environment. */
function proxiesOf({
  env,
  proxy,
}: ConnectionsOptions): Record<'httpProxy' | 'httpsProxy' | 'noProxy', string> | null {
  if (proxy === 'none') return null;
  const httpProxy = proxy ?? (env.http_proxy || env.HTTP_PROXY || '');
  const httpsProxy = proxy ?? (env.https_proxy || env.HTTPS_PROXY || '');
  if (httpProxy === '' && httpsProxy === '') return null;
  for (const one of [httpProxy, httpsProxy]) if (one !== '') checkProxy(one, proxy === null);
  const except = env.no_proxy || env.NO_PROXY || '';
  if (except.split(/[,\s]+/).includes('*')) return null;
  return { httpProxy, httpsProxy, noProxy: except === '' ? LOOPBACK : `${except},${LOOPBACK}` };
}

/** The text itself is not repeated: it may hold a password. */
function checkProxy(proxy: string, fromEnv: boolean): void {
  if (URL.canParse(proxy) && PROXY_PROTOCOLS.has(new URL(proxy).protocol)) return;
  throw new UserError({
    code: 'proxy_invalid',
    exit: EXIT.config,
    message: `the proxy ${fromEnv ? 'of HTTP_PROXY or HTTPS_PROXY' : 'of network.proxy'} is not a URL that can be used`,
    why: 'it must begin with http://, https:// or socks5://',
    fix: ['{cmd} config set network.proxy <url>', '{cmd} config set network.proxy none'],
  });
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError({
      code: 'ca_unreadable',
      exit: EXIT.config,
      message: `the certificates of network.ca cannot be read: ${file}`,
      why: error instanceof Error ? error.message : String(error),
      fix: ['{cmd} config set network.ca <file>', '{cmd} config unset network.ca'],
    });
  }
}
