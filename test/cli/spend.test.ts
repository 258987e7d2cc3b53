import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRequest } from '../../src/cli/commands/spend/query.ts';
import { spendTable } from '../../src/cli/commands/spend/table.ts';
import { createLook, widthOf } from '../../src/cli/render/index.ts';
import type { SpendRow } from '../../src/ledger/index.ts';
import { anyExchange } from '../ledger/support/any-exchange.ts';
import { exchange, NOON } from '../ledger/support/exchange-samples.ts';
import { ledgerHome } from './support/ledger-home.ts';
import { HOSTILE, SAMPLES } from './support/log-samples.ts';

const PERIOD = ['--since', '2025-11-20', '--until', '2025-11-22'];
const DIMENSIONS = ['day', 'model', 'provider', 'agent', 'project', 'session'];
const HOUR_MS = 3_600_000;

describe('the table', () => {
  test('by model and agent fits in 100 columns, the dearest first', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout, stderr, code } = await cli(['spend', '--by', 'model,agent', ...PERIOD, '--width', '100']);
    expect(code).toBe(0);
    expect(stdout).toBe(`\
Since 2025-11-20 until 2025-11-22                                                    local time, USD

MODEL           AGENT  REQ    IN CACHED  OUT    COST SHARE
claude-opus-4-5 claude   1  118k     0%  702  ~$1.08   96%  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
gpt-5-codex     codex    1 88.1k    91% 2.1k   $0.04    4%  ▇▇
z-ai/glm-4.6    claude   1 18.4k     0%  310 $0.0079    1%  ▇
llama-4-mav     (none)   1  6.2k     0%  233       ?     –
qwen3-coder:30b aider    1  9.8k     0%  512   $0.00     –
(none)          gemini   1     0      –    0   $0.00     –
Total                    6  241k    33% 3.9k  ~$1.13        + 1 request without a price (?)
`);
    expect(stderr).toBe('Measured on the wire. Requests that did not pass through unorouter are not here.\n');
  });

  test('by day fits in 60 columns, days without requests included', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['spend', ...PERIOD, '--width', '60']);
    expect(stdout).toBe(`\
Since 2025-11-20 until 2025-11-22, USD
2025-11-20    $0.00
2025-11-21 ~$1.13+?  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
2025-11-22    $0.00
Total        ~$1.13  + 1 request without a price (?)
`);
  });

  test('is plain when piped, and has no bars where they are not wanted', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['spend', '--utc', ...PERIOD]);
    expect(stdout).toBe(`\
Since 2025-11-20 until 2025-11-22, UTC, USD

DAY        REQ   IN CACHED  OUT     COST
2025-11-20   0    0      –    0    $0.00
2025-11-21   6 241k    33% 3.9k ~$1.13+?
2025-11-22   0    0      –    0    $0.00
Total        6 241k    33% 3.9k   ~$1.13  + 1 request without a price (?)
`);
    expect((await cli(['spend', ...PERIOD, '--width', '100', '--no-bars'])).stdout).not.toContain('▇');
  });

  const week = (): SpendRow[] =>
    [3_900_000_000, 9_710_000_000, 0, 40_000].map((costNanoUsd, i) => ({
      key: [`2026-11-${19 + i}`],
      requests: costNanoUsd > 0 ? 1_279 : 0,
      errors: 0,
      input: costNanoUsd / 100,
      cacheRead: costNanoUsd / 125,
      cacheWrite: 0,
      output: 212_000,
      reasoning: 0,
      costNanoUsd,
      unpriced: 0,
      estimated: 0,
      retryNanoUsd: 0,
      savedByCacheNanoUsd: 0,
      savedByRouteNanoUsd: 0,
    }));
  const total = { requests: 3_837, errors: 0, input: 136_100_400, cacheRead: 108_880_320, cacheWrite: 0 };
  const saved = { retryNanoUsd: 0, savedByCacheNanoUsd: 0, savedByRouteNanoUsd: 0 };
  const sums = {
    output: 848_000,
    reasoning: 0,
    costNanoUsd: 13_610_040_000,
    unpriced: 14,
    estimated: 0,
    ...saved,
  };
  const clock = { now: Date.UTC(2026, 10, 22, 15), utc: true };

  test.each([
    [
      100,
      `\
Last 7 days                                                                                 UTC, USD

DAY          REQ    IN CACHED  OUT     COST
Thu 19 Nov 1,279 39.0M    80% 212k    $3.90  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
Fri 20 Nov 1,279 97.1M    80% 212k    $9.71  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
Sat 21 Nov     0     0      – 212k    $0.00
Sun 22 Nov 1,279   400    80% 212k <$0.0001  ▇ today
Total      3,837  136M    80% 848k   $13.61  + 14 requests without a price (?)
`,
    ],
    [
      60,
      `\
Last 7 days, USD
Thu 19    $3.90  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
Fri 20    $9.71  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
Sat 21    $0.00
Sun 22 <$0.0001  ▇ today
Total    $13.61  + 14 requests without a price (?)
`,
    ],
  ])('in %i columns names days as people do', (width, expected) => {
    const look = createLook({ width, color: false, ascii: false });
    const request = readRequest({ by: 'day', bars: true }, clock);
    const text = spendTable(
      request,
      { rows: week(), total: { ...total, ...sums } },
      { ...clock, look, bars: true, outlook: null, other: null },
    );
    expect(text).toBe(expected);
  });

  test.each([30, 45, 60, 79, 80, 100, 120])('fits in %i columns and cuts names, never numbers', (width) => {
    const look = createLook({ width, color: false, ascii: false });
    const name = '漢字 long name of a model '.repeat(8);
    const rows = week().map((row) => ({ ...row, key: [name, name], unpriced: 2, estimated: 1 }));
    const request = readRequest({ by: 'model,session', bars: true }, clock);
    for (const bars of [true, false]) {
      const text = spendTable(
        request,
        { rows, total: { ...total, ...sums } },
        { ...clock, look, bars, outlook: null, other: null },
      );
      for (const line of text.trimEnd().split('\n'))
        expect([widthOf(line) <= width, line]).toEqual([true, line]);
      expect(text).toContain('~$9.71+?');
      expect(text).not.toMatch(/\d…/);
    }
  });
});

