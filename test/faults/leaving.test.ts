import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FaultyUpstream, startFaulty } from '../support/faulty/server.ts';
import { type LedgerRow, startTestServer, type TestServer } from '../support/server.ts';
import { casesOf, KEY_VARIABLE, modelOf, NATIVE, providersOf, SECRET } from './support/cases.ts';
import { answered, send } from './support/client.ts';
import type { FaultRow } from './support/expectation.ts';
import { fine } from './support/expectation.ts';

// Rows of the fault table that are the client's. 54 (half-closed connections), 55 and 56 (slow readers): test/server/clients.test.ts and test/relay; 57 (many
// streams): loads.test.ts here and bench; 58 to 61 (what is no proper request): test/server/guard.test.ts and
// test/security, and the attacks from outside.

const row = (fault: string): FaultRow => ({ row: '5x', fault, must: () => fine() });
const ROWS = ['hang-headers', 'hang-midstream', '429-seconds:5'].map(row);
const cases = casesOf(ROWS, NATIVE, 'q').filter(({ stream }) => stream);
const caseOf = (fault: string, n: number) => {
  const one = cases.filter(({ row: { fault: name } }) => name === fault)[n];
  if (!one) throw new Error(fault);
  return one;
};

let upstream: FaultyUpstream;
let gateway: TestServer;
beforeAll(async () => {
  upstream = await startFaulty();
  gateway = await startTestServer({
    config: `catalog: { refresh: false }\n${providersOf(cases, upstream.url)}`,
    env: { [KEY_VARIABLE]: SECRET },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

/** The row once it is final; waits for it. */
async function finalRow(model: string): Promise<LedgerRow | undefined> {
  return vi.waitFor(async () => {
    const rows = (await gateway.rows()).filter((one) => one.asked === model);
    expect(rows.map(({ outcome }) => outcome)).not.toContain('open');
    expect(rows).toHaveLength(1);
    return rows[0];
  }, 5000);
}

describe.each(NATIVE.map(({ client }, n) => ({ client, n })))(
  'a $client client that leaves',
  ({ n, client }) => {
    const ask = (fault: string) => {
      const one = caseOf(fault, n);
      return { one, sent: send(gateway, { client, model: modelOf(one), stream: true }) };
    };

    it('51 before the headers: the upstream is let go, nobody else is asked', async () => {
      const { one, sent } = ask('hang-headers');
      await vi.waitFor(() => expect(upstream.calls(one.id)).toHaveLength(1));
      sent.destroy();
      await vi.waitFor(() => expect(upstream.calls(one.id)[0]?.aborted).toBe(true));
      expect(await finalRow(modelOf(one))).toMatchObject({
        outcome: 'client_aborted',
        usageSource: 'none',
        attempts: [{ billable: 'maybe' }],
      });
      expect(upstream.calls(one.id)).toHaveLength(1);
    });

    it('52 in the stream: the upstream is let go, what came is on the bill', async () => {
      const { one, sent } = ask('hang-midstream');
      const answer = await answered(sent);
      await new Promise((resolve) => answer?.once('data', resolve));
      sent.destroy();
      await vi.waitFor(() => expect(upstream.calls(one.id)[0]?.aborted).toBe(true));
      const final = await finalRow(modelOf(one));
      expect(final).toMatchObject({ outcome: 'client_aborted', attempts: [{ billable: 'yes' }] });
      expect(['partial', 'estimated']).toContain(final?.usageSource);
      // Messages says the prompt's tokens at once: they are as it said.
      if (client === 'anthropic-messages') expect(final?.usage.input).toBe(11);
    });

    it('53 while we wait for the next attempt: there is none', async () => {
      const { one, sent } = ask('429-seconds:5');
      await vi.waitFor(() => expect(upstream.calls(one.id)).toHaveLength(1));
      sent.destroy();
      expect(await finalRow(modelOf(one))).toMatchObject({
        outcome: 'client_aborted',
        attempts: [{ status: 429 }],
      });
      expect(upstream.calls(one.id)).toHaveLength(1);
    });
  },
);
