import { basename } from 'node:path';
import { type Config, type ConfigResult, type ConfigWatch, watchConfig } from '../config/index.ts';
import type { Parts } from './parts.ts';

/** Where a server listens cannot change while it does. */
const FIXED = ({ server }: Config): string => JSON.stringify([server.host, server.port]);

async function takeOver(result: ConfigResult, parts: Parts): Promise<void> {
  const { options, shelves, transports, lists } = parts;
  const name = basename(options.paths.configFile);
  if (!result.ok) {
    const [problem] = result.problems;
    const place = problem
      ? `${name}:${problem.line}:${problem.column}: ${problem.message}`
      : `${name} has a mistake`;
    const text = `${place}; still using the previous one. See: ${options.prefix} config validate`;
    if (text !== parts.trouble.config) options.notice('warn', text);
    parts.trouble.config = text;
    return;
  }
  const before = shelves.now().config;
  await transports.configure(result.config);
  await shelves.replace(result.config, result.warnings);
  parts.trouble.config = null;
  lists.again();
  parts.budgets.reload();
  options.notice('info', result.exists ? `${name} reloaded` : `${name} is gone: back to the defaults`);
  for (const warning of result.warnings) options.notice('warn', warning);
  if (FIXED(before) !== FIXED(result.config))
    options.notice('warn', 'server.host and server.port count from the next start');
}

/** Takes over the configuration whenever it is saved; a broken one leaves the last good one in place. */
export function watchForChanges(parts: Parts): ConfigWatch {
  const { options } = parts;
  let turn = Promise.resolve();
  return watchConfig(
    options.paths.configFile,
    (result) => {
      turn = turn
        .then(() => takeOver(result, parts))
        .catch((error: unknown) =>
          options.notice(
            'warn',
            `the configuration was not taken over: ${error instanceof Error ? error.message : String(error)}`,
          ),
        );
    },
    (text) => options.notice('warn', text),
  );
}

/** Providers that can be called with a key at this moment. */
function withKey({ shelves }: Parts): string[] {
  return shelves
    .now()
    .catalog.providers()
    .filter((provider) => provider.surfaces.some((surface) => shelves.keyState(provider, surface) === 'have'))
    .map((provider) => provider.id);
}

/** Reads the keys again (one was added or removed) and says what that changed. */
export async function reloadKeys(parts: Parts): Promise<void> {
  const { options, shelves, lists, health } = parts;
  const before = new Set(withKey(parts));
  await shelves.keys.load();
  // A key that was refused or had no quota may be another one now.
  health.forgiveKeys();
  const after = withKey(parts);
  for (const id of before) if (!after.includes(id)) options.notice('info', `${id} key removed`);
  const added = after.filter((id) => !before.has(id));
  for (const id of added) options.notice('info', `${id} key added`);
  // The list of models is asked for in the background: whoever added the key need not wait for it.
  void lists.refresh(added).then((results) => {
    for (const { provider, outcome, models } of results)
      if (outcome === 'updated') options.notice('info', `${provider}: ${models} models available`);
  });
}
