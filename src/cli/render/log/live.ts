import type { Exchange } from '../../../exchange.ts';
import type { FeedEvent } from '../../../feed/index.ts';
import type { Look } from '../look.ts';
import { createBursts } from './bursts.ts';
import { isAside } from './choice.ts';
import type { RowContext } from './columns.ts';
import { explain } from './explain.ts';
import { type FooterFacts, footerLines } from './footer.ts';
import { createFrame, type FrameScreen } from './frame.ts';
import { createLayout } from './layout.ts';
import { createPace } from './pace.ts';
import type { LogView } from './view.ts';

/** What the live log is made of. */
export interface LiveLogDeps {
  screen: FrameScreen;
  terminal: { columns?: number; rows?: number };
  /** As wide as the screen is now. */
  look(): Look;
  utc: boolean;
  prefix: string;
  /** ms since 1970 */
  now(): number;
  served: RowContext['served'];
  show(x: Exchange): boolean;
  /** Asked again after every request. */
  facts(): FooterFacts;
  /** Drawing failed: nothing more is drawn, requests go on. */
  onBroken(error: unknown): void;
}

const MOST_LIVE_ROWS = 6;
const ROWS_A_HEADER = 40;

/**
 * Finished requests are printed once and then belong to the terminal (no alternate screen, so scrolling and copying
 * work); live ones and the footer stay below them and are drawn over.
 */
export function createLiveLog(deps: LiveLogDeps): LogView {
  const frame = createFrame(deps.screen, deps.terminal);
  const live = new Map<string, Exchange>();
  const bursts = createBursts(print, () => ` ${deps.look().glyphs.sep} `, deps.now);
  const pace = createPace(guarded, deps.now);
  const rows = createRows(deps);
  let waiting: (Exchange | string)[] = [];
  let facts: FooterFacts | undefined;
  let over = false;

  function print(one: Exchange | string): void {
    waiting.push(one);
    pace.soon();
  }

  function draw(): void {
    facts ??= deps.facts();
    const lines = rows.lines(waiting, live.size > 0);
    waiting = [];
    frame.draw(lines, [...rows.block([...live.values()]), ...footerLines(facts, live.size, deps.look())]);
  }

  /** A mistake in here must not end the proxy. */
  function guarded(): { clock: boolean } {
    if (over) return { clock: false };
    try {
      draw();
      return { clock: live.size > 0 };
    } catch (error) {
      over = true;
      deps.onBroken(error);
      return { clock: false };
    }
  }

  pace.soon();
  return {
    event({ type, exchange }: FeedEvent) {
      if (over) return;
      if (type !== 'finish') {
        if (deps.show(exchange)) live.set(exchange.id, exchange);
      } else {
        live.delete(exchange.id);
        facts = undefined;
        if (deps.show(exchange) && !bursts.repeats(exchange)) waiting.push(exchange);
      }
      pace.soon();
    },
    above(write) {
      if (!over) frame.clear();
      write();
      // Whatever was worth a line may have changed the footer, too.
      facts = undefined;
      guarded();
    },
    resized: pace.soon,
    resumed() {
      frame.forget();
      pace.soon();
    },
    end() {
      bursts.end();
      guarded();
      pace.stop();
      over = true;
      frame.clear();
    },
  };
}

interface Rows {
  /** Lines to print for good, a header first where one is due. */
  lines(rows: readonly (Exchange | string)[], liveFollows: boolean): string[];
  /** Rows of live requests, not too many. */
  block(live: readonly Exchange[]): string[];
}

function createRows(deps: LiveLogDeps): Rows {
  let look = deps.look();
  let layout = createLayout(look);
  let headed = '';
  let sinceHeader = 0;

  const context = (): RowContext => ({ now: deps.now(), utc: deps.utc, look, served: deps.served });

  function headerIfDue(): string[] {
    if (headed === layout.key && sinceHeader < ROWS_A_HEADER) return [];
    headed = layout.key;
    sinceHeader = 0;
    return [layout.header];
  }

  function rowOf(x: Exchange): string {
    const row = layout.row(x, context());
    return isAside(x) ? look.style.dim(row) : row;
  }

  function finished(x: Exchange): string[] {
    const notes = explain(x, deps.prefix, look.glyphs).map((text) => layout.note(text));
    const lines = [...headerIfDue(), rowOf(x), ...notes];
    sinceHeader += 1;
    return lines;
  }

  return {
    lines(rows, liveFollows) {
      const next = deps.look();
      if (next.width !== look.width) layout = createLayout(next);
      look = next;
      const lines = rows.flatMap((one) => (typeof one === 'string' ? [layout.note(one)] : finished(one)));
      const header = liveFollows && headed !== layout.key ? headerIfDue() : [];
      return [...lines, ...header];
    },
    block(live) {
      const more = live.length - MOST_LIVE_ROWS;
      const shown = live.slice(0, MOST_LIVE_ROWS).map(rowOf);
      return more > 0 ? [...shown, look.style.dim(`+${more} more live`)] : shown;
    },
  };
}
