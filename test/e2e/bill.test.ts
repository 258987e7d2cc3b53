import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedgerReader, type SpendDimension, type SpendRow } from '../../src/ledger/index.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { frame, json, sse } from '../support/scripted/script.ts';
import { type LedgerRow, startTestServer, type TestServer } from '../support/server.ts';

type Json = Record<string, unknown>;

let first: FakeUpstream;
let second: FakeUpstream;
let server: TestServer;

// Own prices, so that the sums can be worked out here: one has to pay 1, 10, 0.1 and 2 dollars per million at the first,
// 3 and 30 at the second.
// A server for each test: breakers and retry budgets remember what failed.
beforeEach(async () => {
  [first, second] = await Promise.all([startFakeUpstream(), startFakeUpstream()]);
  second.answer(json({ error: { message: 'not asked' } }, 500));
  server = await startTestServer({
    config: `
catalog: { refresh: false }
retry: { attempts: 2 }
providers:
  one: { url: "${first.url}/v1", protocol: anthropic-messages, auth: none }
  two: { url: "${second.url}/v1", protocol: openai-chat, auth: none }
aliases: { both: [one/m, two/n] }
prices:
  one/m: { input: 1, output: 10, cached: 0.1, cache_write: 2 }
  two/n: { input: 3, output: 30 }
`,
  });
});
afterEach(async () => {
  await server.close();
  await Promise.all([first.close(), second.close()]);
});
const MESSAGES = '/v1/messages';
const ASK = { max_tokens: 100, messages: [{ role: 'user', content: 'hi' }], stream: true };

const event = (value: Json & { type: string }): string => frame(value, value.type);
const start = event({
  type: 'message_start',
  message: { content: [], usage: { input_tokens: 1000, cache_read_input_tokens: 500, output_tokens: 0 } },
});
const overloaded = event({ type: 'error', error: { type: 'overloaded_error', message: 'busy' } });
const text = event({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text: 'a'.repeat(80) },
});
const end = [
  event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 20 } }),
  event({ type: 'message_stop' }),
];

/** Tokens at the first: 1000 fresh and 500 cached in. */
const INPUT_NANO = 1000 * 1000 + 500 * 100;
const ANSWER_NANO = INPUT_NANO + 20 * 10_000;

async function rowAfter(model: string): Promise<LedgerRow> {
  const response = await server.post(MESSAGES, { ...ASK, model });
  await response.arrayBuffer();
  return newest();
}

async function newest(): Promise<LedgerRow> {
  const [row] = await server.rows();
  if (!row) throw new Error('the ledger is empty');
  return row;
}

/** What was added to the sums by what `work` does. */
async function spentBy(by: SpendDimension[], work: () => Promise<unknown>): Promise<Map<string, SpendRow>> {
  const sums = async (): Promise<SpendRow[]> => {
    await server.rows();
    const reader = await openLedgerReader(`${server.home.dir}/state/ledger.sqlite`);
    const rows = reader?.spend({ by, since: 0, until: Number.POSITIVE_INFINITY, demo: false, dayOf: String });
    reader?.close();
    return rows ?? [];
  };
  const before = new Map((await sums()).map((row) => [row.key.join(), row]));
  await work();
  const after = (await sums()).map((row): [string, SpendRow] => {
    const old = before.get(row.key.join());
    const { requests, costNanoUsd, retryNanoUsd, input, output } = row;
    return [
      row.key.join(),
      {
        ...row,
        requests: requests - (old?.requests ?? 0),
        costNanoUsd: costNanoUsd - (old?.costNanoUsd ?? 0),
        retryNanoUsd: retryNanoUsd - (old?.retryNanoUsd ?? 0),
        input: input - (old?.input ?? 0),
        output: output - (old?.output ?? 0),
      },
    ];
  });
  return new Map(after.filter(([, row]) => row.requests !== 0 || row.costNanoUsd !== 0));
}

/** A first attempt that says what it read and then fails; the second one answers. */
function failsOnce(): void {
  let calls = 0;
  first.answer(() => (++calls === 1 ? sse([start, overloaded]) : sse([start, text, ...end])));
}

