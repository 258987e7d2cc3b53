import type { Context } from './context.ts';
import { usageError } from './usage-error.ts';

/** Where a server of this home listens: flag, then UNOROUTER_HOST and UNOROUTER_PORT, then configuration, then default. */
export async function wantedAddress(
  context: Context,
  flags: { host?: string | undefined; port?: string | undefined } = {},
): Promise<{ host: string; port: number }> {
  const { DEFAULT_SETTINGS, loadConfig } = await import('../config/index.ts');
  const loaded = await loadConfig(context.paths.configFile);
  // A broken file is told by whoever needs the rest of it.
  const configured = loaded.ok ? loaded.config.server : null;
  const usual = DEFAULT_SETTINGS.server;
  const port = flags.port ?? (context.env.UNOROUTER_PORT || undefined);
  return {
    host: flags.host ?? (context.env.UNOROUTER_HOST || configured?.host || usual.host),
    port: port === undefined ? (configured?.port ?? usual.port) : portNumber(port),
  };
}

/** Where a client finds us: the running server's address, else where the next one will be. */
export async function addressToUse(context: Context): Promise<string> {
  const { findClient } = await import('./client.ts');
  const running = await findClient(context);
  return running ? running.url : `http://127.0.0.1:${(await wantedAddress(context)).port}`;
}

const HIGHEST_PORT = 65_535;

/** 0 = any free one. */
function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > HIGHEST_PORT)
    throw usageError(
      `a port is a number from 0 to ${HIGHEST_PORT}, not "${text}"`,
      '{cmd} serve --port 8667',
    );
  return port;
}
