import type { Context } from '../../context.ts';
import { type Look, lookOf, safeText, wrap } from '../../render/index.ts';

type Level = 'info' | 'warn';

/** A sentence for the terminal, as wide as it is. */
export function noticeLines(level: Level, text: string, look: Look): string[] {
  const { glyphs, style } = look;
  const sign = level === 'warn' ? style.yellow(glyphs.warn) : style.dim(glyphs.dot);
  return wrap(safeText(text), look.width - 2).map((line, i) => `${i === 0 ? sign : ' '} ${line}`);
}

/** Sentences of a running server. */
export interface Notices {
  notice(level: Level, text: string): void;
  /**
   * Until it is called, sentences wait: the banner comes first. Those that it has told are not told again.
   * @param above lets lines be written where they break nothing
   */
  open(told: readonly string[], above: (write: () => void) => void): void;
  /** Tells at once what still waits: there will be no banner. */
  giveUp(): void;
}

/** Writes them to stderr; `--quiet` leaves out all but warnings. */
export function createNotices(context: Context): Notices {
  let place: ((write: () => void) => void) | undefined;
  let waiting: { level: Level; text: string }[] = [];

  function notice(level: Level, text: string): void {
    if (context.quiet && level === 'info') return;
    if (!place) {
      waiting.push({ level, text });
      return;
    }
    const lines = noticeLines(level, text, lookOf(context, context.stderr));
    place(() => context.stderr.write(lines.map((line) => `${line}\n`).join('')));
  }

  function tellWaiting(told: readonly string[]): void {
    const held = waiting.filter(({ text }) => !told.includes(text));
    waiting = [];
    for (const { level, text } of held) notice(level, text);
  }

  return {
    notice,
    open(told, above) {
      place = above;
      tellWaiting(told);
    },
    giveUp() {
      place = (write) => write();
      tellWaiting([]);
    },
  };
}
