import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FaultyUpstream, startFaulty } from '../support/faulty/server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { casesOf, KEY_VARIABLE, modelOf, NATIVE, providersOf, SECRET } from './support/cases.ts';
import { ask, type Seen } from './support/client.ts';
import { type FaultRow, fine } from './support/expectation.ts';
import { read } from './support/reading.ts';

// Row 62 of the fault table: the server ends while requests run.

const row = (fault: string): FaultRow => ({ row: '62', fault, must: () => fine() });
const HANGING = ['hang-midstream', 'hang-headers', '429-seconds:9'];
const cases = casesOf(HANGING.map(row), NATIVE, 'e').filter(({ stream }) => stream);

let upstream: FaultyUpstream;
let gateway: TestServer;
beforeEach(async () => {
  upstream = await startFaulty();
  gateway = await startTestServer({
    config: `catalog: { refresh: false }\nserver: { drain: 300ms }\n${providersOf(cases, upstream.url)}`,
    env: { [KEY_VARIABLE]: SECRET },
  });
});
afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

/** Asks for everything, and ends the server when all of it hangs. */
async function endedWhileAllHangs(how: 'drain' | 'now'): Promise<Seen[]> {
  const asked = cases.map((one) => ask(gateway, { client: one.client, model: modelOf(one), stream: true }));
  await vi.waitFor(() => {
    expect(upstream.calls()).toHaveLength(cases.length);
    const begun = gateway.server.feed.live().filter(({ ttftMs }) => ttftMs !== null);
    expect(begun).toHaveLength(NATIVE.length);
  }, 8_000);
  expect(await gateway.server.stop(how)).toEqual({ dropped: cases.length });
  return Promise.all(asked);
}

describe.each(['drain', 'now'] as const)('a server that ends (%s) while requests hang', (how) => {
  it('tells each client in its own protocol, asks nobody again, and settles every row', async () => {
    const seen = await endedWhileAllHangs(how);
    const rows = await gateway.ledger();
    for (const [n, one] of cases.entries()) {
      const answer = seen[n];
      if (!answer) throw new Error('not asked');
      const title = `${one.client} ${one.row.fault}`;
      const { ends, errors } = read(one.client, answer);
      expect({ title, ends, end: answer.end }).toEqual({ title, ends: 0, end: 'whole' });
      expect(errors, title).toHaveLength(1);
      expect(errors[0]?.message, title).toBe('unorouter: this server is stopping');
      const begun = one.row.fault === 'hang-midstream';
      const refused = one.client === 'anthropic-messages' ? 529 : 503;
      expect(answer.status, title).toBe(begun ? 200 : refused);
      expect(upstream.calls(one.id), title).toHaveLength(1);
      const own = rows.filter(({ asked }) => asked === modelOf(one));
      expect(own, title).toMatchObject([
        { outcome: begun ? 'interrupted' : 'error', errorCode: 'shutting_down', status: answer.status },
      ]);
    }
    expect(rows.filter(({ usageSource }) => usageSource !== 'none')).toHaveLength(NATIVE.length);
  });
});