describe('an attempt that told its usage and failed', () => {
  test('is on the bill beside the retry that answered, marked, and once', async () => {
    failsOnce();
    const row = await rowAfter('one/m');
    expect(row).toMatchObject({
      outcome: 'ok',
      costNanoUsd: INPUT_NANO + ANSWER_NANO,
      costState: 'estimate',
    });
    expect(row.usage).toMatchObject({ input: 3000, cacheRead: 1000, output: 20 });
    expect(row.attempts).toMatchObject([
      { failure: 'overloaded', costNanoUsd: INPUT_NANO, costState: 'estimate', usageSource: 'partial' },
      { failure: null, costNanoUsd: ANSWER_NANO, costState: 'exact', usageSource: 'reported' },
    ]);
  });

  test('is paid to its own provider when another one answers', async () => {
    first.answer(sse([start, overloaded]));
    second.answer(
      sse([
        frame({ choices: [{ index: 0, delta: { content: 'hi' } }] }),
        frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
        frame({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 10 } }),
        'data: [DONE]\n\n',
      ]),
    );
    const secondNano = 100 * 3000 + 10 * 30_000;
    let row: LedgerRow | undefined;
    const spent = await spentBy(['provider', 'model'], async () => {
      row = await rowAfter('both');
    });
    const tries = (row?.attempts.length ?? 0) - 1;
    expect(tries).toBeGreaterThan(0);
    expect(row).toMatchObject({ served: 'two/n', costNanoUsd: secondNano + tries * INPUT_NANO });
    expect(spent.get('one,m')).toMatchObject({
      requests: 0,
      costNanoUsd: tries * INPUT_NANO,
      retryNanoUsd: tries * INPUT_NANO,
      input: tries * 1500,
    });
    expect(spent.get('two,n')).toMatchObject({ requests: 1, costNanoUsd: secondNano, retryNanoUsd: 0 });
  });

  test('is on the bill although nobody answered in the end', async () => {
    first.answer(sse([start, overloaded]));
    let row: LedgerRow | undefined;
    const spent = await spentBy([], async () => {
      row = await rowAfter('one/m');
    });
    const tries = row?.attempts.length ?? 0;
    expect(row).toMatchObject({ outcome: 'error', costNanoUsd: tries * INPUT_NANO, costState: 'estimate' });
    expect(spent.get('')).toMatchObject({
      requests: 1,
      costNanoUsd: tries * INPUT_NANO,
      retryNanoUsd: tries * INPUT_NANO,
    });
  });

  test('without a word on usage costs nothing', async () => {
    let calls = 0;
    first.answer(() =>
      ++calls === 1 ? json({ error: { message: 'busy' } }, 529) : sse([start, text, ...end]),
    );
    const row = await rowAfter('one/m');
    expect(row).toMatchObject({ costNanoUsd: ANSWER_NANO, costState: 'exact' });
    expect(row.attempts[0]).not.toHaveProperty('costNanoUsd');
  });
});

