import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import { EXIT, UserError } from '../errors.ts';

/** What decides how we connect. */
export interface DispatcherOptions {
  env: NodeJS.ProcessEnv;
  /** `network.proxy`: a URL, `none`, or null = what the environment says. */
  proxy: string | null;
  /** `network.ca`: a file of PEM certificates that are trusted besides the usual ones; null = none. */
  ca: string | null;
  connectMs: number;
}

const PROXY_VARIABLES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'];
/** Loopback is never proxied: local models are on it, and so are we. */
const LOOPBACK = '127.0.0.1,localhost,[::1],::1';

/**
 * The connection pool for all upstreams. undici's own header and body timers are off (they tick once a second and cut
 * long thinking); the transport has its own. The proxy part is loaded only when there is a proxy.
 * @throws UserError `ca_unreadable` (exit 3)
 */
export async function createDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const settings = {
    connections: null,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
    maxHeaderSize: 64 * 1024,
    connect: {
      timeout: options.connectMs,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: 250,
      // A list replaces the built-in one, so that one goes in front of it.
      ...(options.ca === null ? {} : { ca: [...rootCertificates, readCertificates(options.ca)] }),
    },
  };
  const fromEnv = options.proxy === null && PROXY_VARIABLES.some((name) => options.env[name]);
  if (!fromEnv && (options.proxy === null || options.proxy === 'none')) {
    const { Agent } = await import('./agent.ts');
    return new Agent(settings);
  }
  const { EnvHttpProxyAgent } = await import('./proxy-agent.ts');
  const noProxy = options.env.NO_PROXY ?? options.env.no_proxy;
  const explicit =
    options.proxy && options.proxy !== 'none' ? { httpProxy: options.proxy, httpsProxy: options.proxy } : {};
  return new EnvHttpProxyAgent({
    ...settings,
    ...explicit,
    noProxy: noProxy ? `${noProxy},${LOOPBACK}` : LOOPBACK,
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
