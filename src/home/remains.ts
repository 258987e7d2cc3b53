import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HomePaths } from './types.ts';

/** What this program ever puts into its state directory, by the beginnings of names. Whatever else lies there is not ours. */
const IN_STATE = [
  ...['token', 'server.json', 'statusline.json', 'ledger.', 'keys-index.json', 'keys.yaml', 'crash'],
  ...['undo', 'run', 'service.log', 'service.xml', 'budget-raises.json', 'previous-default'],
  ...['bodies', 'verified.json'],
];
const IN_CACHE = ['models', 'prices'];
const IN_CONFIG = ['config.yaml', 'config.schema.json'];

/**
 * Every file and directory of ours that is there. `ownConfig` = the configuration lies at its usual place; one that the
 * user named elsewhere (dotfiles) is theirs.
 */
export function homeRemains(paths: HomePaths, ownConfig: boolean): string[] {
  return [
    ...(ownConfig
      ? IN_CONFIG.flatMap((name) => named(dirname(paths.configFile), (one) => one === name))
      : []),
    ...named(paths.stateDir, (one) => IN_STATE.some((beginning) => one.startsWith(beginning))),
    ...named(paths.cacheDir, (one) => IN_CACHE.includes(one)),
  ];
}

function named(directory: string, isOurs: (name: string) => boolean): string[] {
  try {
    return readdirSync(directory)
      .filter(isOurs)
      .map((name) => join(directory, name));
  } catch {
    // Never written.
    return [];
  }
}

/** Deletes them, and directories that we made for them and that are empty then. */
export function removeRemains(paths: HomePaths, remains: readonly string[]): void {
  for (const path of remains) rmSync(path, { recursive: true, force: true });
  const config = dirname(paths.configFile);
  // One that $UNOROUTER_HOME names is its owner's.
  const made = basename(config) === 'unorouter' ? [config] : [];
  for (const directory of [paths.stateDir, paths.cacheDir, ...made]) {
    try {
      rmdirSync(directory);
    } catch {
      // Somebody else's files are there, or it was never made.
    }
  }
}
