import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HomePaths } from './types.ts';

/** What this program puts into its state directory beside what has a path of its own. */
const ALSO_IN_STATE = ['undo', 'run', 'service.log', 'service.xml', 'budget-raises.json', 'previous-default'];
const IN_CONFIG = ['config.yaml', 'config.schema.json'];
/** Behind the name of a file: what SQLite adds, the process that writes it, a list of keys put aside by hand. */
const SUFFIX = /(?:-wal|-shm|-journal|\.\d+|\.broken)$/;
/** A damaged ledger that was put aside; what `writePrivate` leaves where it is killed. */
const MADE_NAMES = /^(?:ledger\.corrupt-\d{8}T\d{9}Z|\.[0-9a-f]{12}\.tmp)$/;

/**
 * Every file and directory of ours that is there; what else lies beside it is not ours, however its name begins.
 * `ownConfig` = the configuration lies at its usual place; one that the user named elsewhere (dotfiles) is theirs.
 */
export function homeRemains({ configFile, ...paths }: HomePaths, ownConfig: boolean): string[] {
  const { stateDir, cacheDir } = paths;
  const below = (directory: string): string[] =>
    Object.values(paths)
      .filter((path) => dirname(path) === directory)
      .map((path) => basename(path));
  return [
    ...(ownConfig ? present(dirname(configFile), IN_CONFIG) : []),
    ...present(stateDir, [...below(stateDir), ...ALSO_IN_STATE]),
    ...present(cacheDir, below(cacheDir)),
  ];
}

function present(directory: string, ours: readonly string[]): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => {
        const name = entry.isFile() ? entry.name.replace(SUFFIX, '') : entry.name;
        return ours.includes(name) || (entry.isFile() && MADE_NAMES.test(name));
      })
      .map(({ name }) => join(directory, name));
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
