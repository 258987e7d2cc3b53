import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/ledger/migrations.ts';
import { attempt, exchange, NOON } from './support/exchange-samples.ts';
import { ALL, bench, recordAll } from './support/ledger.ts';

const FIRST = `
  INSERT INTO exchange (id, time, agent, session, protocol, endpoint, stream, asked, provider, model, rule, status,
    outcome, input, cache_read, output, usage_source, cost_nano, cost_state, fallback, losses, demo)
  VALUES
    ('OLD1', ${NOON}, 'codex', 's1', 'openai-chat', 'generate', 0, 'gpt-5', 'openai', 'gpt-5', 'default', 200,
      'ok', 1000, 800, 50, 'reported', 5000000, 'exact', 0, '[]', 0),
    ('OLD2', ${NOON + 7_200_000}, NULL, NULL, 'openai-chat', 'generate', 0, 'gpt-5', 'openai', 'gpt-5', 'default', 200,
      'ok', 10, NULL, 5, 'reported', NULL, 'unknown', 0, '[]', 0);
  INSERT INTO attempt VALUES ('OLD1', 1, 'openai', 'gpt-5', 200, NULL, NULL, 0, 900, 0, 'yes');
  INSERT INTO rollup
  SELECT bucket, demo, provider, model, agent, project, rule, requests, errors, fallbacks, unpriced, estimated, input,
    cache_read, cache_write, cache_write_1h, output, reasoning, cost_nano FROM counted;`;

/** A ledger as the first version of the schema left it. */
function oldLedger(file: string): void {
  const db = new DatabaseSync(file);
  db.exec(MIGRATIONS[0] ?? '');
  db.exec(FIRST);
  db.exec('PRAGMA user_version = 1');
  db.close();
}

const always = { since: 0, until: Number.POSITIVE_INFINITY, demo: false, dayOf: String };

test('an older ledger is read before any server has brought it up to date, and stays as it is', async () => {
  const { file, read, sql } = bench();
  oldLedger(file);
  const reader = await read();
  expect(reader.exchanges(ALL)).toMatchObject([
    { id: 'OLD2', cost: { nanoUsd: null, state: 'unknown' } },
    { id: 'OLD1', usage: { input: 1000, cacheRead: 800, output: 50 }, attempts: [{ billable: 'yes' }] },
  ]);
  const sums = { requests: 2, costNanoUsd: 5_000_000, unpriced: 1, input: 1010, retryNanoUsd: 0 };
  expect(reader.spend({ ...always, by: [] })).toMatchObject([sums]);
  expect(reader.spend({ ...always, by: ['session'] })).toMatchObject([
    { key: ['s1'], requests: 1, costNanoUsd: 5_000_000 },
    { key: [null], requests: 1, costNanoUsd: 0 },
  ]);
  reader.close();
  expect(sql('PRAGMA user_version')).toEqual([{ user_version: 1 }]);
});

test('a server brings an older ledger up to date: no sum changes, new requests are added to the old ones', async () => {
  const { file, open, read, sql } = bench();
  oldLedger(file);
  const ledger = open();
  recordAll(ledger, [
    exchange('NEW1', { attempts: [attempt(1)], cost: { nanoUsd: 7, state: 'exact', source: null } }),
  ]);
  await ledger.flush();
  expect(ledger.problems()).toEqual([]);
  expect(sql('PRAGMA user_version')).toEqual([{ user_version: MIGRATIONS.length }]);
  const reader = await read();
  for (const by of [[], ['session'], ['provider'], ['day']] as const) {
    const rows = reader.spend({ ...always, dayOf: () => 'today', by: [...by] });
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(3);
    expect(rows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(5_000_007);
  }
});
