import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exchange, NOON } from '../ledger/support/exchange-samples.ts';
import { runCli } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { type LedgerHome, ledgerHome } from './support/ledger-home.ts';

const KEY = 'sk-admin-0123456789abcdef';
const DAYS = ['--since', '2026-03-03', '--until', '2026-03-03'];
const cost = (nanoUsd: number) => ({ nanoUsd, state: 'exact', source: 'x' }) as const;

let provider: FakeUpstream;
beforeEach(async () => {
  provider = await startFakeUpstream();
});
afterEach(() => provider.close());

/** A ledger with a day of OpenAI's, whose address is the fake one. */
async function bill(): Promise<LedgerHome> {
  const one = await ledgerHome([
    exchange('a', { model: 'gpt-5', cost: cost(1_000_000_000) }),
    exchange('b', { model: 'gpt-5', cost: cost(500_000_000), time: NOON + 1 }),
    exchange('other', { provider: 'groq', cost: cost(9_000_000_000) }),
    exchange('later', { model: 'gpt-5', cost: cost(9_000_000_000), time: NOON + 86_400_000 }),
  ]);
  one.home.writeConfig(`providers: { openai: { url: "${provider.url}/v1" } }\n`);
  return one;
}

const START = Date.UTC(2026, 2, 3) / 1_000;
const bucket = (results: object[]) => [{ start_time: START, end_time: START + 86_400, results }];

function openai() {
  provider.answer(({ url }) => {
    const costs = url.startsWith('/v1/organization/costs');
    const second = url.includes('page=second');
    const line = (value: number) => ({ amount: { value }, line_item: 'gpt-5-2025-08-07, input' });
    const data = costs
      ? bucket(second ? [line(0.6)] : [line(1)])
      : bucket([
          { model: 'gpt-5-2025-08-07', input_tokens: 2_100, output_tokens: 100, num_model_requests: 2 },
        ]);
    const next =
      costs && !second ? { has_more: true, next_page: 'second' } : { has_more: false, next_page: null };
    return { pieces: [JSON.stringify({ object: 'page', data, ...next })] };
  });
}

describe('reconcile', () => {
  test('asks for every page, with the admin key, and shows the drift by day and model', async () => {
    openai();
    const { home } = await bill();
    const env = { UNOROUTER_OPENAI_ADMIN_KEY: KEY, UNOROUTER_OPENAI_API_KEY: 'sk-ordinary-0123456789' };
    const { code, stdout, stderr } = await runCli(home, ['reconcile', 'openai', ...DAYS, '--width', '100'], {
      env,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.any(String) });
    expect(stdout).toMatchInlineSnapshot(`
      "DAY        MODEL  OURS THEIRS  DRIFT         TOKENS
      2026-03-03 gpt-5 $1.50  $1.60 +$0.10 6% 2.1k / 2.2k
      Total            $1.50  $1.60 +$0.10 6%
      "
    `);
    expect(stderr).toContain('Days are those of UTC');
    expect(provider.seen.map(({ url }) => url.split('?')[0])).toEqual(
      expect.arrayContaining([
        '/v1/organization/costs',
        '/v1/organization/costs',
        '/v1/organization/usage/completions',
      ]),
    );
    expect(provider.seen).toHaveLength(3);
    for (const { headers } of provider.seen) expect(headers.authorization).toBe(`Bearer ${KEY}`);
    const json = await runCli(home, ['reconcile', 'openai', ...DAYS, '--json'], { env });
    expect(JSON.parse(json.stdout)).toMatchObject([
      {
        day: '2026-03-03',
        model: 'gpt-5',
        ours: { nanoUsd: 1_500_000_000, requests: 2 },
        theirs: { nanoUsd: 1_600_000_000, requests: 2, input: 2_100 },
        driftNanoUsd: 100_000_000,
      },
    ]);
    const narrow = await runCli(home, ['reconcile', 'openai', ...DAYS, '--width', '60'], { env });
    for (const line of narrow.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  test('takes a stored key under the label admin, which no request is ever sent with', async () => {
    openai();
    const { home } = await bill();
    const stored = await runCli(
      home,
      ['keys', 'add', 'openai', '--label', 'admin', '--store', 'file', '--stdin', '--no-test'],
      {
        input: KEY,
      },
    );
    expect(stored.code).toBe(0);
    expect((await runCli(home, ['reconcile', 'openai', ...DAYS])).code).toBe(0);
    const explained = await runCli(home, ['routes', 'explain', 'openai/gpt-5']);
    expect(explained.stdout + explained.stderr).toContain('no API key for openai');
  });

  test('without a key says where it is made, and that an export would do', async () => {
    const { cli } = await bill();
    const { code, stderr } = await cli(['reconcile', 'openai', ...DAYS]);
    expect(code).toBe(4);
    for (const words of ['no admin key for openai', 'UNOROUTER_OPENAI_ADMIN_KEY', 'admin-keys', '--csv FILE'])
      expect(stderr.replace(/\s+/g, ' ')).toContain(words);
    expect(provider.seen).toEqual([]);
  });

  test.each([
    [{ status: 403, pieces: [`{"error":{"message":"${KEY} may not"}}`] }, 'it answered 403'],
    [{ pieces: ['<html>'] }, 'no JSON'],
    [{ pieces: ['{"data":7}'] }, 'no such report'],
  ])('that is answered with %j is exit 7, and no key is shown', async (answer, words) => {
    provider.answer(answer);
    const { home } = await bill();
    const { code, stderr } = await runCli(home, ['reconcile', 'openai', ...DAYS], {
      env: { UNOROUTER_OPENAI_ADMIN_KEY: KEY },
    });
    expect(code).toBe(7);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain(KEY);
  });

  test('reads an export of any provider', async () => {
    const { home, cli } = await bill();
    const file = join(home.dir, 'costs.csv');
    writeFileSync(file, 'date,model,cost_usd\n2026-03-03,gpt-5-2026,8.99\n2026-03-09,gpt-5-2026,1\n');
    const { stdout } = await cli([
      'reconcile',
      'groq',
      '--csv',
      file,
      ...DAYS,
      '--json=day,model,driftNanoUsd',
    ]);
    expect(JSON.parse(stdout)).toEqual([
      { day: '2026-03-03', model: 'gpt-5-2026', driftNanoUsd: -10_000_000 },
    ]);
    writeFileSync(file, 'what,ever\n1,2\n');
    const wrong = await cli(['reconcile', 'groq', '--csv', file]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('no column with days')]);
    expect((await cli(['reconcile', 'groq', '--csv', join(home.dir, 'none.csv')])).code).toBe(9);
  });

  test('of a provider that tells nothing, or that there is not, is exit 9', async () => {
    const { cli } = await bill();
    const none = await cli(['reconcile', 'groq']);
    expect([none.code, none.stderr]).toEqual([
      9,
      expect.stringContaining('no interface that tells what it bills'),
    ]);
    expect((await cli(['reconcile', 'nobody'])).code).toBe(9);
  });
});
