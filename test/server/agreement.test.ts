import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRequest } from '../../src/cli/commands/spend/query.ts';
import { addUp, type Sums } from '../../src/cli/commands/spend/sums.ts';
import { spent } from '../../src/cli/render/log/sums.ts';
import { type Exchange, exchangeJson } from '../../src/exchange.ts';
import type { SpendDimension } from '../../src/ledger/index.ts';
import { createTallies } from '../../src/server/today.ts';
import { anyExchange } from '../ledger/support/any-exchange.ts';
import { ALL, bench, recordAll } from '../ledger/support/ledger.ts';

/** Days are local ones here, as in the footer. */
const MIDNIGHT = new Date(2026, 2, 3).getTime();
const HOUR_MS = 3_600_000;
const AFTERNOON = MIDNIGHT + 14 * HOUR_MS;
const EVENING = MIDNIGHT + 20 * HOUR_MS;
const CLOCK = { now: EVENING, utc: false };
const REPORTS: SpendDimension[][] = [
  ...(['day', 'week', 'month', 'model', 'provider', 'agent', 'project', 'session', 'rule'] as const).map(
    (one): SpendDimension[] => [one],
  ),
  ['day', 'model'],
  ['agent', 'session'],
];

/** What every surface shows of a day. */
type Shown = Pick<
  Sums,
  'requests' | 'errors' | 'costNanoUsd' | 'unpriced' | 'estimated' | 'input' | 'cacheRead'
>;

function shown({ requests, errors, costNanoUsd, unpriced, estimated, input, cacheRead }: Shown): Shown {
  return { requests, errors, costNanoUsd, unpriced, estimated, input, cacheRead };
}

/** What somebody adds up who reads the rows of `logs --json`. */
function ofRows(exchanges: readonly Exchange[]): Shown {
  const total = { requests: 0, errors: 0, costNanoUsd: 0, unpriced: 0, estimated: 0, input: 0, cacheRead: 0 };
  for (const x of exchanges) {
    const row = exchangeJson(x) as {
      outcome: string;
      demo: boolean;
      costNanoUsd: number | null;
      costState: string;
      usage: { input: number | null; cacheRead: number | null };
    };
    if (row.demo) continue;
    total.requests++;
    if (row.outcome !== 'ok') total.errors++;
    total.costNanoUsd += row.costNanoUsd ?? 0;
    if (row.costState === 'unknown') total.unpriced++;
    if (row.costState === 'estimate') total.estimated++;
    total.input += row.usage.input ?? 0;
    total.cacheRead += row.usage.cacheRead ?? 0;
  }
  return total;
}

test('spend by anything, status, the footer, the rows of logs and JSON say the same of any history', async () => {
  const history = fc.record({
    before: fc.array(anyExchange, { maxLength: 20 }),
    during: fc.array(anyExchange, { maxLength: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(history, async ({ before, during }) => {
      const { open, read } = bench();
      const ledger = open();
      const early = before.map((x, i) => ({ ...x, id: `B${i}X` }));
      const late = during.map((x, i) => ({ ...x, id: `D${i}X`, time: EVENING - 1 - i }));
      recordAll(
        ledger,
        early.map((x) => ({ ...x, time: MIDNIGHT + (x.time % (13 * HOUR_MS)) })),
      );
      // A server that starts in the afternoon reads what was, and counts on.
      const started = AFTERNOON;
      const told = ledger.totals(MIDNIGHT, started);
      const tallies = createTallies({ totals: () => told }, started, () => EVENING);
      await told;
      recordAll(ledger, late);
      for (const x of late) tallies.add(x);

      const totals = await ledger.totals(MIDNIGHT, EVENING);
      const reader = await read();
      const expected = totals && shown(totals);
      expect(shown(reader.todayTotals(MIDNIGHT, EVENING))).toEqual(expected);
      expect(ofRows(reader.exchanges(ALL))).toEqual(expected);
      for (const by of REPORTS) {
        const request = readRequest({ by: by.join(), since: 'today', bars: true }, CLOCK);
        const { rows, total } = addUp(reader, request, CLOCK);
        expect(shown(total)).toEqual(expected);
        for (const name of ['requests', 'costNanoUsd', 'input'] as const)
          expect(rows.reduce((sum, row) => sum + row[name], 0)).toBe(expected?.[name]);
      }
      // The footer and `status` have one text for it.
      if (totals) expect(spent(tallies.today())).toBe(spent(totals));
      expect(tallies.today()).toEqual(totals);
      reader.close();
      await ledger.close();
    }),
    { numRuns: 12 },
  );
});
