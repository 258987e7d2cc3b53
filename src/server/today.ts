import type { Exchange } from '../exchange.ts';
import type { Ledger } from '../ledger/index.ts';
import { addExchange, emptyTally } from './tally.ts';
import type { Today } from './types.ts';

/** Sums of today and of this server's life. */
export interface Tallies {
  /** Today's sums at this moment: they begin anew at local midnight. */
  today(): Today;
  session(): Today;
  add(exchange: Exchange): void;
}

/** The day on which clocks are put forward by an hour, or by more than usual. */
const SHORTEST_DAY_MS = 22 * 3600_000;

function midnightBefore(time: number): number {
  const date = new Date(time);
  date.setHours(0, 0, 0, 0);
  return date.getTime();
}

/** Counts from what the ledger knows of today before `startedAt`; the ledger is read once, in the background. */
export function createTallies(ledger: Pick<Ledger, 'totals'>, startedAt: number, now: () => number): Tallies {
  const session = emptyTally();
  let day = midnightBefore(startedAt);
  let today = emptyTally();

  void ledger.totals(day, startedAt).then((before) => {
    if (!before || midnightBefore(now()) !== day) return;
    for (const name of Object.keys(today) as (keyof Today)[]) today[name] += before[name];
  });

  function roll(): void {
    // Nothing begins anew sooner: a look at the calendar for each request would be dear.
    const time = now();
    if (time >= day && time < day + SHORTEST_DAY_MS) return;
    const present = midnightBefore(time);
    if (present === day) return;
    day = present;
    today = emptyTally();
  }

  return {
    today() {
      roll();
      return { ...today };
    },
    session: () => ({ ...session }),
    add(exchange) {
      roll();
      addExchange(session, exchange);
      // A request is of the day on which it began, as in every other report.
      if (exchange.time >= day) addExchange(today, exchange);
    },
  };
}
