import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultyUpstream, startFaulty } from '../support/faulty/server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { casesOf, KEY_VARIABLE, modelOf, NATIVE, providersOf, SECRET } from './support/cases.ts';
import { ask } from './support/client.ts';
import { type FaultRow, fine } from './support/expectation.ts';
import { read } from './support/reading.ts';

const row: FaultRow = { row: '-', fault: 'ok', must: () => fine() };
const cases = casesOf([row], NATIVE, 'r');

let upstream: FaultyUpstream;
let gateway: TestServer;
beforeAll(async () => {
  upstream = await startFaulty({ keepAlive: true });
  gateway = await startTestServer({
    config: `catalog: { refresh: false }\n${providersOf(cases, upstream.url)}`,
    env: { [KEY_VARIABLE]: SECRET },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

describe('a connection to a provider', () => {
  it('is used again once an answer has ended, streamed or not, on every wire', async () => {
    for (const one of cases) {
      const answer = await ask(gateway, { client: one.client, model: modelOf(one), stream: one.stream });
      expect(read(one.client, answer).ends, modelOf(one)).toBe(1);
    }
    // A client may have the last byte a moment before the end of the answer is read: then the next request cannot use that
    // connection yet, but the one after it can.
    const opened = upstream.calls().filter(({ socketUse }) => socketUse === 1);
    expect(upstream.calls()).toHaveLength(cases.length);
    expect(opened.length).toBeLessThan(cases.length / 2);
  });
});
