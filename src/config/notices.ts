import type { Settings } from './schema/settings.ts';
import { isSecretHeader, looksLikeKey } from './secrets.ts';
import type { Config } from './types.ts';

/** Settings that are read and checked, but that this version does not act upon. A row goes when its feature comes. */
const NOT_APPLIED: readonly { name: string; given(config: Config, settings: Settings): boolean }[] = [
  { name: 'routes are', given: ({ routes }) => routes.length > 0 },
  { name: 'budget is', given: ({ budget }) => budget !== null },
  { name: 'budgets are', given: ({ budgets }) => budgets.length > 0 },
  { name: 'log.bodies is', given: ({ log }) => log.bodies !== 'off' },
  { name: 'server.tls is', given: (_, { server }) => server?.tls !== undefined },
  { name: 'agents are', given: ({ agents }) => agents.size > 0 },
];

function aliasNotices({ aliases }: Config): string[] {
  return [...aliases].flatMap(([name, { kind }]) =>
    kind === 'ordered'
      ? []
      : [`aliases.${name}: ${kind} is read but not applied by this version; its models are tried in order`],
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

/** One sentence for each thing in a valid file that the user should know. Never holds a value of the file. */
export function notices(config: Config, settings: Settings): string[] {
  return [
    ...NOT_APPLIED.filter(({ given }) => given(config, settings)).map(
      ({ name }) => `${name} read but not applied by this version`,
    ),
    ...aliasNotices(config),
    ...secretNotices(config),
  ];
}
