import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, test } from 'vitest';
import { footerLines } from '../../src/cli/commands/spend/footer.ts';
import { createLook, widthOf } from '../../src/cli/render/index.ts';
import { EXCHANGE_COLUMNS } from '../../src/ledger/schema.ts';
import { attempt, exchange } from '../ledger/support/exchange-samples.ts';
import { ledgerHome } from './support/ledger-home.ts';
import { expectError } from './support/situations.ts';

const DAY_MS = 86_400_000;
const at = (iso: string): number => Date.parse(`${iso}Z`);
const cost = (nanoUsd: number) => ({ nanoUsd, state: 'exact' as const, source: 'config' });
const PERIOD = ['--utc', '--since', '2025-11-17', '--until', '2025-12-02'];

const HISTORY = [
  exchange('X1', { time: at('2025-11-18T09:00:00'), cost: cost(1_000_000_000) }),
  exchange('X2', { time: at('2025-11-30T23:00:00'), cost: cost(2_000_000_000) }),
  exchange('X3', { time: at('2025-12-01T00:00:00'), cost: cost(4_000_000_000), agent: 'claude' }),
];

describe('by the calendar', () => {
  test('weeks begin on Monday and have no gaps', async () => {
    const { cli } = await ledgerHome(HISTORY);
    const { rows } = JSON.parse((await cli(['spend', '--by', 'week', ...PERIOD, '--json'])).stdout);
    expect(rows.map(({ week, costNanoUsd }: Record<string, unknown>) => [week, costNanoUsd])).toEqual([
      ['2025-11-17', 1_000_000_000],
      ['2025-11-24', 2_000_000_000],
      ['2025-12-01', 4_000_000_000],
    ]);
  });

  test('months, and two things at once', async () => {
    const { cli } = await ledgerHome(HISTORY);
    const { stdout } = await cli(['spend', '--by', 'month,agent', ...PERIOD]);
    expect(stdout).toBe(`\
Since 2025-11-17 until 2025-12-02, UTC, USD

MONTH   AGENT  REQ   IN CACHED OUT  COST
2025-11 codex    2 2.0k    80% 100 $3.00
2025-12 claude   1 1.0k    80%  50 $4.00
Total            3 3.0k    80% 150 $7.00
`);
  });
});

const ACME = `
providers: { acme: { url: https://acme.example/v1, auth: none } }
prices:
  acme/cheap: { input: 0.1, output: 1, cached: 0.01 }
`;
/** A sample there: 200 fresh at 0.1, 800 cached at 0.01, 50 out at 1. */
const CHEAP_NANO = 200 * 100 + 800 * 10 + 50 * 1000;

describe('--what-if', () => {
  test('prices the same tokens on another model', async () => {
    const { cli, home } = await ledgerHome(HISTORY);
    home.writeConfig(ACME);
    const args = ['spend', '--by', 'agent', '--what-if', 'acme/cheap', ...PERIOD];
    const answer = JSON.parse((await cli([...args, '--json'])).stdout);
    const each = CHEAP_NANO;
    expect(answer.whatIf).toEqual({ model: 'acme/cheap', costNanoUsd: 3 * each, unpriced: 0, estimated: 0 });
    expect(answer.rows.find(({ agent }: { agent: string }) => agent === 'codex')).toMatchObject({
      costNanoUsd: 3_000_000_000,
      whatIf: { costNanoUsd: 2 * each },
    });
    const { stdout } = await cli(args);
    expect(stdout).toMatch(/COST SHARE +THERE CHANGE\n/);
    expect(stdout).toMatch(/\$3\.00 +43% +\$0\.0002 +-100%\n/);
    expect(stdout).toContain('THERE: the same tokens on acme/cheap, at its list price of the time.\n');
    const csv = (await cli([...args, '--csv'])).stdout.split('\r\n');
    expect(csv[0]).toMatch(/,whatIfNanoUsd$/);
    expect(csv[1]).toMatch(new RegExp(`^claude,.*,${each}$`));
  });

  test('a price may hang on the time and the size of each request', async () => {
    const long = { input: 300_000, output: 0 };
    const { cli } = await ledgerHome([
      exchange('X1', { time: at('2025-11-18T09:00:00'), usage: { input: 1000, output: 0 } }),
      exchange('X2', { time: at('2025-11-18T09:00:00'), usage: long }),
    ]);
    const args = ['spend', '--by', 'agent', '--what-if', 'anthropic/claude-sonnet-4-5', ...PERIOD, '--json'];
    // $3 below 200,000 tokens, $6 above.
    expect(JSON.parse((await cli(args)).stdout).whatIf.costNanoUsd).toBe(1000 * 3000 + 300_000 * 6000);
  });

  test('a model that nobody knows or prices is an error', async () => {
    const { cli, home } = await ledgerHome(HISTORY);
    home.writeConfig(ACME);
    expect(await cli(['spend', '--what-if', 'no-such-model-anywhere'])).toMatchObject({ code: 9 });
    const unpriced = await cli(['spend', '--what-if', 'acme/unpriced']);
    expect(unpriced.code).toBe(9);
    expect(unpriced.stderr).toContain('no price is known for acme/unpriced');
  });
});

