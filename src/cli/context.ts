import { basename, isAbsolute, relative } from 'node:path';
import { type HomePaths, homePaths } from '../home/index.ts';
import type { Globals } from './globals.ts';

/** One output stream as a command may use it. */
export interface Screen {
  /** Somebody looks at it: colours, cutting to width and in-place updates make sense. */
  tty: boolean;
  color: boolean;
  /** Columns at this moment; Infinity when piped, so that nothing is cut. `--width` decides for both. */
  width(): number;
  write(text: string): void;
  stream: NodeJS.WriteStream;
}

/** What a command may know and touch of the world outside. */
export interface Context {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Where everything of this user lies, `--home` and `--config` applied. */
  paths: HomePaths;
  stdin: NodeJS.ReadStream;
  /** The answer. */
  stdout: Screen;
  /** Everything else: hints, progress, warnings, errors. */
  stderr: Screen;
  /** A person can be asked: stdin and stderr are terminals, no CI, no `--no-input`. */
  interactive: boolean;
  /** `-y`: questions are answered with yes. */
  yes: boolean;
  /** `-q`: no banner, no hints. */
  quiet: boolean;
  /** Days and times in UTC instead of local time. */
  utc: boolean;
  /** Only ASCII signs: `--ascii`, or a locale that is not UTF-8. */
  ascii: boolean;
  /** `--json[=a,b]`: null = not asked for, empty = every field. */
  json: readonly string[] | null;
  /** `--url` or UNOROUTER_URL: the running server to talk to; null = the one of this home. */
  url: string | null;
  /** How this program was started: `npx unorouter`, `unorouter`, `node bin/unorouter.js`. */
  prefix: string;
  /** ms since 1970 */
  now(): number;
  /** The exit code of a command that ends without an error text. */
  exit(code: number): void;
}

/** The parts of `process` that a context is made of. */
export type World = Pick<NodeJS.Process, 'argv' | 'env' | 'stdin' | 'stdout' | 'stderr' | 'platform'> & {
  cwd(): string;
  exitCode?: NodeJS.Process['exitCode'];
};

/** Makes the context of one run. */
export function createContext(world: World, globals: Globals): Context {
  const env = withPlaces(world.env, globals);
  return {
    env,
    cwd: world.cwd(),
    paths: homePaths(env),
    stdin: world.stdin,
    stdout: createScreen(world.stdout, env, globals),
    stderr: createScreen(world.stderr, env, globals),
    interactive: Boolean(world.stdin.isTTY && world.stderr.isTTY && !env.CI && !globals.noInput),
    yes: globals.yes,
    quiet: globals.quiet,
    utc: globals.utc,
    ascii: globals.ascii || !speaksUtf8(env),
    json: globals.json,
    url: globals.url ?? (env.UNOROUTER_URL || null),
    prefix: prefixOf(world),
    now: Date.now,
    exit: (code) => {
      world.exitCode = code;
    },
  };
}

/** The home room reads places from the environment alone, so the flags go in there. */
function withPlaces(env: NodeJS.ProcessEnv, { home, config }: Globals): NodeJS.ProcessEnv {
  return {
    ...env,
    ...(home === null ? {} : { UNOROUTER_HOME: home }),
    ...(config === null ? {} : { UNOROUTER_CONFIG: config }),
  };
}

function createScreen(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv, globals: Globals): Screen {
  const tty = stream.isTTY === true;
  return {
    stream,
    tty,
    color: wantsColor(tty, env, globals.color),
    width: () =>
      globals.width ?? (tty ? stream.columns || Number(env.COLUMNS) || 80 : Number.POSITIVE_INFINITY),
    write: (text) => void stream.write(text),
  };
}

const isOn = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== '0';

/** The flag, then https://no-color.org, then the two ways to force it, then the terminal. */
function wantsColor(tty: boolean, env: NodeJS.ProcessEnv, flag: Globals['color']): boolean {
  if (flag !== 'auto') return flag === 'always';
  if (env.NO_COLOR) return false;
  if (isOn(env.FORCE_COLOR) || isOn(env.CLICOLOR_FORCE)) return true;
  return tty && env.TERM !== 'dumb';
}

/** A locale that is set and is not UTF-8 cannot show our signs; containers set none and can. */
function speaksUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  return !locale || /utf-?8/i.test(locale);
}

function prefixOf(world: World): string {
  const script = world.argv[1] ?? 'unorouter';
  if (/[\\/](_npx|\.bin)[\\/]/.test(script)) return 'npx unorouter';
  const name = basename(script);
  if (name === 'unorouter' || name === 'uno') return name;
  // Windows starts the package's own file through a .cmd beside it.
  if (/[\\/]node_modules[\\/]/.test(script)) return 'unorouter';
  const near = isAbsolute(script) ? relative(world.cwd(), script) : script;
  const path = near.startsWith('..') ? script : near;
  return `node ${world.platform === 'win32' ? path.replaceAll('\\', '/') : path}`;
}
