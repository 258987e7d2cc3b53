import type { IncomingHttpHeaders } from 'node:http';
import type { Auth, Provider, Surface } from '../catalog/index.ts';

/**
 * Request headers that a client may send on to a provider. Everything else stays here: cookies, the local token,
 * forwarding headers, a ChatGPT login's account, `accept-encoding` (we ask for identity).
 */
const FORWARDED: readonly string[] = [
  'accept',
  'user-agent',
  'anthropic-version',
  'anthropic-beta',
  'openai-beta',
  'idempotency-key',
  'x-goog-api-client',
  'http-referer',
  'x-title',
];

/** Answer headers that reach the client, besides those with an allowed prefix. */
const RETURNED: ReadonlySet<string> = new Set([
  'content-type',
  'retry-after',
  'retry-after-ms',
  'request-id',
  'x-request-id',
  'openai-processing-ms',
  'openai-version',
  'openai-model',
  'content-disposition',
]);
const RETURNED_PREFIXES: readonly string[] = ['x-ratelimit-', 'anthropic-ratelimit-', 'ratelimit-'];

/** How a key travels, by the surface's scheme. */
const KEY_HEADER: Record<Auth, (key: string) => Record<string, string>> = {
  bearer: (key) => ({ authorization: `Bearer ${key}` }),
  'x-api-key': (key) => ({ 'x-api-key': key }),
  'x-goog-api-key': (key) => ({ 'x-goog-api-key': key }),
  'api-key': (key) => ({ 'api-key': key }),
  none: () => ({}),
};

/** Messages requests without this header are refused; https://docs.anthropic.com/en/api/versioning */
const ANTHROPIC_VERSION = '2023-06-01';

/** The headers of one upstream call. `key` null = the provider needs none. */
export function requestHeaders(options: {
  client: IncomingHttpHeaders;
  provider: Provider;
  surface: Surface;
  key: string | null;
  contentType: string | null;
}): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  for (const name of FORWARDED) {
    const value = options.client[name];
    if (typeof value === 'string') headers[name] = value;
  }
  if (options.surface.protocol === 'anthropic-messages') headers['anthropic-version'] ??= ANTHROPIC_VERSION;
  if (options.contentType !== null) headers['content-type'] = options.contentType;
  for (const [name, value] of Object.entries(options.provider.headers)) headers[name.toLowerCase()] = value;
  return options.key === null
    ? headers
    : Object.assign(headers, KEY_HEADER[options.surface.auth](options.key));
}

/** What of an answer's headers the client gets: an allow-list, with control characters removed. */
export function answerHeaders(upstream: IncomingHttpHeaders): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(upstream)) {
    if (typeof value !== 'string') continue;
    if (!RETURNED.has(name) && !RETURNED_PREFIXES.some((prefix) => name.startsWith(prefix))) continue;
    headers[name] = value.replace(/[^\x20-\x7e]/g, '');
  }
  return headers;
}
