import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FaultyUpstream, startFaulty } from '../../support/faulty/server.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import {
  askAll,
  type Case,
  casesOf,
  KEY_VARIABLE,
  modelOf,
  type Pair,
  providersOf,
  SECRET,
  titleOf,
} from './cases.ts';
import type { Seen } from './client.ts';
import type { FaultRow } from './expectation.ts';
import { judge, type Row } from './judge.ts';

/** Cases on their way at the same time: most of them wait. */
const WIDTH = 100;

/** One test a case. All are asked at once before the tests, so that waiting and hanging cost their time only once. */
export function testFaults(rows: readonly FaultRow[], pairs: readonly Pair[]): void {
  const cases = casesOf(rows, pairs, 'p');
  let upstream: FaultyUpstream;
  let gateway: TestServer;
  let seen: Seen[] = [];
  let ledger: Row[] = [];

  beforeAll(async () => {
    upstream = await startFaulty();
    gateway = await startTestServer({
      config: `catalog: { refresh: false }\n${providersOf(cases, upstream.url)}`,
      env: { [KEY_VARIABLE]: SECRET },
    });
    seen = await askAll(gateway, cases, WIDTH);
    ledger = await gateway.rows();
  }, 120_000);
  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });

  const outcomeOf = (one: Case, answer: Seen) => {
    const calls = upstream.calls(one.row.fault === 'slow-read' ? `${one.id}.slow-read` : one.id);
    const last = calls.at(-1);
    return {
      client: one.client,
      stream: one.stream,
      seen: answer,
      calls: calls.length,
      rows: ledger.filter((row) => row.asked === modelOf(one)),
      ...(last ? { said: last.said, served: last.served } : {}),
    };
  };

  it.each(cases.map((one, n) => ({ one, n, title: titleOf(one) })))('$title', ({ one, n }) => {
    const answer = seen[n];
    if (!answer) throw new Error('not asked');
    expect(judge(outcomeOf(one, answer), one.row.must(one))).toEqual([]);
  });

  it('no byte of the key is in any answer, row or notice', () => {
    const everything = [
      ...seen.map(({ bytes, headers }) => bytes.toString('latin1') + JSON.stringify(headers)),
      JSON.stringify(ledger),
      ...gateway.notices,
    ];
    expect(everything.filter((text) => text.includes(SECRET)).map((text) => text.slice(0, 200))).toEqual([]);
  });

  it('no redirect was followed', () => {
    expect(upstream.stolen).toBe(0);
  });
}
