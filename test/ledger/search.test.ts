import { expect, test } from 'vitest';
import type { LogQuery } from '../../src/ledger/index.ts';
import { openLedgerReader } from '../../src/ledger/index.ts';
import { attempt, exchange, NOON } from './support/exchange-samples.ts';
import { ALL, bench, recordAll } from './support/ledger.ts';

const failed = { outcome: 'error', status: 429, errorCode: 'all_upstreams_failed' } as const;

/** Sends a bill that can be asked about. */
const named = {
  answerId: 'gen-1',
  billed: { usage: {}, usageSource: 'reported', cost: { nanoUsd: 1, state: 'exact', source: null } },
} as const;

const ROWS = [
  exchange('01ABCDX001', {
    time: NOON,
    agent: 'claude',
    asked: 'claude-opus',
    provider: 'anthropic',
    model: 'claude-opus-4-5',
  }),
  exchange('01ABCDX002', {
    ...{ time: NOON + 1_000, project: 'web', totalMs: 30_000 },
    ...{ session: null, demo: true },
  }),
  exchange('01ABCDX003', {
    time: NOON + 2_000,
    ...failed,
    errorMessage: 'Slow DOWN please',
    cost: { nanoUsd: null, state: 'unknown', source: null },
  }),
  exchange('01ABCDX004', {
    time: NOON + 3_000,
    outcome: 'upstream_cut',
    attempts: [attempt(1, { provider: 'groq', status: 503, ...named }), attempt(2)],
  }),
  exchange('01ABCDY005', {
    time: NOON + 4_000,
    outcome: 'error',
    status: 503,
    cost: { nanoUsd: 9_000_000, state: 'exact', source: null },
  }),
];

const CASES: [string, Partial<LogQuery>, string[]][] = [
  ['nothing asked for: all, newest first', {}, ['Y005', 'X004', 'X003', 'X002', 'X001']],
  ['the newest', { limit: 2 }, ['Y005', 'X004']],
  ['since includes its moment', { since: NOON + 3_000 }, ['Y005', 'X004']],
  ['until excludes its moment', { until: NOON + 1_000 }, ['X001']],
  ['an agent', { agent: 'claude' }, ['X001']],
  ['a project', { project: 'web' }, ['X002']],
  ['a provider', { provider: 'anthropic' }, ['X001']],
  ['a part of the model asked for', { model: 'OPUS' }, ['X001']],
  ['provider and model id', { model: 'openai/gpt', status: 'ok' }, ['X002']],
  ['ok', { status: 'ok' }, ['X002', 'X001']],
  ['every other end', { status: 'err' }, ['Y005', 'X004', 'X003']],
  ['an outcome', { status: 'upstream_cut' }, ['X004']],
  ['a class of status', { status: '5xx' }, ['Y005']],
  ['another class', { status: '4xx' }, ['X003']],
  ['a status', { status: '429' }, ['X003']],
  ['slow ones', { slowerThan: 10_000 }, ['X002']],
  ['dear ones; an unknown cost is not', { minCostNanoUsd: 5_000_000 }, ['Y005']],
  ['those that needed another target', { fallback: true }, ['X004']],
  ['fallback not asked for', { fallback: false, limit: 1 }, ['Y005']],
  ['those that name their session', { inSession: true }, ['Y005', 'X004', 'X003', 'X001']],
  ['those with a bill of somebody who named the answer', { billedBy: 'groq' }, ['X004']],
  ['no bills without a name', { billedBy: 'openai' }, []],
  ['the demo’s', { demo: true }, ['X002']],
  ['all but the demo’s', { demo: false }, ['Y005', 'X004', 'X003', 'X001']],
  ['any text', { grep: 'slow down' }, ['X003']],
  ['text is text, not a pattern', { grep: '%' }, []],
  ['several filters at once', { status: 'err', since: NOON + 3_000, provider: 'openai' }, ['Y005', 'X004']],
];

test.each(CASES)('logs find %s', async (_, query, tails) => {
  const { open, read } = bench();
  const ledger = open();
  recordAll(ledger, ROWS);
  await ledger.flush();
  const reader = await read();
  const found = reader.exchanges({ limit: 50, ...query });
  expect(found.map(({ id }) => id.slice(-4))).toEqual(tails);
  if (query.limit === undefined) expect(reader.count({ limit: 1, ...query })).toBe(tails.length);
});

test('an id is found by any part of it, in either case, with its attempts', async () => {
  const { open, read } = bench();
  const ledger = open();
  recordAll(ledger, ROWS);
  await ledger.flush();
  const reader = await read();
  expect(reader.find('y005')).toEqual([ROWS[4]]);
  expect(reader.find('X004')[0]?.attempts).toHaveLength(2);
  expect(reader.find('bcdx').map(({ id }) => id.slice(-4))).toEqual(['X004', 'X003', 'X002', 'X001']);
  expect(reader.find('_')).toEqual([]);
});

test('a status that is none is a usage error that names the known ones', async () => {
  const { open, read } = bench();
  const ledger = open();
  await ledger.flush();
  const reader = await read();
  expect(() => reader.exchanges({ ...ALL, status: 'bad' })).toThrow(
    expect.objectContaining({ exit: 2, why: expect.stringContaining('upstream_cut') }),
  );
});

test('without a file there is nothing to read', async () => {
  expect(await openLedgerReader(bench().file)).toBeNull();
});