describe('days', () => {
  test('begin at local midnight, also where clocks are changed', async () => {
    for (const [since, until, hours] of [
      ['2025-03-29', '2025-03-31', [24, 23, 24]],
      ['2025-10-25', '2025-10-27', [24, 25, 24]],
    ] as const) {
      const start = Date.UTC(2025, Number(since.slice(5, 7)) - 1, Number(since.slice(8)) - 1);
      const hourly = Array.from({ length: 6 * 24 }, (_, i) =>
        exchange(`01K5AAAAAAAAAAAAAA${String(i).padStart(8, '0')}`, { time: start + i * HOUR_MS }),
      );
      const { cli } = await ledgerHome(hourly);
      const { stdout } = await cli(['spend', '--since', since, '--until', until, '--json'], 'Europe/Berlin');
      const { rows, since: from } = JSON.parse(stdout);
      expect(rows.map((row: { requests: number }) => row.requests)).toEqual(hours);
      expect(rows[0].day).toBe(since);
      expect(new Date(from).getUTCHours()).toBe(since === '2025-03-29' ? 23 : 22);
      const utc = JSON.parse(
        (await cli(['spend', '--since', since, '--until', until, '--json', '--utc'], 'Europe/Berlin')).stdout,
      );
      expect(utc.rows.map((row: { requests: number }) => row.requests)).toEqual([24, 24, 24]);
    }
  });

  test('of the last week are seven, today with them', async () => {
    const { cli } = await ledgerHome([exchange('01K5AAAAAAAAAAAAAA00000001', { time: Date.now() })]);
    const { rows, total } = JSON.parse((await cli(['spend', '--json'])).stdout);
    expect(rows).toHaveLength(7);
    expect(rows[6]).toMatchObject({ day: new Date().toISOString().slice(0, 10), requests: 1 });
    expect(total.requests).toBe(1);
  });

  test('of a very long period are not all shown, but all that have requests', async () => {
    const { cli } = await ledgerHome([
      ...SAMPLES,
      exchange('01K5AAAAAAAAAAAAAA00000001', { time: Date.UTC(2001, 1, 3) }),
    ]);
    const { rows } = JSON.parse((await cli(['spend', '--since', '1999-01', '--json'])).stdout);
    expect(rows.length).toBeLessThan(410);
    expect(rows[0]).toMatchObject({ day: '2001-02-03', requests: 1 });
  });
});

test('whatever it is grouped by, the rows add up to the total, and the total is always the same', async () => {
  const list = fc.sample(anyExchange, { numRuns: 80, seed: 7 });
  const all = list.map((x, i) => ({ ...x, id: `01K5AAAAAAAAAAAAAAAAAAA${100 + i}` }));
  const { cli } = await ledgerHome(all);
  const real = all.filter(({ demo }) => !demo);
  const bys = [...DIMENSIONS, 'model,agent', 'day,project', 'session,provider'];
  for (const by of bys) {
    const { rows, total } = JSON.parse(
      (await cli(['spend', '--since', '2026-03', '--until', '2026-03', '--by', by, '--json'])).stdout,
    );
    expect(total).toMatchObject({
      requests: real.length,
      costNanoUsd: real.reduce((sum, { cost }) => sum + (cost.nanoUsd ?? 0), 0),
      input: real.reduce((sum, { usage }) => sum + (usage.input ?? 0), 0),
      unpriced: real.filter(({ cost }) => cost.state === 'unknown').length,
    });
    for (const name of Object.keys(total))
      expect(rows.reduce((sum: number, row: Record<string, number>) => sum + (row[name] ?? 0), 0)).toBe(
        total[name],
      );
    expect(Object.keys(rows[0])).toEqual([...by.split(','), ...Object.keys(total)]);
  }
});