describe('--check', () => {
  const today = (nanoUsd: number, fields = {}) =>
    exchange('T1', { time: Date.now() - 1, cost: cost(nanoUsd), ...fields });

  test.each([
    ['budget: 5/day', 4_999_999_999, 0],
    ['budget: 5/day', 5_000_000_000, 8],
    ['budget: { month: 2, warn: 80% }', 2_500_000_000, 8],
    ['budgets: [{ project: "a*", day: 1 }]', 1_500_000_000, 8],
    ['budgets: [{ agent: claude, day: 1 }]', 1_500_000_000, 0],
    ['# none', 1_500_000_000, 0],
  ])('%s with %i nano-dollars spent ends with %i', async (config, spent, code) => {
    const { cli, home } = await ledgerHome([today(spent)]);
    home.writeConfig(`${config}\n`);
    const result = await cli(['spend', '--check', '--utc']);
    expect(result.code).toBe(code);
    if (code === 8) expect(result.stderr).toMatch(/budget.* is used up: /);
    expect(result.stdout).toContain('Total');
  });
});

describe('below the table', () => {
  const sums = {
    requests: 1,
    errors: 0,
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    output: 0,
    reasoning: 0,
    costNanoUsd: 0,
    unpriced: 0,
    estimated: 0,
    retryNanoUsd: 120_000_000,
    savedByCacheNanoUsd: 201_400_000_000,
    savedByRouteNanoUsd: 11_860_000_000,
  };
  const look = (width: number) => createLook({ width, color: false, ascii: false });
  const outlook = { todayNanoUsd: 7_900_000_000, monthNanoUsd: 180_000_000_000 };

  test('what was saved, what was paid on top, and where it goes', () => {
    expect(footerLines(sums, outlook, look(100))).toEqual([
      '',
      'Saved   $201.40 by provider prompt caches · $11.86 by your routes',
      'Extra   $0.12 for attempts that gave no answer',
      'Outlook about $7.90 today · $180.00 this month, at this pace',
    ]);
    const narrow = footerLines(sums, outlook, look(60));
    expect(narrow[1]).toBe('Saved   $201.40 caches · $11.86 routes');
    for (const line of narrow) expect(widthOf(line)).toBeLessThanOrEqual(60);
  });

  test('a cache that cost more than it saved, and routes to dearer models, are extra', () => {
    const lost = {
      ...sums,
      retryNanoUsd: 0,
      savedByCacheNanoUsd: -30_000_000,
      savedByRouteNanoUsd: -1_000_000_000,
    };
    expect(footerLines(lost, null, look(100))).toEqual([
      '',
      'Extra   $0.03 for what was written to prompt caches · $1.00 by your routes, over what was asked for',
    ]);
    const nothing = { ...lost, savedByCacheNanoUsd: 0, savedByRouteNanoUsd: 0 };
    expect(footerLines(nothing, null, look(100))).toEqual([]);
  });

  test('retries that were billed are in the sums, and said', async () => {
    const billed = { usage: { input: 100 }, usageSource: 'partial' as const, cost: cost(250_000_000) };
    const { cli } = await ledgerHome([
      exchange('X1', {
        time: at('2025-11-18T09:00:00'),
        cost: cost(1_250_000_000),
        attempts: [attempt(1, { provider: 'azure', failure: 'overloaded', billed }), attempt(2)],
      }),
    ]);
    const { stdout } = await cli(['spend', '--by', 'provider', ...PERIOD]);
    expect(stdout).toMatch(/^openai +1 .*\$1\.00/m);
    expect(stdout).toMatch(/^azure +0 .*\$0\.25/m);
    expect(stdout).toContain('Extra   $0.25 for attempts that gave no answer');
  });
});

