import { ERROR_CODES } from './error-codes.ts';
import { pad, wrap } from './render/text.ts';

/** Help that belongs to no command. */
interface Topic {
  title: string;
  rows: readonly (readonly [string, string])[];
  after?: string;
}

/** `unorouter help <topic>`. */
export const TOPICS: ReadonlyMap<string, Topic> = new Map([
  [
    'exit-codes',
    {
      title: 'Exit codes',
      rows: [
        ['  0', 'done; also when there was nothing to show'],
        ['  1', 'failed; everything without its own number'],
        ['  2', 'wrong usage: an unknown flag or a bad value'],
        ['  3', 'the configuration has a mistake; its file, line and column are printed'],
        ['  4', 'a key is missing or was refused'],
        ['  5', 'unorouter is not running, or does not answer'],
        ['  6', 'the port is in use'],
        ['  7', 'a test of a provider failed'],
        ['  8', 'the budget is used up'],
        ['  9', 'nothing found: no such model, request or provider'],
        [' 70', 'a bug in unorouter; details are in a file that is named'],
        ['127', 'run: the command is not installed; else run ends with the exit code of the command'],
        ['130', 'Ctrl-C, when requests were dropped'],
        ['143', 'SIGTERM, when requests were dropped'],
      ],
    },
  ],
  [
    'errors',
    {
      title: 'Errors, by the code that stands behind them',
      rows: ERROR_CODES.map(({ code, about }) => [code, about] as const),
      after: 'With --json an error is {"error":{"code","message","why","fix"}} on standard error.',
    },
  ],
  [
    'environment',
    {
      title: 'Environment',
      rows: [
        ['UNOROUTER_HOME', 'keep everything below this directory'],
        ['UNOROUTER_CONFIG', 'the configuration file'],
        ['UNOROUTER_URL', 'the running server to talk to'],
        ['UNOROUTER_HOST, _PORT', 'where serve listens (127.0.0.1, 8667)'],
        ['UNOROUTER_MODEL', 'the default model of serve'],
        ['UNOROUTER_FORMAT', 'how serve and logs -f print rows: auto, table, plain, logfmt, json'],
        ['UNOROUTER_TOKEN', 'the local token, instead of the one in its file'],
        ['UNOROUTER_<P>_API_KEY', 'the key for a provider; beats the keychain'],
        ['UNOROUTER_<P>_ADMIN_KEY', 'for reconcile: may read what a provider bills'],
        ['UNOROUTER_NO_KEYCHAIN', '1 = never touch the keychain'],
        ['UNOROUTER_NO_PROJECT_GUESS', '1 = no projects by where clients work'],
      ],
      after:
        'NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM, COLUMNS, CI, EDITOR, VISUAL, HTTP_PROXY, HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are honoured. OPENAI_BASE_URL and its like are not: they usually point back here.',
    },
  ],
]);

const INDENT = '  ';

/** A topic laid out for so many columns. */
export function topicText({ title, rows, after }: Topic, width: number): string {
  const widest = Math.max(...rows.map(([name]) => name.length));
  const hanging = `${INDENT}${' '.repeat(widest)}  `;
  const lines = rows.map(([name, about]) =>
    wrap(about, width - hanging.length)
      .map((part, i) => (i === 0 ? `${INDENT}${pad(name, widest)}  ${part}` : hanging + part))
      .join('\n'),
  );
  const rest =
    after === undefined ? [] : ['', ...wrap(after, width - INDENT.length).map((line) => INDENT + line)];
  return `${[title, '', ...lines, ...rest].join('\n')}\n`;
}
