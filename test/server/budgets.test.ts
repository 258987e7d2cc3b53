import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeUpstream, type SeenRequest, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** $10 a million tokens of output, and nothing else: 100 tokens are a tenth of a cent. */
const TENTH_OF_A_CENT = 1_000_000;
const TOKENS = 100;

let upstream: FakeUpstream;
let gateway: TestServer | undefined;

beforeEach(async () => {
  upstream = await startFakeUpstream();
  upstream.answer(answer);
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await upstream.close();
});

const bodyOf = ({ body }: SeenRequest): { model: string; max_tokens?: number } =>
  JSON.parse(body.toString('utf8'));

/** As many tokens as were allowed. */
function answer(request: SeenRequest) {
  if (request.method !== 'POST') return { pieces: ['{"data":[]}'] };
  const { max_tokens = TOKENS } = bodyOf(request);
  return {
    pieces: [
      JSON.stringify({
        choices: [{ message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 10, completion_tokens: max_tokens },
      }),
    ],
  };
}

const config = (budgets: string, more = ''): string =>
  [
    `providers: { ${more === '' ? '' : `${more}, `}acme: { url: "${upstream.url}/v1", auth: none }, bolt: { url: "${upstream.url}/v1", auth: none } }`,
    'prices: { acme/m: { input: 0, output: 10 }, bolt/m: { input: 0, output: 10 }, bolt/free: { input: 0, output: 0 } }',
    'aliases: { both: [acme/m, bolt/m] }',
    'small: bolt/free',
    budgets,
    '',
  ].join('\n');

async function start(
  budgets: string,
  given: Parameters<typeof startTestServer>[0] = {},
  more = '',
): Promise<TestServer> {
  gateway = await startTestServer({ config: config(budgets, more), ...given });
  return gateway;
}

const chat = (model: string, tokens = TOKENS) => ({
  model,
  max_tokens: tokens,
  messages: [{ role: 'user', content: 'hi' }],
});

const send = async (model = 'acme/m', headers: Record<string, string> = {}, tokens = TOKENS) => {
  const response = await gateway?.post('/v1/chat/completions', chat(model, tokens), headers);
  if (!response) throw new Error('no gateway');
  return { status: response.status, headers: response.headers, text: await response.text() };
};

const calls = (): SeenRequest[] => upstream.seen.filter(({ method }) => method === 'POST');
const spent = async (): Promise<number> =>
  ((await gateway?.rows()) ?? []).reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);

