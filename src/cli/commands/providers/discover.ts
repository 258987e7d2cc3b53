import { type Auth, createCatalog, type Provider, parseModelList } from '../../../catalog/index.ts';
import type { Config, ProviderConfig } from '../../../config/index.ts';
import type { ProtocolId } from '../../../protocols/protocol.ts';
import {
  createConnections,
  createTransport,
  getText,
  postText,
  requestHeaders,
  type Transport,
  UpstreamFailure,
} from '../../../upstream/index.ts';

/** An endpoint that somebody names, before it is known what it is. */
export interface Endpoint {
  id: string;
  settings: ProviderConfig;
  /** null = none was given. */
  key: string | null;
}

/** What an endpoint said of itself. Nothing here costs anything: lists are read, and empty requests refused. */
export interface Discovery {
  /** As it answered: with `/v1` where only that was one. */
  url: string;
  /** Those that it serves; what was asked for when the user said so. */
  protocols: ProtocolId[];
  /** null = as the protocol's own vendor takes keys. */
  auth: Auth | null;
  /** null = it has no list of models. */
  models: string[] | null;
  /** It wants a key (another one, if there was one). */
  refused: boolean;
  /** It cannot be reached, in words; null = it answered. */
  unreachable: string | null;
}

const PATIENCE_MS = 15_000;
const PATHS: readonly (readonly [ProtocolId, string])[] = [
  ['openai-chat', '/chat/completions'],
  ['openai-responses', '/responses'],
  ['anthropic-messages', '/messages'],
];

/** Ways to send a key, the usual one first. */
const WAYS: readonly Auth[] = ['bearer', 'x-api-key', 'api-key'];

/** Asks an endpoint what it speaks, how it takes keys and what it has. Never rejects for what it answers. */
export async function discover(
  endpoint: Endpoint,
  config: Config,
  env: NodeJS.ProcessEnv,
): Promise<Discovery> {
  const connections = await createConnections({ env, proxy: config.network.proxy, ca: config.network.ca });
  try {
    return await explore(endpoint, createTransport(connections));
  } finally {
    await connections.destroy();
  }
}

async function explore(endpoint: Endpoint, transport: Transport): Promise<Discovery> {
  const asked = endpoint.settings.url ?? '';
  const found: Discovery = {
    url: asked,
    protocols: endpoint.settings.protocol ?? [],
    auth: endpoint.settings.auth ?? null,
    models: null,
    refused: false,
    unreachable: null,
  };
  try {
    for (const url of basesOf(asked)) {
      const list = await readList({ ...endpoint, settings: { ...endpoint.settings, url } }, transport);
      if (list.models === null && !list.refused) continue;
      Object.assign(found, { url, ...list, auth: found.auth ?? list.auth });
      break;
    }
    if (found.protocols.length === 0 && !found.refused) {
      found.protocols = await spoken(endpoint, found, transport);
    }
  } catch (error) {
    found.unreachable = error instanceof UpstreamFailure ? error.message : String(error);
  }
  return found;
}

/** People paste the bare host; nearly everybody serves below `/v1`. */
function basesOf(url: string): string[] {
  return new URL(url).pathname === '/' ? [`${url}/v1`, url] : [url];
}

interface List {
  auth: Auth | null;
  models: string[] | null;
  refused: boolean;
}

/** GET /models in every way that a key may travel, until one is taken. */
async function readList(endpoint: Endpoint, transport: Transport): Promise<List> {
  const { settings, key } = endpoint;
  const ways = settings.auth ? [settings.auth] : key === null ? (['none'] as const) : WAYS;
  let refused = false;
  for (const auth of ways) {
    const provider = providerOf(endpoint, { auth });
    const call = { url: `${settings.url}/models`, headers: headersFor(provider, key), timeouts: TIMEOUTS };
    const { status, body } = await getText(transport, call, AbortSignal.timeout(2 * PATIENCE_MS));
    refused ||= status === 401 || status === 403;
    const models = status === 200 ? parseModelList(endpoint.id, body) : null;
    if (models !== null) {
      // Bearer is what the usual protocols take anyway: nothing to write down.
      return { auth: auth === 'bearer' ? null : auth, models: models.map(({ id }) => id), refused: false };
    }
  }
  return { auth: null, models: null, refused };
}

const TIMEOUTS = { headersMs: PATIENCE_MS, idleMs: PATIENCE_MS };

/** A path that is served refuses an empty request for what it lacks; one that is not is simply not there. */
const ABSENT: ReadonlySet<number> = new Set([404, 405, 410, 421, 501]);

async function spoken(endpoint: Endpoint, found: Discovery, transport: Transport): Promise<ProtocolId[]> {
  const settings = { ...endpoint.settings, url: found.url };
  const answers = await Promise.all(
    PATHS.map(async ([protocol, path]) => {
      const auth = found.auth ?? undefined;
      const provider = providerOf(
        { ...endpoint, settings },
        { ...(auth ? { auth } : {}), protocol: [protocol] },
      );
      const headers = { ...headersFor(provider, endpoint.key), 'content-type': 'application/json' };
      const call = { url: `${found.url}${path}`, headers, timeouts: TIMEOUTS, json: {} };
      const { status } = await postText(transport, call, AbortSignal.timeout(2 * PATIENCE_MS));
      return { protocol, status };
    }),
  );
  if (answers.some(({ status }) => status === 401 || status === 403) && endpoint.key === null)
    found.refused = true;
  return answers.filter(({ status }) => !ABSENT.has(status) && status < 500).map(({ protocol }) => protocol);
}

function providerOf({ id, settings }: Endpoint, over: ProviderConfig): Provider {
  const catalog = createCatalog({ providers: new Map([[id, { ...settings, ...over }]]) });
  const provider = catalog.provider(id);
  if (!provider) throw new Error('a provider that was just added is not there');
  return provider;
}

function headersFor(provider: Provider, key: string | null): Record<string, string> {
  const [surface] = provider.surfaces;
  if (!surface) throw new Error('a provider without a surface');
  return requestHeaders({
    client: { accept: 'application/json' },
    provider,
    surface,
    key,
    contentType: null,
  });
}