describe('a stream that does not come to its end is on the bill once', () => {
  async function leave(model: string, seen: string): Promise<LedgerRow> {
    const before = first.aborted;
    const abort = new AbortController();
    const response = await server.fetch(MESSAGES, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...ASK, model }),
      signal: abort.signal,
    });
    let read = '';
    try {
      for await (const chunk of response.body ?? []) {
        read += Buffer.from(chunk).toString();
        if (read.includes(seen)) abort.abort();
      }
    } catch {
      // That is what leaving looks like from inside.
    }
    await first.waitForAbort(before + 1);
    return newest();
  }

  test('left by the client: the input as told, the output as read', async () => {
    first.answer(sse([start, text], 'hang'));
    let row: LedgerRow | undefined;
    const spent = await spentBy(['model'], async () => {
      row = await leave('one/m', 'aaaa');
    });
    const output = row?.usage.output ?? 0;
    expect(output).toBe(20);
    expect(row).toMatchObject({
      outcome: 'client_aborted',
      usageSource: 'partial',
      costNanoUsd: ANSWER_NANO,
      costState: 'estimate',
    });
    expect(spent.get('m')).toMatchObject({ requests: 1, costNanoUsd: ANSWER_NANO });
  });

  test('left by the client before any content: the input that was told', async () => {
    const before = first.aborted;
    const abort = new AbortController();
    first.answer(() => {
      setImmediate(() => setImmediate(() => abort.abort()));
      return sse([start], 'hang');
    });
    const spent = await spentBy(['model'], async () => {
      const left = server.fetch(MESSAGES, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...ASK, model: 'one/m' }),
        signal: abort.signal,
      });
      await expect(left).rejects.toThrow();
      await first.waitForAbort(before + 1);
    });
    const row = await newest();
    expect(row.outcome).toBe('client_aborted');
    // It is a matter of luck whether we had read the first event by then: all of it counts, or nothing.
    expect([0, INPUT_NANO]).toContain(row.costNanoUsd);
    expect(spent.get('m')?.costNanoUsd).toBe(row.costNanoUsd);
  });

  test('cut by the provider: the same', async () => {
    first.answer(sse([start, text], 'reset'));
    const spent = await spentBy(['model'], () => rowAfter('one/m'));
    expect(await newest()).toMatchObject({
      outcome: 'upstream_cut',
      usageSource: 'partial',
      costNanoUsd: ANSWER_NANO,
      costState: 'estimate',
    });
    expect(spent.get('m')).toMatchObject({ requests: 1, costNanoUsd: ANSWER_NANO });
  });

  test('retried first, then cut: both attempts', async () => {
    let calls = 0;
    first.answer(() => (++calls === 1 ? sse([start, overloaded]) : sse([start, text], 'reset')));
    const row = await rowAfter('one/m');
    expect(row).toMatchObject({ outcome: 'upstream_cut', costNanoUsd: INPUT_NANO + ANSWER_NANO });
    expect(row.attempts).toMatchObject([{ costNanoUsd: INPUT_NANO }, { costNanoUsd: ANSWER_NANO }]);
  });
});

test('the cost in the header of a whole answer is that of all attempts', async () => {
  let calls = 0;
  const usage = { input_tokens: 1000, cache_read_input_tokens: 500, output_tokens: 20 };
  first.answer(() =>
    ++calls === 1
      ? sse([start, overloaded])
      : json({ type: 'message', content: [{ type: 'text', text: 'x' }], stop_reason: 'end_turn', usage }),
  );
  const response = await server.post(MESSAGES, { ...ASK, model: 'one/m' });
  await response.arrayBuffer();
  const row = await newest();
  expect(row.costNanoUsd).toBe(INPUT_NANO + ANSWER_NANO);
  expect(Number(response.headers.get('x-unorouter-cost'))).toBe((INPUT_NANO + ANSWER_NANO) / 1e9);
});

describe('what was saved is written down with the request, at the prices of its time', () => {
  test('by the provider’s prompt cache', async () => {
    first.answer(sse([start, text, ...end]));
    const row = await rowAfter('one/m');
    // 500 tokens at 0.1 instead of 1.
    expect(row).toMatchObject({ saved: { cacheNanoUsd: 500 * 900, routeNanoUsd: 0 } });
  });

  test('by another model than was asked for; an alias asks for none', async () => {
    first.answer(sse([start, text, ...end]));
    expect(await rowAfter('both')).toMatchObject({ served: 'one/m', saved: { routeNanoUsd: null } });
  });
});

test('a price that changes is that of later requests; what was recorded stays as it was', async () => {
  first.answer(sse([start, text, ...end]));
  const before = await rowAfter('one/m');
  const config = readFileSync(server.home.configFile, 'utf8');
  server.home.writeConfig(config.replace('one/m: { input: 1,', 'one/m: { input: 2,'));
  await server.noticed('reloaded');
  const after = await rowAfter('one/m');
  expect(after.costNanoUsd).toBe(ANSWER_NANO + 1000 * 1000);
  const rows = await server.rows();
  expect(rows.map(({ costNanoUsd }) => costNanoUsd)).toEqual([after.costNanoUsd, before.costNanoUsd]);
});
