import type { Config } from '../config/index.ts';
import { createDemoTransport } from '../demo/index.ts';
import { GatewayError } from '../errors.ts';
import { protocolOf } from '../protocols/index.ts';
import type { Target } from '../router/index.ts';
import type { Signal } from '../signal.ts';
import { createConnections, createTransport, type Transport } from '../upstream/index.ts';

/** How targets are reached: the demo provider in this process, everybody else over one connection pool. */
export interface Transports {
  network(): Transport;
  of(target: Target): Transport;
  /** Takes over changed network settings; calls that run keep their connections. */
  configure(config: Config): Promise<void>;
  close(): Promise<void>;
}

/** What the transports need besides the configuration. */
export interface TransportsDeps {
  env: NodeJS.ProcessEnv;
  prefix: string;
  newId(): string;
  wait(ms: number, signal: Signal): Promise<void>;
  /** Whether an address is this server's own. */
  isOwn(url: string): boolean;
}

const settingsOf = ({ network }: Config): string => JSON.stringify(network);

/** Opens the pool. */
export async function openTransports(config: Config, deps: TransportsDeps): Promise<Transports> {
  const demo = createDemoTransport({
    protocol: protocolOf,
    prefix: deps.prefix,
    now: Date.now,
    newId: deps.newId,
    wait: deps.wait,
  });
  const open = (from: Config) =>
    createConnections({ env: deps.env, proxy: from.network.proxy, ca: from.network.ca });
  let settings = settingsOf(config);
  let connections = await open(config);
  let network = createTransport(connections);

  return {
    network: () => network,
    of(target) {
      if (target.provider.kind === 'demo') return demo;
      if (deps.isOwn(target.surface.url)) throw loop(target);
      return network;
    },
    async configure(next) {
      if (settingsOf(next) === settings) return;
      const previous = connections;
      connections = await open(next);
      network = createTransport(connections);
      settings = settingsOf(next);
      // Waits for what still runs over it.
      void previous.close();
    },
    close: () => connections.destroy(),
  };
}

/** Error 13. */
function loop({ provider, surface }: Target): GatewayError {
  return new GatewayError({
    code: 'proxy_loop',
    kind: 'config',
    status: 400,
    message: `unorouter: the provider ${provider.id} has the url ${surface.url}, which is unorouter itself. Run: unorouter config unset providers.${provider.id}.url`,
  });
}