test('the outlook is today so far and the rest of days like those before, to the end of the month', async () => {
  const now = Date.now();
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  // Ten days with a dollar at their first and two at their last moment; today one so far.
  const past = Array.from({ length: 10 }, (_, i) => i + 1).flatMap((ago) => [
    exchange(`A${ago}`, { time: midnight - ago * DAY_MS, cost: cost(1_000_000_000) }),
    exchange(`B${ago}`, { time: midnight - ago * DAY_MS + DAY_MS - 1, cost: cost(2_000_000_000) }),
  ]);
  const { cli } = await ledgerHome([...past, exchange('T', { time: midnight, cost: cost(1_000_000_000) })]);
  const { outlook } = JSON.parse((await cli(['spend', '--utc', '--json'])).stdout);
  expect(outlook.todayNanoUsd).toBe(3_000_000_000);
  const date = new Date(midnight);
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const before = Math.min(10, date.getUTCDate() - 1);
  const left = daysInMonth - date.getUTCDate();
  expect(outlook.monthNanoUsd).toBe((before + 1 + left) * 3_000_000_000);
});

describe('--session', () => {
  const IN_SESSIONS = [
    exchange('S1', { time: at('2025-11-18T09:00:00'), cost: cost(1_000_000_000), session: 'first-0199' }),
    exchange('S2', { time: at('2025-11-18T09:10:00'), cost: cost(2_000_000_000), session: 'second-0199' }),
    exchange('S3', { time: at('2025-11-18T12:20:00'), cost: cost(4_000_000_000), session: 'second-0199' }),
    exchange('S4', { time: at('2025-11-18T12:30:00'), cost: cost(8_000_000_000), session: null }),
    exchange('S5', { time: at('2025-11-18T12:40:00'), demo: true, session: 'played' }),
  ];

  test('sums up the last one, or the one that a part of its id names', async () => {
    const { cli } = await ledgerHome(IN_SESSIONS);
    const total = async (session: string): Promise<Record<string, unknown>> =>
      JSON.parse((await cli(['spend', '--session', session, '--by', 'model', ...PERIOD, '--json'])).stdout)
        .total;
    expect(await total('last')).toMatchObject({ requests: 2, costNanoUsd: 6_000_000_000 });
    expect(await total('first')).toMatchObject({ requests: 1, costNanoUsd: 1_000_000_000 });
    const { stdout } = await cli(['spend', '--session', 'last', ...PERIOD]);
    expect(stdout).toMatch(/^Total .*\$6\.00/m);
  });

  test('finds the last one behind however many requests that name none', async () => {
    const { cli, file } = await ledgerHome(IN_SESSIONS);
    const db = new DatabaseSync(file);
    const copied = EXCHANGE_COLUMNS.map((column) => (column === 'id' ? 'id || i' : column));
    db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
      INSERT INTO exchange (${EXCHANGE_COLUMNS}) SELECT ${copied} FROM exchange, n WHERE id = 'S4'`);
    db.close();
    const { stdout } = await cli(['spend', '--session', 'last', ...PERIOD]);
    expect(stdout).toMatch(/^Total .*\$6\.00/m);
  });

  test('compares that session, and no other, with another model', async () => {
    const { cli, home } = await ledgerHome(IN_SESSIONS);
    home.writeConfig(ACME);
    const args = ['spend', '--session', 'last', '--by', 'model', '--what-if', 'acme/cheap', ...PERIOD];
    const { rows, whatIf } = JSON.parse((await cli([...args, '--json'])).stdout);
    expect(whatIf).toMatchObject({ costNanoUsd: 2 * CHEAP_NANO });
    expect(rows).toMatchObject([{ requests: 2, whatIf: { costNanoUsd: 2 * CHEAP_NANO } }]);
  });

  test('does not go with what adds up all of them', async () => {
    const { cli } = await ledgerHome(IN_SESSIONS);
    await expectError((...flags) => cli(['spend', '--cache', '--session', 'last', ...PERIOD, ...flags]), {
      code: 'usage',
    });
  });

  test('says when there is none, or more than one', async () => {
    const { cli } = await ledgerHome(IN_SESSIONS);
    for (const [session, code] of [
      ['third', 'no_request'],
      ['0199', 'several_requests'],
    ] as const)
      await expectError((...flags) => cli(['spend', '--session', session, ...PERIOD, ...flags]), { code });
  });
});
