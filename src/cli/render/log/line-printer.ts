import type { Exchange } from '../../../exchange.ts';
import type { FeedEvent } from '../../../feed/index.ts';
import type { Look } from '../look.ts';
import type { RowContext } from './columns.ts';
import { explain } from './explain.ts';
import { createLayout } from './layout.ts';
import { jsonLogLine, logfmtLine } from './lines.ts';
import type { LogView } from './view.ts';

/** Forms of a log whose lines are written once. */
export type LineFormat = 'plain' | 'logfmt' | 'json';

/** What the printer is made of. */
export interface LinePrinterDeps {
  format: LineFormat;
  /** Fields of JSON lines; empty = every one. */
  fields: readonly string[];
  screen: { write(text: string): void };
  /** Bytes that were written and that nobody has taken yet. */
  backlog(): number;
  look: Look;
  utc: boolean;
  prefix: string;
  now(): number;
  served: RowContext['served'];
  show(x: Exchange): boolean;
  /** Lines were left out because nobody took the ones before. */
  onDropped(lines: number): void;
}

/** A reader that has stopped must not fill our memory. */
const MOST_BACKLOG = 8 * 1024 * 1024;

/** One line for each finished request (`plain`: a row and what explains it). Open requests are not shown. */
export function createLinePrinter(deps: LinePrinterDeps): LogView {
  const format = FORMATS[deps.format](deps);
  let dropped = 0;
  return {
    event({ type, exchange }: FeedEvent) {
      if (type !== 'finish' || !deps.show(exchange)) return;
      if (deps.backlog() > MOST_BACKLOG) {
        dropped++;
        return;
      }
      if (dropped > 0) deps.onDropped(dropped);
      dropped = 0;
      deps.screen.write(format(exchange));
    },
    above: (write) => write(),
    resized: () => undefined,
    resumed: () => undefined,
    end: () => undefined,
  };
}

const FORMATS: Readonly<Record<LineFormat, (deps: LinePrinterDeps) => (x: Exchange) => string>> = {
  json:
    ({ fields }) =>
    (x) =>
      jsonLogLine(x, fields),
  logfmt: () => logfmtLine,
  plain: plainRows,
};

function plainRows({ look, utc, prefix, now, served }: LinePrinterDeps): (x: Exchange) => string {
  const layout = createLayout(look);
  let head = [layout.header];
  return (x) => {
    const notes = explain(x, prefix, look.glyphs).map((text) => layout.note(text));
    const lines = [...head, layout.row(x, { now: now(), utc, look, served }), ...notes];
    head = [];
    return lines.map((line) => `${line}\n`).join('');
  };
}
