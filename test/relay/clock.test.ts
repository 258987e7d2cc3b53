import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { type Bench, fakeClient, fakeTarget, inboundOf, startBench } from '../support/relay.ts';

const DAY_MS = 86_400_000;

let upstream: FakeUpstream;
let bench: Bench | undefined;
beforeEach(async () => {
  upstream = await startFakeUpstream();
});
afterEach(async () => {
  await bench?.close();
  await upstream.close();
});

it.each([DAY_MS, -DAY_MS])(
  '69 a clock that jumps by %i ms changes no duration and no wait',
  async (jumpMs) => {
    let now = 1_760_000_000_000;
    bench = await startBench({ now: () => now });
    const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
    upstream.answer(() => {
      now += jumpMs;
      if (upstream.seen.length === 1)
        return {
          status: 429,
          headers: { 'retry-after': '2' },
          pieces: ['{"error":{"message":"slow down"}}'],
        };
      return {
        headers: { 'content-type': 'text/event-stream' },
        pieces: [
          event({ choices: [{ index: 0, delta: { content: 'ok' } }] }),
          event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
          'data: [DONE]\n\n',
        ],
      };
    });
    const inbound = inboundOf('openai-chat', '{"model":"tide-1","stream":true,"messages":[]}');
    const target = fakeTarget(`${upstream.url}/v1`, 'openai-chat');
    const exchange = await bench.relay(inbound, [target], fakeClient());
    expect(bench.waits).toEqual([2_000]);
    expect(exchange).toMatchObject({ outcome: 'ok', time: 1_760_000_000_000 });
    // Its monotonic clock counts its own readings.
    for (const ms of [exchange.ttftMs, exchange.totalMs, ...exchange.attempts.map((one) => one.ms)]) {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThan(1_000);
    }
  },
);
