import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange.ts';
import { attempt, exchange } from '../ledger/support/exchange-samples.ts';
import { runCli, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, type SeenRequest, startFakeUpstream } from '../support/fake-upstream.ts';
import { record } from './support/ledger-home.ts';

const KEY = 'sk-or-0123456789abcdef';
const ENV = { UNOROUTER_OPENROUTER_API_KEY: KEY, TZ: 'UTC' };

let home: TestHome;
let provider: FakeUpstream;
/** What the provider says that each answer cost; absent = it knows none of that id. */
let billed: Record<string, number>;
beforeEach(async () => {
  home = temporaryHome();
  provider = await startFakeUpstream();
  home.writeConfig(
    `catalog: { refresh: false }\nproviders: { openrouter: { url: "${provider.url}/api/v1" } }\n`,
  );
  billed = {};
});
afterEach(async () => {
  home.remove();
  await provider.close();
});

/** OpenRouter as far as it matters: answers with an id and a cost, and tells of single ones. */
function openrouter() {
  let n = 0;
  provider.answer(({ method, url, body }: SeenRequest) => {
    if (method === 'GET') return generation(new URL(url, 'http://x').searchParams.get('id') ?? '');
    n++;
    const { stream } = JSON.parse(body.toString('utf8')) as { stream?: boolean };
    const usage = { prompt_tokens: 10, completion_tokens: 5, cost: 0.001 };
    const head = { id: `gen-${n}`, model: 'acme/m' };
    const choice = { index: 0, finish_reason: 'stop' };
    if (!stream)
      return {
        pieces: [
          JSON.stringify({
            ...head,
            choices: [{ ...choice, message: { role: 'assistant', content: 'ok' } }],
            usage,
          }),
        ],
      };
    return {
      headers: { 'content-type': 'text/event-stream' },
      pieces: [
        `data: ${JSON.stringify({ ...head, choices: [{ ...choice, delta: { content: 'ok' } }] })}\n\n`,
        `data: ${JSON.stringify({ ...head, choices: [], usage })}\n\ndata: [DONE]\n\n`,
      ],
    };
  });
}

function generation(id: string) {
  const cost = billed[id];
  if (cost === undefined)
    return { status: 404, pieces: ['{"error":{"code":404,"message":"Generation not found"}}'] };
  const data = {
    id,
    total_cost: cost,
    tokens_prompt: 99,
    native_tokens_prompt: 10,
    native_tokens_completion: 5,
  };
  return { pieces: [JSON.stringify({ data })] };
}

async function withRequests<T>(
  count: number,
  work: (cli: (...args: string[]) => ReturnType<Gateway['cli']>) => Promise<T>,
): Promise<T> {
  openrouter();
  const server = await startGateway(home, [], ENV);
  try {
    for (let i = 0; i < count; i++) {
      const body = {
        model: 'openrouter/acme/m',
        stream: i % 2 === 1,
        messages: [{ role: 'user', content: 'hi' }],
      };
      expect(await (await server.post('/v1/chat/completions', body)).text()).toContain('ok');
    }
    return await work((...args) => server.cli(args, { env: ENV }));
  } finally {
    await server.stop();
  }
}
type Gateway = Awaited<ReturnType<typeof startGateway>>;

const asked = (): string[] =>
  provider.seen.flatMap(({ method, url }) => (method === 'GET' ? [url] : [])).sort();

