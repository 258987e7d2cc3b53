import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FaultyUpstream, startFaulty } from '../support/faulty/server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  type Case,
  casesOf,
  eachOf,
  KEY_VARIABLE,
  modelOf,
  NATIVE,
  providersOf,
  SECRET,
  TRANSLATED,
} from './support/cases.ts';
import { ask } from './support/client.ts';
import { type FaultRow, fine } from './support/expectation.ts';
import { read } from './support/reading.ts';

/** Faults of every kind that are over soon: answers with usage, refusals, cuts. */
const QUICK_FAULTS = [
  ...[
    'ok',
    'ok',
    'long:40',
    '500-then-ok:1',
    '529-then-ok:1',
    '429-then-ok:1',
    'json-for-stream',
    'sse-for-json',
  ],
  ...['gzip-sse', 'zero-usage', 'dup-usage', 'end-no-done-mark', 'http10', 'early-hints', 'split-utf8'],
  ...['400', '401', '413', '429-quota', '429-long', 'redirect', 'no-usage', 'bad-usage'],
  ...[
    'reset-midstream',
    'fin-midstream',
    'end-no-done',
    'cut-event',
    'tool-reset',
    'sse-error-mid',
    'bad-json',
  ],
];
const row = (fault: string): FaultRow => ({ row: '-', fault, must: () => fine() });
const cases = casesOf(QUICK_FAULTS.map(row), [...NATIVE, ...TRANSLATED], 'm');
/** Dollars per million tokens. */
const PRICE = { input: 3, output: 15 };
const NANO_PER_DOLLAR = 1e9;

let upstream: FaultyUpstream;
let gateway: TestServer;

beforeAll(async () => {
  upstream = await startFaulty();
  const prices = cases.map(
    (one) => `  "${modelOf(one)}": { input: ${PRICE.input}, output: ${PRICE.output} }\n`,
  );
  gateway = await startTestServer({
    config: `catalog: { refresh: false }\nprices:\n${prices.join('')}${providersOf(cases, upstream.url)}`,
    env: { [KEY_VARIABLE]: SECRET },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

/** Open files and sockets of this process; null where the system does not say. */
function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

const costOf = ({ input, output }: { input: number; output: number }): number =>
  Math.round(((input * PRICE.input + output * PRICE.output) / 1e6) * NANO_PER_DOLLAR);
const sum = (numbers: number[]): number => numbers.reduce((total, n) => total + n, 0);

describe('any mix of faults', () => {
  it('is one row and one end each, at most three calls, and in sum what the upstream says it served', async () => {
    const some = fc.uniqueArray(fc.constantFrom(...cases), { minLength: 20, maxLength: 60 });
    const left: Case[] = [];
    await fc.assert(
      fc.asyncProperty(some, async (drawn) => {
        // A provider is asked once only: its breaker would remember.
        const mix = drawn.filter((one) => !left.includes(one));
        left.push(...mix);
        const seen = await eachOf(mix, 30, (one) =>
          ask(gateway, { client: one.client, model: modelOf(one), stream: one.stream }),
        );
        const rows = (await gateway.rows()) as unknown as {
          asked: string;
          usageSource: string;
          usage: { input: number; output: number };
          costNanoUsd: number | null;
        }[];
        for (const [n, one] of mix.entries()) {
          const own = rows.filter(({ asked }) => asked === modelOf(one));
          const answer = seen[n] && read(one.client, seen[n]);
          expect([own.length, (answer?.ends ?? 0) + (answer?.errors.length ?? 0)], modelOf(one)).toEqual([
            1, 1,
          ]);
          expect(upstream.calls(one.id).length, modelOf(one)).toBeLessThanOrEqual(3);
        }
        const asked = new Set(mix.map(modelOf));
        const reported = rows.filter((one) => asked.has(one.asked) && one.usageSource === 'reported');
        const served = mix.flatMap((one) => upstream.calls(one.id).flatMap((call) => call.served ?? []));
        expect({
          input: sum(reported.map(({ usage }) => usage.input)),
          output: sum(reported.map(({ usage }) => usage.output)),
          cost: sum(reported.map((one) => one.costNanoUsd ?? Number.NaN)),
        }).toEqual({
          input: sum(served.map(({ input }) => input)),
          output: sum(served.map(({ output }) => output)),
          cost: sum(served.map(costOf)),
        });
      }),
      { numRuns: 6 },
    );
  }, 60_000);

  it('leaves no connection and no file open', async () => {
    const before = openFiles();
    const used = cases
      .filter(({ row: { fault } }) => fault === 'ok' || fault === 'reset-midstream')
      .slice(0, 40);
    await eachOf(used, 20, (one) =>
      ask(gateway, { client: one.client, model: modelOf(one), stream: one.stream }),
    );
    await vi.waitFor(async () => {
      expect(await upstream.connections()).toBe(0);
      expect(openFiles() ?? 0).toBeLessThanOrEqual((before ?? 0) + 2);
    }, 5000);
  });

  it('57 many streams at once end each with its own text', async () => {
    const long = cases.filter(({ row: { fault }, stream }) => fault === 'long:40' && stream);
    const many = Array.from({ length: 140 }, (_, n) => long[n % long.length]).flatMap((one) => one ?? []);
    const seen = await eachOf(many, many.length, (one) =>
      ask(gateway, { client: one.client, model: modelOf(one), stream: true }),
    );
    for (const [n, one] of many.entries()) {
      const answer = seen[n] && read(one.client, seen[n]);
      expect(answer?.ends).toBe(1);
      expect(answer?.text.match(/m\d+-fault-long/g)?.every((name) => name === `${one.id}-fault-long`)).toBe(
        true,
      );
      expect(answer?.text.endsWith(' 39. ')).toBe(true);
    }
  }, 30_000);
});
