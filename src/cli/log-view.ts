import type { Provider } from '../catalog/index.ts';
import type { Exchange } from '../exchange.ts';
import type { Context } from './context.ts';
import { lookOf } from './render/index.ts';
import type { FooterFacts } from './render/log/footer.ts';
import { createLinePrinter, type LineFormat } from './render/log/line-printer.ts';
import { createLiveLog } from './render/log/live.ts';
import { servedNames } from './render/log/served.ts';
import type { LogView } from './render/log/view.ts';
import { usageError } from './usage-error.ts';

const FORMATS = ['auto', 'table', 'plain', 'logfmt', 'json'] as const;

/** How rows are shown: `live` moves on a terminal, the others are lines that are written once. */
export type LogForm = LineFormat | 'live';

/** What the view needs besides the terminal. */
export interface LogViewDeps {
  form: LogForm;
  /** Fields of JSON lines; empty = every one. */
  fields: readonly string[];
  provider(id: string): Provider | undefined;
  show(x: Exchange): boolean;
  footer(): FooterFacts;
  warn(text: string): void;
}

/** One of a few words, from a flag or a variable. @throws UserError (exit 2) with what there is to choose from */
export function oneOf<T extends string>(known: readonly T[], what: string, value: string, help: string): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw usageError(`${what} is one of ${known.join(', ')}, not "${value}"`, help);
  return found;
}

/** The form of a log: `--json`, then `--format`, then $UNOROUTER_FORMAT. A table that cannot move is written once. */
export function logForm(context: Context, flag: string | undefined, help: string): LogForm {
  const { stdout, env, json } = context;
  if (json !== null) return 'json';
  const format = flag
    ? oneOf(FORMATS, '--format', flag, help)
    : oneOf(FORMATS, '$UNOROUTER_FORMAT', env.UNOROUTER_FORMAT || 'auto', help);
  // A width that was asked for is a screen, whoever looks at it.
  const asked = format === 'auto' ? (Number.isFinite(stdout.width()) ? 'table' : 'logfmt') : format;
  if (asked !== 'table') return asked;
  return stdout.tty && env.TERM !== 'dumb' ? 'live' : 'plain';
}

/** The log of a running server on stdout. */
export function createLogView(context: Context, deps: LogViewDeps): LogView {
  const { stdout, utc, prefix, now } = context;
  const look = () => lookOf(context, stdout);
  const common = { screen: stdout, utc, prefix, now, served: servedNames(deps.provider), show: deps.show };
  if (deps.form === 'live')
    return createLiveLog({
      ...common,
      terminal: stdout.stream,
      look,
      facts: deps.footer,
      onBroken: (error) =>
        deps.warn(
          `the live log has stopped (${error instanceof Error ? error.message : 'unknown reason'}); requests go on, see them with: ${prefix} logs -f`,
        ),
    });
  return createLinePrinter({
    ...common,
    format: deps.form,
    fields: deps.fields,
    look: look(),
    backlog: () => stdout.stream.writableLength,
    onDropped: (lines) =>
      deps.warn(
        `${lines} lines of the log were left out: the reader of stdout is too slow. See: ${prefix} logs`,
      ),
  });
}
