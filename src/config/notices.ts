import { pathText } from './misfit.ts';
import type { Settings } from './schema/settings.ts';
import { isSecretHeader, looksLikeKey } from './secrets.ts';
import { strangers } from './semantics.ts';
import type { Config } from './types.ts';

/** Settings that are read and checked, but that this version does not act upon. A row goes when its feature comes. */
const NOT_APPLIED: readonly { name: string; given(config: Config, settings: Settings): boolean }[] = [
  { name: 'server.tls is', given: (_, { server }) => server?.tls !== undefined },
  { name: 'agents are', given: ({ agents }) => agents.size > 0 },
];

const MOST_STRANGERS = 10;

/** A slip of the pen, or a model id with a slash in it: only the user knows. */
function strangerNotices(settings: Settings): string[] {
  return strangers(settings)
    .slice(0, MOST_STRANGERS)
    .map(
      ({ path, message, hint }) => `${pathText(path)}: ${message}${hint === undefined ? '' : `; ${hint}`}`,
    );
}

function secretNotices({ providers }: Config): string[] {
  return [...providers].flatMap(([id, { headers }]) =>
    Object.entries(headers ?? {})
      .filter(([name, value]) => isSecretHeader(name) || looksLikeKey(value))
      .map(
        ([name]) =>
          `providers.${id}.headers.${name} looks like a key, and this file is no place for one: remove it, then unorouter keys add ${id}`,
      ),
  );
}

/** One sentence for each thing in a valid file that the user should know. Never holds what may be a key. */
export function notices(config: Config, settings: Settings): string[] {
  return [
    ...NOT_APPLIED.filter(({ given }) => given(config, settings)).map(
      ({ name }) => `${name} read but not applied by this version`,
    ),
    ...strangerNotices(settings),
    ...secretNotices(config),
  ];
}
