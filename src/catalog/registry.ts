import type { ProtocolId } from '../protocols/protocol.ts';
import { BUILTIN_PROVIDERS, originsOf, PROVIDER_ALIASES } from './providers/index.ts';
import { isQuirk } from './quirks.ts';
import type { Auth, Provider, ProviderOverride, Surface } from './types.ts';

/** How a protocol's own vendor takes keys: the guess for a provider that a user adds. */
const VENDOR_AUTH: Record<ProtocolId, Auth> = {
  'openai-chat': 'bearer',
  'openai-responses': 'bearer',
  'anthropic-messages': 'x-api-key',
  gemini: 'x-goog-api-key',
};

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);
}

/** A url without the slash that would double in front of a protocol's path. */
function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** What stands in a url behind another one that it begins with: `/openai` of `…/v1beta/openai` behind `…/v1beta`. */
function behind(url: string, start: string): string | null {
  const rest = url.slice(start.length);
  return url.startsWith(start) && (rest === '' || /^[/?]/.test(rest)) ? rest : null;
}

/** The surfaces that a user asks for: what the row has, and what it lacks at the url of its first one. */
function surfacesFor(row: Provider, override: ProviderOverride): Surface[] {
  const wanted = override.protocol ?? row.surfaces.map((surface) => surface.protocol);
  const base = override.url === undefined ? undefined : withoutTrailingSlash(override.url);
  const [first] = row.surfaces;
  // A url beside a protocol is that protocol's; alone it takes the place of the first surface's, and what lies below follows.
  const urlFor = (known: Surface | undefined): string | undefined =>
    base === undefined || override.protocol !== undefined || !known || !first
      ? base
      : base + (behind(known.url, first.url) ?? '');
  return wanted.map((protocol) => {
    const known = row.surfaces.find((surface) => surface.protocol === protocol);
    return {
      protocol,
      url: urlFor(known) ?? known?.url ?? first?.url ?? '',
      auth: override.auth ?? known?.auth ?? VENDOR_AUTH[protocol],
    };
  });
}

/**
 * The list of models takes the key as the first surface does: where that changed, the list is the one below it. The query
 * of the row's own (`?limit=1000`) stays.
 */
function modelsUrlFor(
  row: Provider,
  surfaces: readonly Surface[],
  override: ProviderOverride,
): string | null {
  const [old] = row.surfaces;
  const [first] = surfaces;
  const moved = override.url !== undefined;
  const sameKey = override.auth !== undefined || old?.auth === first?.auth;
  if (!first || (!moved && (sameKey || row.modelsUrl === null))) return row.modelsUrl;
  const start = old?.protocol === first.protocol ? old.url : first.url;
  return first.url + (behind(row.modelsUrl ?? '', start) ?? '/models');
}

/** A built-in row with the fields that a user names. A changed url does not take the built-in origins with it. */
function overridden(row: Provider, override: ProviderOverride): Provider {
  const surfaces = surfacesFor(row, override);
  return {
    ...row,
    surfaces,
    // Variables that a user names are meant for the address that stands beside them.
    ...(override.keys === undefined ? {} : { env: override.keys, builtinOrigins: safeOrigins(surfaces) }),
    modelsUrl: modelsUrlFor(row, surfaces, override),
    ...(override.quirks === undefined ? {} : { quirks: override.quirks.filter(isQuirk) }),
    headers: override.headers ?? row.headers,
    enabled: override.enabled ?? row.enabled,
  };
}

function safeOrigins(surfaces: readonly Surface[]): string[] {
  return originsOf(surfaces.filter(({ url }) => URL.canParse(url)));
}

/** A row that only the user knows. Its variables are those that the user names, bound to its own address. */
function added(id: string, override: ProviderOverride): Provider {
  const blank: Provider = {
    id,
    name: id,
    kind: override.url !== undefined && isLoopback(override.url) ? 'local' : 'reseller',
    surfaces: [],
    env: override.keys ?? [],
    keyPage: null,
    pricesId: null,
    modelsUrl: null,
    quirks: [],
    headers: {},
    enabled: true,
    builtin: false,
    builtinOrigins: [],
  };
  const row = overridden(blank, { ...override, protocol: override.protocol ?? ['openai-chat'] });
  return { ...row, builtinOrigins: safeOrigins(row.surfaces) };
}

/** The providers that exist: built-in rows, a user's changes to them, a user's own. */
export interface Registry {
  all: readonly Provider[];
  find(id: string): Provider | undefined;
}

/** @param overrides by provider id or alias */
export function createRegistry(overrides: ReadonlyMap<string, ProviderOverride> = new Map()): Registry {
  const rows = new Map(BUILTIN_PROVIDERS.map((row) => [row.id, row]));
  for (const [name, override] of overrides) {
    const id = rows.has(name) ? name : (PROVIDER_ALIASES.get(name) ?? name);
    const row = rows.get(id);
    rows.set(id, row ? overridden(row, override) : added(id, override));
  }
  return {
    all: [...rows.values()],
    find(name) {
      const lower = name.toLowerCase();
      return rows.get(name) ?? rows.get(lower) ?? rows.get(PROVIDER_ALIASES.get(lower) ?? '');
    },
  };
}