describe('for programs', () => {
  test('JSON names the period, and one value a dimension', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['spend', '--by', 'project,provider', ...PERIOD, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      since: '2025-11-20T00:00:00.000Z',
      until: '2025-11-23T00:00:00.000Z',
      by: ['project', 'provider'],
      rows: [
        {
          project: 'api',
          provider: 'anthropic',
          requests: 1,
          errors: 1,
          costNanoUsd: 1_079_300_000,
          estimated: 1,
        },
        { project: 'api', provider: 'openai', cacheRead: 80_402, reasoning: 1_412, costNanoUsd: 40_708_000 },
        { project: 'web', provider: 'openrouter', costNanoUsd: 7_900_000 },
        { project: 'api', provider: 'ollama', costNanoUsd: 0, unpriced: 0 },
        { project: 'api', provider: null, errors: 1 },
        { project: null, provider: 'acme', unpriced: 1 },
      ],
      total: { requests: 6, errors: 2, unpriced: 1, estimated: 1, costNanoUsd: 1_127_908_000 },
    });
    expect(JSON.parse((await cli(['spend', '--json=total', ...PERIOD])).stdout)).toEqual({
      total: expect.objectContaining({ requests: 6 }),
    });
  });

  test('sessions are told apart, and requests without one are together', async () => {
    const ids = [1, 2, 3, 4].map((n) => `01K5AAAAAAAAAAAAAAAAAAAAA${n}`);
    const sessions = ['a', 'b', 'a', null];
    const { cli } = await ledgerHome(ids.map((id, i) => exchange(id, { session: sessions[i] ?? null })));
    const { rows } = JSON.parse(
      (await cli(['spend', '--by', 'session', '--since', '2026-03', '--json'])).stdout,
    );
    expect(rows.map((row: Record<string, unknown>) => [row.session, row.requests])).toEqual([
      ['a', 2],
      ['b', 1],
      [null, 1],
    ]);
  });

  test('CSV has the same names, nothing where nothing is known, and no formula', async () => {
    const { cli } = await ledgerHome([HOSTILE, ...SAMPLES.slice(3, 4)]);
    const { stdout, code } = await cli(['spend', '--by', 'agent', ...PERIOD, '--csv']);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        'agent,requests,errors,input,cacheRead,cacheWrite,output,reasoning,costNanoUsd,unpriced,estimated,retryNanoUsd,savedByCacheNanoUsd,savedByRouteNanoUsd',
        '"\'=HYPERLINK(""http://x.example"")",1,1,1000,800,0,50,0,5000000,0,0,0,0,0',
        ',1,0,6200,0,0,233,0,0,1,0,0,0,0',
        '',
      ].join('\r\n'),
    );
  });
});

describe('the demo', () => {
  test('is in no sum but its own', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['spend', '--demo', '--by', 'model', ...PERIOD, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: [{ model: 'echo', requests: 1, costNanoUsd: 12_345 }],
      total: { requests: 1, costNanoUsd: 12_345 },
    });
    const real = JSON.parse((await cli(['spend', '--by', 'model', ...PERIOD, '--json'])).stdout);
    expect(real.rows.map(({ model }: { model: string }) => model)).not.toContain('echo');
  });

  test('is pointed to when nothing else was used', async () => {
    const { cli } = await ledgerHome(SAMPLES.filter(({ demo }) => demo));
    const { stderr } = await cli(['spend', ...PERIOD]);
    expect(stderr).toMatch(/^No requests since .*\. Only the demo was used: .* spend --demo\n$/);
  });
});

test('without a ledger there is nothing, and that is no failure', async () => {
  const { cli } = await ledgerHome([]);
  const stderr = 'Nothing is recorded yet: no request has come through unorouter.\n';
  expect(await cli(['spend'])).toEqual({ code: 0, stdout: '', stderr });
  const { code, stdout } = await cli(['spend', '--json']);
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { rows: [], total: { requests: 0 } }]);
});

test.each([
  [['--by', 'colour'], '--by does not know "colour"'],
  [['--by', 'model,agent,day'], '--by takes one or two'],
  [['--by', 'day,day'], '--by takes one or two'],
  [['--by', ''], '--by does not know ""'],
  [['--month', '--since', '7d'], '--month and --since'],
  [['--since', 'never'], '--since does not know the time "never"'],
  [['--until', '2020-01-01'], 'is not before --until'],
])('%j is wrong usage', async (args, words) => {
  const { cli } = await ledgerHome([]);
  const { code, stdout, stderr } = await cli(['spend', ...args]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(words);
});

test('a request without an end goes to the end of today, one of this month says so', () => {
  const clock = { now: NOON, utc: true };
  const { period } = readRequest({ by: 'Model', bars: true, month: true }, clock);
  expect(period).toEqual({ since: Date.UTC(2026, 2, 1), until: Date.UTC(2026, 2, 4), words: 'this month' });
});