describe('reconcile openrouter --requests', () => {
  test('asks for each answer by its id, whole or streamed, with the ordinary key', async () => {
    billed = { 'gen-1': 0.001, 'gen-2': 0.001 };
    await withRequests(2, async (cli) => {
      const { code, stdout, stderr } = await cli('reconcile', 'openrouter', '--requests', '--width', '100');
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\d{4}-\d\d-\d\d acme\/m +\$0\.0020 +\$0\.0020 +\$0\.00 .*30 \/ 30$/m);
      expect(stderr).toContain('2 requests asked about, 0 of another cost');
      expect(asked()).toEqual(['/api/v1/generation?id=gen-1', '/api/v1/generation?id=gen-2']);
      for (const { method, headers } of provider.seen)
        if (method === 'GET') expect(headers.authorization).toBe(`Bearer ${KEY}`);
    });
  });

  test('names those that cost something else, and leaves out what the provider does not know', async () => {
    billed = { 'gen-1': 0.001, 'gen-2': 0.0035 };
    await withRequests(3, async (cli) => {
      const { stdout, stderr } = await cli('reconcile', 'openrouter', '--requests', '--json');
      expect(JSON.parse(stdout)).toMatchObject([
        {
          model: 'acme/m',
          ours: { nanoUsd: 2_000_000, requests: 2, input: 20, output: 10 },
          theirs: { nanoUsd: 4_500_000, requests: 2, input: 20, output: 10 },
          driftNanoUsd: 2_500_000,
        },
      ]);
      const said = stderr.replace(/\s+/g, ' ');
      expect(said).toContain(
        '3 requests asked about, 1 not known there, 1 of another cost: unorouter logs show ',
      );
      const [, tail = ''] = /logs show (\w+)/.exec(said) ?? [];
      const shown = JSON.parse((await cli('logs', 'show', tail, '--json')).stdout);
      expect(shown.attempts).toMatchObject([{ answerId: 'gen-2', costNanoUsd: 1_000_000 }]);
    });
  });

  test('takes the newest billed attempts, whoever answered in the end, and says how many there are', async () => {
    const time = Date.now() - 86_400_000;
    const cost = { nanoUsd: 1_000_000, state: 'exact', source: 'provider' } as const;
    const usage = { input: 10, output: 5 };
    const ours = { provider: 'openrouter', model: 'acme/m' };
    const answered = (answerId: string) => ({ ...ours, answerId, billed: { usage, usageSource, cost } });
    const usageSource = 'reported' as const;
    const several = (count: number, name: string, one: (id: string) => Partial<Exchange>) =>
      Array.from({ length: count }, (_, i) => exchange(`${name}${i}`, { time, ...one(`${name}${i}`) }));
    const fallen = [attempt(1, { ...answered('fallen'), failure: 'upstream_cut' }), attempt(2)];
    await record(join(home.dir, 'state', 'ledger.sqlite'), [
      exchange('OLD', { time: time - 1, ...ours, attempts: [attempt(1, answered('old'))] }),
      ...several(499, 'NAMED', (id) => ({ ...ours, attempts: [attempt(1, answered(id))] })),
      exchange('FALLEN', { time: time + 1, attempts: fallen }),
      ...several(20, 'NAMELESS', () => ({ time: time + 2, ...ours, attempts: [attempt(1, ours)] })),
    ]);
    openrouter();
    const { stderr } = await runCli(home, ['reconcile', 'openrouter', '--requests'], { env: ENV });
    expect(stderr).toContain('500 requests asked about, the newest of 501, 500 not known there');
    expect(asked()).toHaveLength(500);
    expect(asked()).toContain('/api/v1/generation?id=fallen');
    expect(asked()).not.toContain('/api/v1/generation?id=old');
  });

  test.each([
    [{ status: 500, pieces: ['<html>'] }, 'it answered 500'],
    [{ pieces: ['{"data":{"id":"gen-1"}}'] }, 'no such report'],
    [{ pieces: ['<html>'] }, 'no JSON'],
  ])('an answer that says nothing is exit 7 (%j)', async (answer, words) => {
    await withRequests(1, async (cli) => {
      provider.answer(answer);
      const { code, stderr } = await cli('reconcile', 'openrouter', '--requests');
      expect([code, stderr.replace(/\s+/g, ' ')]).toEqual([7, expect.stringContaining(words)]);
    });
  });

  test('needs a key, a provider that can be asked so, and no file beside it', async () => {
    const run = (...args: string[]) => runCli(home, ['reconcile', ...args]);
    expect(await run('openrouter', '--requests')).toMatchObject({ code: 4 });
    expect(await run('openai', '--requests')).toMatchObject({
      code: 9,
      stderr: expect.stringContaining('openai does not tell of single requests'),
    });
    expect(await run('openrouter', '--requests', '--csv', 'x.csv')).toMatchObject({ code: 2 });
  });
});
