import { UserError } from '../errors.ts';
import { usageError } from './usage-error.ts';

/** The flags that every command takes, anywhere among the arguments. */
export interface Globals {
  home: string | null;
  config: string | null;
  url: string | null;
  /** null = not asked for, empty = every field. */
  json: readonly string[] | null;
  color: 'auto' | 'always' | 'never';
  ascii: boolean;
  width: number | null;
  utc: boolean;
  noInput: boolean;
  yes: boolean;
  quiet: boolean;
}

interface Flag {
  /** As commander writes it in the help text. */
  flags: string;
  about: string;
  /** How its value is given: not at all, `--f=v` only, or `--f=v` and `--f v`. */
  value: 'none' | 'attached' | 'any';
  /** Behind these words it is the command's own flag. */
  notBehind?: string;
  set(globals: Globals, value: string): void;
}

/** Taken out of the arguments before commander sees them: that is how they work before and behind a command's name. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  {
    flags: '--json[=fields]',
    about: 'machine-readable answer: every field, or those named (a,b,c)',
    value: 'attached',
    set: (globals, value) => {
      globals.json = value.split(',').filter((field) => field !== '');
    },
  },
  {
    flags: '--home <dir>',
    about: 'keep everything below this directory ($UNOROUTER_HOME)',
    value: 'any',
    set: (globals, value) => {
      globals.home = value;
    },
  },
  {
    flags: '--config <file>',
    about: 'use this configuration file ($UNOROUTER_CONFIG)',
    value: 'any',
    set: (globals, value) => {
      globals.config = value;
    },
  },
  {
    flags: '--url <url>',
    about: 'talk to the server running there ($UNOROUTER_URL)',
    value: 'any',
    // There it is the address of the provider.
    notBehind: 'providers add',
    set: (globals, value) => {
      globals.url = value;
    },
  },
  {
    flags: '--color <when>',
    about: 'auto, always or never',
    value: 'any',
    set: (globals, value) => {
      globals.color = oneOf(['auto', 'always', 'never'] as const, '--color', value);
    },
  },
  {
    flags: '--ascii',
    about: 'only ASCII signs',
    value: 'none',
    set: (globals) => {
      globals.ascii = true;
    },
  },
  {
    flags: '--width <columns>',
    about: 'lay out for this many columns',
    value: 'any',
    set: (globals, value) => {
      globals.width = columns(value);
    },
  },
  {
    flags: '--utc',
    about: 'days and times in UTC',
    value: 'none',
    set: (globals) => {
      globals.utc = true;
    },
  },
  {
    flags: '--no-input',
    about: 'never ask',
    value: 'none',
    set: (globals) => {
      globals.noInput = true;
    },
  },
  {
    flags: '-y, --yes',
    about: 'answer questions with yes',
    value: 'none',
    set: (globals) => {
      globals.yes = true;
    },
  },
  {
    flags: '-q, --quiet',
    about: 'no banner, no hints',
    value: 'none',
    set: (globals) => {
      globals.quiet = true;
    },
  },
];

const BY_NAME: ReadonlyMap<string, Flag> = new Map(
  GLOBAL_FLAGS.flatMap((flag) =>
    (flag.flags.match(/--?[a-z-]+/g) ?? []).map((name) => [name, flag] as const),
  ),
);

/** Nothing said. */
export function defaultGlobals(): Globals {
  return {
    home: null,
    config: null,
    url: null,
    json: null,
    color: 'auto',
    ascii: false,
    width: null,
    utc: false,
    noInput: false,
    yes: false,
    quiet: false,
  };
}

/**
 * Takes the global flags out of the arguments; what stands behind `--` is not looked at. An error comes in the result,
 * so that it still knows of `--json` beside it.
 */
export function takeGlobals(argv: readonly string[]): {
  globals: Globals;
  rest: string[];
  error: UserError | null;
} {
  const globals = defaultGlobals();
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const rest: string[] = [];
  let error: UserError | null = null;
  for (let i = 0; i < end; i++) {
    const argument = argv[i] ?? '';
    const { name, attached } = split(argument);
    const flag = BY_NAME.get(name);
    if (!flag || (flag.value === 'none' && attached !== null) || isOwn(flag, rest)) {
      rest.push(argument);
      continue;
    }
    const behind = argv[i + 1];
    const problem = problemOf(() => flag.set(globals, attached ?? valueBehind(flag, name, behind)));
    error ??= problem;
    if (flag.value === 'any' && attached === null) i++;
  }
  return { globals, rest: [...rest, ...argv.slice(end)], error };
}

/** Whether the words so far make it a flag of their command. */
function isOwn({ notBehind }: Flag, rest: readonly string[]): boolean {
  const words = rest.filter((argument) => !argument.startsWith('-'));
  return notBehind !== undefined && words.slice(0, 2).join(' ') === notBehind;
}

function valueBehind(flag: Flag, name: string, next: string | undefined): string {
  if (flag.value !== 'any') return '';
  if (next === undefined) throw usageError(`${name} needs a value`);
  return next;
}

function problemOf(work: () => void): UserError | null {
  try {
    work();
    return null;
  } catch (problem) {
    if (problem instanceof UserError) return problem;
    throw problem;
  }
}

function split(argument: string): { name: string; attached: string | null } {
  const at = argument.startsWith('-') ? argument.indexOf('=') : -1;
  return at < 0
    ? { name: argument, attached: null }
    : { name: argument.slice(0, at), attached: argument.slice(at + 1) };
}

function oneOf<T extends string>(known: readonly T[], flag: string, value: string): T {
  const found = known.find((item) => item === value);
  if (found === undefined) throw usageError(`${flag} is one of ${known.join(', ')}, not "${value}"`);
  return found;
}

const NARROWEST = 20;

function columns(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < NARROWEST)
    throw usageError(`--width is a number of columns from ${NARROWEST}, not "${value}"`);
  return number;
}
