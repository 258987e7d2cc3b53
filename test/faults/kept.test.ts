import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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
      // A client may have the last byte a moment before the end of the answer is read: only then its connection is free.
      await vi.waitFor(() => expect(gateway.server.feed.live()).toEqual([]));
    }
    expect(upstream.calls()).toHaveLength(cases.length);
    expect(upstream.calls().filter(({ socketUse }) => socketUse === 1).length).toBeLessThanOrEqual(2);
  });
});
