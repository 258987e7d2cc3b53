import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { PROTOCOL_IDS } from '../support/fixtures.ts';
import { type Bench, fakeClient, fakeTarget, inboundOf, startBench } from '../support/relay.ts';
import { answerOf, WIRES } from '../support/wires.ts';
import { trap } from './table.ts';

let upstream: FakeUpstream;
let bench: Bench;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  bench = await startBench();
});
afterAll(async () => {
  await bench.close();
  await upstream.close();
});

describe('traps between the wires, through the relay', () => {
  for (const wire of PROTOCOL_IDS)
    trap(
      'unknown-fields',
      `a ${wire} request with fields of tomorrow leaves as the bytes that came`,
      async () => {
        upstream.answer(answerOf(WIRES[wire].spoken, false));
        // Spaces, a repeated number form and an escape: parsing and writing anew would change each of them.
        const asked = JSON.stringify({ ...WIRES[wire].ask('tide-1', false), hologram: { depth: [null] } });
        const body = asked.replace('"hologram"', '"zoom" : 1.0e0, "mark":"\\u00e9", "hologram"');
        const client = fakeClient();
        const exchange = await bench.relay(inboundOf(wire, body), [fakeTarget(upstream.url, wire)], client);
        expect(upstream.seen.at(-1)?.body.toString()).toBe(body);
        expect([client.status, exchange.losses]).toEqual([200, []]);
      },
    );
});