describe('a budget that is used up', () => {
  const asks: [string, string, object, number][] = [
    ['Chat', '/v1/chat/completions', chat('acme/m'), 400],
    ['Responses', '/v1/responses', { model: 'acme/m', input: 'hi' }, 400],
    ['Messages', '/v1/messages', chat('acme/m'), 402],
    [
      'Gemini',
      '/v1beta/models/acme%2Fm:generateContent',
      { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
      400,
    ],
  ];

  test.each(asks)('refuses in the shape that ends a loop: %s', async (_name, path, body, status) => {
    const server = await start('budget: { day: 0 }');
    const response = await server.post(path, body);
    expect(response.status).toBe(status);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(response.headers.get('x-unorouter-served')).toBe('none');
    expect(await response.text()).toMatch(
      /unorouter: today's budget is used up: \$0\.00 of \$0\.00, resets in [\dhm ]+\. Run: unorouter budget raise 1"/,
    );
    expect(calls()).toEqual([]);
    const [row] = await server.rows();
    expect(row).toMatchObject({ errorCode: 'budget_reached', status, outcome: 'error', costNanoUsd: 0 });
  });

  test('ends a stream of Responses with the sentence, in a 200', async () => {
    const server = await start('budget: { week: 0 }');
    const response = await server.post('/v1/responses', { model: 'acme/m', input: 'hi', stream: true });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const text = await response.text();
    expect(text).toMatch(/event: response\.created[\s\S]+event: response\.failed/);
    expect(text).toContain('"code":"invalid_prompt"');
    expect(text).toContain("unorouter: this week's budget is used up");
  });

  test('lets pass what costs nothing: free models, the demo, counting', async () => {
    await start('budget: { day: 0 }');
    expect((await send('bolt/free')).status).toBe(200);
    expect((await send('demo/echo')).status).toBe(200);
    const counted = await gateway?.post('/v1/messages/count_tokens', chat('acme/m'));
    expect(counted?.status).toBe(200);
  });

  test('counts from the ledger after a restart, and names what is left to do', async () => {
    const first = await start('budget: { day: 0.001 }');
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(400);
    await first.noticed("today's budget is used up: $0.0010 of $0.0010");
    expect(first.notices.filter((text) => text.includes('used up'))).toHaveLength(1);
    await first.server.stop('now');
    const again = await start('budget: { day: 0.001 }', { home: first.home });
    expect(again.server.status().budgets).toMatchObject([
      { name: 'daily budget', spentNanoUsd: TENTH_OF_A_CENT, reservedNanoUsd: 0, state: 'reached' },
    ]);
    expect(again.server.status().problems).toEqual([
      expect.stringMatching(
        /^today's budget is used up: .*; requests are refused\. Run: unorouter budget raise /,
      ),
    ]);
    expect((await send()).text).toContain('Run: unorouter budget raise 0.0005');
  });

  test('is counted anew when the configuration is saved', async () => {
    const server = await start('budget: { day: 0.001 }');
    await send();
    expect((await send()).status).toBe(400);
    server.home.writeConfig(config('budget: { day: 1 }'));
    await server.noticed('config.yaml reloaded');
    expect((await send()).status).toBe(200);
    expect(server.server.status().budgets).toMatchObject([{ spentNanoUsd: 2 * TENTH_OF_A_CENT }]);
  });
});

test('a budget that comes later counts every request of the day once', async () => {
  const first = await start('');
  await send();
  await first.server.stop('now');
  const server = await start('', { home: first.home });
  await send();
  await server.rows();
  server.home.writeConfig(config('budget: { day: 1 }\nbudgets: [{ project: "*", day: 1 }]'));
  await server.noticed('config.yaml reloaded');
  await send();
  await send('acme/m', { 'x-unorouter-project': 'web' });
  await server.rows();
  expect(server.server.status().budgets.map(({ spentNanoUsd }) => spentNanoUsd)).toEqual([
    4 * TENTH_OF_A_CENT,
    TENTH_OF_A_CENT,
  ]);
});

describe('a budget that only warns', () => {
  test('says so once at its share and once at its end, and requests go on', async () => {
    const server = await start('budget: { day: 0.002, warn: 50%, action: warn }');
    for (let i = 0; i < 4; i++) expect((await send()).status).toBe(200);
    expect(server.notices.filter((text) => text.includes('budget'))).toEqual([
      "50% of today's budget is used: $0.0010 of $0.0020",
      expect.stringMatching(/^today's budget is used up: \$0\.0020 of \$0\.0020, .*; requests go on$/),
    ]);
  });
});

describe('a budget that downgrades', () => {
  test('sends to the cheaper model, past all rules, and the row says so', async () => {
    await start(
      [
        'budgets: [{ project: web, day: 0.001, action: downgrade, to: small }]',
        'routes: [{ name: always, to: acme/m }]',
      ].join('\n'),
    );
    const web = { 'x-unorouter-project': 'web' };
    expect((await send('acme/m', web)).headers.get('x-unorouter-served')).toBe('acme/m');
    expect((await send('acme/m', web)).headers.get('x-unorouter-served')).toBe('bolt/free');
    expect((await send('acme/m')).headers.get('x-unorouter-served')).toBe('acme/m');
    const rows = (await gateway?.rows()) ?? [];
    expect(rows.map((row) => Reflect.get(row, 'rule'))).toEqual([
      'always',
      'daily budget of project web',
      'always',
    ]);
  });

  test('still obeys a budget that blocks', async () => {
    await start(
      'budget: { day: 0.001 }\nbudgets: [{ agent: claude, day: 0, action: downgrade, to: bolt/m }]',
    );
    const claude = { 'x-unorouter-agent': 'claude' };
    expect((await send('acme/m', claude)).headers.get('x-unorouter-served')).toBe('bolt/m');
    expect((await send('acme/m', claude)).text).toContain("today's budget is used up");
  });
});

describe('a budget of a provider or model', () => {
  test('only takes its targets out of the plan', async () => {
    await start('budgets: [{ provider: acme, day: 0.001 }]');
    expect((await send('both')).headers.get('x-unorouter-served')).toBe('acme/m');
    expect((await send('both')).headers.get('x-unorouter-served')).toBe('bolt/m');
    expect((await send('acme/m')).text).toContain("today's budget of provider acme is used up");
  });

  test('matches a model with and without its provider', async () => {
    await start('budgets: [{ model: "acme/*", day: 0 }, { model: "fre?", day: 0 }]');
    expect((await send('both')).headers.get('x-unorouter-served')).toBe('bolt/m');
    expect((await send('acme/m')).text).toContain("--model 'acme/*'");
  });
});

describe('requests on their way', () => {
  test('100 at once against a cap of one cent never go further than the last reservation, on every run', async () => {
    const cap = 10 * TENTH_OF_A_CENT;
    for (const tokens of [70, 400, 990]) {
      const server = await start('budget: { day: 0.01 }');
      const before = calls().length;
      const answers = await Promise.all(Array.from({ length: 100 }, () => send('acme/m', {}, tokens)));
      const served = answers.filter(({ status }) => status === 200).length;
      const reservation = tokens * 10_000;
      expect(calls().length - before).toBe(served);
      expect(served).toBe(Math.ceil(cap / reservation));
      expect(answers.filter(({ text }) => text.includes('is used up'))).toHaveLength(100 - served);
      const total = await spent();
      expect(total).toBeGreaterThanOrEqual(cap);
      expect(total - cap).toBeLessThan(reservation);
      expect(server.server.status().budgets).toMatchObject([{ spentNanoUsd: total, reservedNanoUsd: 0 }]);
      await server.close();
      gateway = undefined;
    }
  });

  test('what costs less than it could gives its place to those that wait', async () => {
    upstream.answer((request) => answer({ ...request, body: Buffer.from('{"max_tokens":1}') }));
    await start('budget: { day: 0.01 }');
    // Each could cost 0.9 of a cent: they go one after the other, two at a time, and none is refused.
    const answers = await Promise.all(Array.from({ length: 30 }, () => send('acme/m', {}, 900)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
  });

  test('streams that run when it is reached are finished', async () => {
    const held = await startHeldStream();
    const server = await start('budget: { day: 0.0012 }', {}, `cask: { url: "${held.url}/v1", auth: none }`);
    const streaming = await server.post('/v1/chat/completions', { ...chat('cask/m', 5), stream: true });
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(400);
    held.finish();
    expect(await streaming.text()).toContain('"the end"');
    expect((await server.rows()).at(-1)).toMatchObject({ outcome: 'ok', stream: true });
    await held.close();
  });

  test('a client that leaves while it waits makes room for nobody and holds nothing back', async () => {
    upstream.answer((request) =>
      request.method === 'POST' && bodyOf(request).max_tokens === 999
        ? { pieces: [' '], end: 'hang' }
        : answer(request),
    );
    const server = await start('budget: { day: 0.01 }');
    const holder = new AbortController();
    const waiter = new AbortController();
    const post = (tokens: number, signal: AbortSignal) =>
      server
        .fetch('/v1/chat/completions', {
          method: 'POST',
          signal,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(chat('acme/m', tokens)),
        })
        .catch(() => null);
    const held = post(999, holder.signal);
    const other = post(998, waiter.signal);
    await expect.poll(() => calls().length).toBe(2);
    const third = post(50, waiter.signal);
    waiter.abort();
    await Promise.all([other, third]);
    holder.abort();
    await held;
    await expect.poll(() => server.server.status().budgets[0]?.reservedNanoUsd).toBe(0);
  });
});

/** A provider whose stream begins at once and ends when it is told to. */
async function startHeldStream(): Promise<{ url: string; finish(): void; close(): Promise<void> }> {
  const chunk = (content: string, finish: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
  let finish = (): void => undefined;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk('begun', null));
    finish = () => response.end(`${chunk('the end', 'stop')}data: [DONE]\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    finish: () => finish(),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
