import type { RunningServer } from '../../../server/index.ts';
import type { Context } from '../../context.ts';
import { lookOf } from '../../render/index.ts';
import { shownBy } from '../../render/log/choice.ts';
import { createLinePrinter } from '../../render/log/line-printer.ts';
import { createLiveLog } from '../../render/log/live.ts';
import { servedNames } from '../../render/log/served.ts';
import type { LogView } from '../../render/log/view.ts';
import type { ServeSetup } from './setup.ts';

/** What the view needs besides the server. */
export interface LogViewDeps {
  /** Finished requests of the demo provider so far. */
  demo(): number;
  warn(text: string): void;
}

/** The log of a running server on stdout, in the form that was asked for. */
export function createLogView(
  context: Context,
  server: RunningServer,
  { log, format }: Pick<ServeSetup, 'log' | 'format'>,
  { demo, warn }: LogViewDeps,
): LogView {
  const { stdout, utc, prefix, now } = context;
  const look = () => lookOf(context, stdout);
  const common = {
    screen: stdout,
    utc,
    prefix,
    now,
    served: servedNames((id) => server.catalog.provider(id)),
    show: shownBy(log),
  };
  // Nobody wants to see a footer and no rows.
  if (format === 'live' && log !== 'none')
    return createLiveLog({
      ...common,
      terminal: stdout.stream,
      look,
      facts: () => {
        const { today, problems } = server.status();
        return { today, problems, demo: demo() };
      },
      onBroken: (error) =>
        warn(
          `the live log has stopped (${error instanceof Error ? error.message : 'unknown reason'}); requests go on, see them with: ${prefix} logs -f`,
        ),
    });
  return createLinePrinter({
    ...common,
    format: format === 'live' ? 'plain' : format,
    look: look(),
    backlog: () => stdout.stream.writableLength,
    onDropped: (lines) =>
      warn(`${lines} lines of the log were left out: the reader of stdout is too slow. See: ${prefix} logs`),
  });
}
