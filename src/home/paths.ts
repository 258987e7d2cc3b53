import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import type { HomePaths } from './types.ts';

/** The three directories that a system keeps for a program. */
interface Bases {
  config: string;
  state: string;
  cache: string;
}

function windowsBases(env: NodeJS.ProcessEnv, home: string): Bases {
  const local = env.LOCALAPPDATA ?? join(home, 'AppData', 'Local');
  return {
    config: join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'unorouter'),
    state: join(local, 'unorouter', 'state'),
    cache: join(local, 'unorouter', 'cache'),
  };
}

/** XDG Base Directory, on macOS too: command-line tools keep dotfiles there. https://specifications.freedesktop.org/basedir-spec */
function xdgBases(env: NodeJS.ProcessEnv, home: string): Bases {
  const base = (name: string, ...fallback: string[]): string =>
    join(absolute(env[name]) ?? join(home, ...fallback), 'unorouter');
  return {
    config: base('XDG_CONFIG_HOME', '.config'),
    state: base('XDG_STATE_HOME', '.local', 'state'),
    cache: base('XDG_CACHE_HOME', '.cache'),
  };
}

/** The specification says that relative paths are to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') ? path : undefined;
}

function basesOf(env: NodeJS.ProcessEnv, system: NodeJS.Platform): Bases {
  const own = env.UNOROUTER_HOME;
  if (own) return { config: own, state: join(own, 'state'), cache: join(own, 'cache') };
  const home = (system === 'win32' ? env.USERPROFILE : env.HOME) || homedir();
  return system === 'win32' ? windowsBases(env, home) : xdgBases(env, home);
}

/** Where everything lies. `UNOROUTER_HOME` moves all of it, `UNOROUTER_CONFIG` the configuration alone. */
export function homePaths(env: NodeJS.ProcessEnv, system: NodeJS.Platform = platform()): HomePaths {
  const { config, state, cache } = basesOf(env, system);
  return {
    configFile: env.UNOROUTER_CONFIG || join(config, 'config.yaml'),
    stateDir: state,
    cacheDir: cache,
    ledgerFile: join(state, 'ledger.sqlite'),
    tokenFile: join(state, 'token'),
    serverFile: join(state, 'server.json'),
    keyIndexFile: join(state, 'keys-index.json'),
    keysFile: join(state, 'keys.yaml'),
    statuslineFile: join(state, 'statusline.json'),
    modelsDir: join(cache, 'models'),
    pricesDir: join(cache, 'prices'),
    crashDir: join(state, 'crash'),
    verifiedFile: join(state, 'verified.json'),
    bodiesDir: join(state, 'bodies'),
  };
}
