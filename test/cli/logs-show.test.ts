import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brief } from '../../src/cli/commands/logs/brief.ts';
import { detail } from '../../src/cli/commands/logs/detail.ts';
import { createLook, widthOf } from '../../src/cli/render/index.ts';
import { exchangeJson } from '../../src/exchange.ts';
import type { Usage } from '../../src/pivot/index.ts';
import { anyExchange } from '../ledger/support/any-exchange.ts';
import { attempt, exchange, opened } from '../ledger/support/exchange-samples.ts';
import { ledgerHome } from './support/ledger-home.ts';
import { AFTERNOON, HOSTILE, SAMPLES } from './support/log-samples.ts';

test('a request is told in full in 100 columns', async () => {
  const { cli } = await ledgerHome([...SAMPLES]);
  const { stdout, stderr, code } = await cli(['logs', 'show', '1codex', '--width', '100']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(`\
01K5AAAAAAAAAAAAAA001CODEX   2025-11-21 14:00:02 – 14:00:26   codex · project api
session 0199a3c4…

Asked      gpt-5-codex            openai-responses, streaming
Served     openai / gpt-5-codex   rule "default"

Attempts   1  openai   429 rate-limit   5.31s   waited 3.2s
              Rate limit reached for gpt-5-codex on tokens per minute
           2  openai   200              15.5s   ● answered

Time       0s                  5.31s       8.51s   10.9s                                       24.0s
           ├───── try 1 ──────┤░░░░wait░░░░├ TTFT ┤█████████████ streaming, 161 tok/s ██████████████

Tokens     input      88,104   of which prompt-cache read 80,402 (91%)   written 0
           output      2,103   of which reasoning 1,412

Cost       $0.040708   exact, genai-prices openai/gpt-5-codex 2025-11-20

Ended      completed · ttft 10.9s · total 24.0s · 161 tok/s
Bodies     not recorded (serve --bodies errors|on)
`);
});

test('a request is told briefly in 60 columns', async () => {
  const { cli } = await ledgerHome([...SAMPLES]);
  const { stdout } = await cli(['logs', 'show', '2claud', '--width', '60']);
  expect(stdout).toBe(`\
01K5AAAAAAAAAAAAAA002CLAUD  2025-11-21 14:00:04
claude · web
asked   claude-haiku-4-5 (anthropic-messages)
served  openrouter/z-ai/glm-4.6, rule "alias background"
tries   1 anthropic 529 overloaded  0.4s, → openrouter
        2 openrouter 200            1.7s
time    ttft 0.42s · total 2.1s · 185 tok/s
tokens  in 18,400 · out 310
cost    $0.007900 exact, provider
lost    the thinking budget
`);
});

describe('a request that went wrong', () => {
  test('says so, and in which words', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['logs', 'show', '6nokey', '--width', '100']);
    expect(stdout).toContain('Served     nobody                 rule "default"\n');
    expect(stdout).toContain('Attempts   none: the request never left unorouter\n');
    expect(stdout).toContain('Tokens     not counted\n');
    expect(stdout).toContain('Cost       nothing was billed\n');
    expect(stdout).toContain('Ended      failed, status 400 · total 0.0s\n');
    expect(stdout).toContain(
      'Error      no_provider_key\n           no API key for google, which serves gemini-2.5-pro\n',
    );
  });

  test('in the middle of its answer counts as far as it came', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['logs', 'show', '5cutxx', '--width', '100']);
    expect(stdout).toContain('✗ broke off');
    expect(stdout).toContain('as far as the provider came');
    expect(stdout).toContain('~$1.079300   estimated');
  });
});

test('an unknown price is a question mark with a way out, a local model costs nothing', async () => {
  const { cli } = await ledgerHome([...SAMPLES]);
  expect((await cli(['logs', 'show', '4acmex'])).stdout).toMatch(
    /Cost {7}\? {3}no price is known; set one: .* models price acme\/llama-4-mav/,
  );
  expect((await cli(['logs', 'show', '3aider'])).stdout).toContain('Cost       local, nothing is billed\n');
  expect((await cli(['logs', 'show', '7demox'])).stdout).toContain(
    'Cost       $0.000012345   demo, in no sum\n',
  );
});

describe('what a cost is made of', () => {
  const priced = (
    id: string,
    nanoUsd: number,
    usage: Usage,
    source = 'genai-prices openai/gpt-5 2026-03-01',
  ) => {
    const cost = { nanoUsd, state: 'exact', source } as const;
    const billed = { usage, usageSource: 'reported', cost } as const;
    return exchange(id, { usage, cost, attempts: [attempt(1, { model: 'gpt-5', billed })], model: 'gpt-5' });
  };
  const USED = { input: 88_104, cacheRead: 80_402, output: 2_103, searches: 2 };

  test('is told line by line, with what it would have been without the cache', async () => {
    const one = priced('01K5AAAAAAAAAAAAAAAA00GPT5', 60_707_750, USED);
    const { cli } = await ledgerHome([{ ...one, saved: { cacheNanoUsd: 90_452_250, routeNanoUsd: 0 } }]);
    const { stdout } = await cli(['logs', 'show', '--width', '100']);
    expect(stdout).toContain(
      `
Cost       fresh input    7,702 × $1.25/M    $0.0096275
           cached input  80,402 × $0.125/M   $0.01005025
           output         2,103 × $10.00/M   $0.021030
           searches           2 × $0.01      $0.020000
           total $0.06070775   exact, genai-prices openai/gpt-5 2026-03-01
           without prompt cache it would have been $0.151160
`,
    );
    const { bill } = JSON.parse((await cli(['logs', 'show', '--json'])).stdout);
    expect(bill.at(-1)).toEqual({
      ...{ attempt: 1, part: 'searches', count: 2, usd: 0.01, per: 1, nanoUsd: 20_000_000 },
    });
    const sum = bill.reduce((all: number, { nanoUsd }: { nanoUsd: number }) => all + nanoUsd, 0);
    expect(sum).toBe(60_707_750);
  });

  test('is not told where today’s prices do not come to what was recorded', async () => {
    const { cli } = await ledgerHome([priced('01K5AAAAAAAAAAAAAAAA00GPT5', 60_707_751, USED)]);
    const { stdout } = await cli(['logs', 'show', '--width', '100']);
    expect(stdout).toContain('Cost       $0.060707751   exact, genai-prices openai/gpt-5 2026-03-01\n');
    expect(JSON.parse((await cli(['logs', 'show', '--json'])).stdout).bill).toEqual([]);
  });

  test('has the user’s own fees in it', async () => {
    const { cli, home } = await ledgerHome([
      priced('01K5AAAAAAAAAAAAAAAA00GPT5', 26_000_000, { input: 1000, output: 0, searches: 2 }, 'config'),
    ]);
    home.writeConfig(
      'prices: { openai/gpt-5: { input: 1, output: 1, per_request: 0.005, per_search: 0.01 } }\n',
    );
    const { stdout } = await cli(['logs', 'show', '--width', '100', '--ascii']);
    expect(stdout.replaceAll(/ +/g, ' ')).toContain(
      'Cost fresh input 1,000 x $1.00/M $0.001000\n request 1 x $0.005 $0.005000\n searches 2 x $0.01 $0.020000\n' +
        ' total $0.026000 exact, config\n',
    );
  });

  test('is in half of the price in the batch tier', async () => {
    const usage = { input: 1000, output: 100, tier: 'batch' } as const;
    const { cli } = await ledgerHome([priced('01K5AAAAAAAAAAAAAAAA00GPT5', 1_125_000, usage)]);
    const { bill } = JSON.parse((await cli(['logs', 'show', '--json'])).stdout);
    expect(bill).toEqual([
      { attempt: 1, part: 'fresh', count: 1000, usd: 0.625, per: 1_000_000, nanoUsd: 625_000 },
      { attempt: 1, part: 'output', count: 100, usd: 5, per: 1_000_000, nanoUsd: 500_000 },
    ]);
  });
});

describe('which request', () => {
  const idOf = async (args: string[], zone?: string) => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['logs', 'show', ...args, '--json=id'], zone);
    return JSON.parse(stdout).id.slice(-6).toLowerCase();
  };

  test.each([
    [[], '7demox'],
    [['-1'], '7demox'],
    [['-2'], '6nokey'],
    [['-7'], '1codex'],
    [['01K5AAAAAAAAAAAAAA003AIDER'], '3aider'],
    [['01k5aaaaaaaaaaaaaa003aider'], '3aider'],
    [['003A'], '3aider'],
    [['2025-11-21T14:00:06'], '3aider'],
    [['2025-11-21 14:00:06'], '3aider'],
  ])('%j names one', async (args, id) => {
    expect(await idOf(args)).toBe(id);
  });

  test('a time is one of the clock on the wall', async () => {
    expect(await idOf(['2025-11-21T15:00:06'], 'Europe/Berlin')).toBe('3aider');
  });

  test('a time without a date is that of the last day that has one', async () => {
    const days = [3, 2, 1].map((ago) => {
      const time = Date.now() - ago * 86_400_000;
      return exchange(`01K5AAAAAAAAAAAAAAA00${ago}DAYX`, { time: time - (time % 86_400_000) + 5_025_000 });
    });
    const { cli } = await ledgerHome(days);
    expect(JSON.parse((await cli(['logs', 'show', '01:23:45', '--json'])).stdout).id).toMatch(/1DAYX$/);
    expect(JSON.parse((await cli(['logs', 'show', '1:23', '--json'])).stdout).id).toMatch(/1DAYX$/);
    expect(await cli(['logs', 'show', '01:23:46'])).toMatchObject({ code: 9, stdout: '' });
  });

  test('several that match are listed', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { code, stdout, stderr } = await cli(['logs', 'show', 'aaaa', '--width', '60']);
    expect(code).toBe(2);
    expect(stdout.split('\n')).toHaveLength(9);
    expect(stderr).toContain('7 requests are known as "aaaa"');
    expect(await cli(['logs', 'show', 'aaaa', '--json'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('the end of an id, which tables show, goes before its middle', async () => {
    const { cli } = await ledgerHome([
      exchange('01K5AAAAAAAAAAAAAAAXXCODEX', { time: AFTERNOON }),
      exchange('01K5AAAAAAAAAAAACODEXAAAAA', { time: AFTERNOON + 1 }),
    ]);
    expect(JSON.parse((await cli(['logs', 'show', 'codex', '--json'])).stdout).id).toMatch(/CODEX$/);
  });

  test.each([[['zzzzzz']], [['-8']], [['2025-11-21T14:00:07']], [['25:00']]])(
    '%j is none: exit 9',
    async (args) => {
      const { cli } = await ledgerHome([...SAMPLES]);
      const { code, stdout, stderr } = await cli(['logs', 'show', ...args]);
      expect([code, stdout]).toEqual([9, '']);
      expect(stderr).toContain('[no_request] exit 9');
    },
  );

  test('without a ledger there is none', async () => {
    const { cli } = await ledgerHome([]);
    expect(await cli(['logs', 'show'])).toMatchObject({ code: 9, stdout: '' });
    expect(await cli(['logs', 'show', '-0'])).toMatchObject({ code: 9 });
  });
});

test('JSON is one object', async () => {
  const { cli } = await ledgerHome([...SAMPLES]);
  const newest = SAMPLES.at(-1);
  expect(JSON.parse((await cli(['logs', 'show', '--json'])).stdout)).toEqual(
    newest && { ...exchangeJson(newest), bill: [] },
  );
});

test('any request fits any screen, and its texts command nothing', () => {
  const odd = fc.constantFrom('\u001b[2J', 'x'.repeat(300), '漢字 '.repeat(40), 'a b', '', '\u202e');
  const ms = fc.constantFrom(null, 0, 1, 99, 25_000, 4_000_000, 0.4);
  const any = fc
    .record({
      x: anyExchange,
      odd,
      ms,
      ttft: ms,
      started: fc.nat(30_000),
      waited: fc.nat(30_000),
      open: fc.boolean(),
    })
    .map(({ x, odd, ms, ttft, started, waited, open }) => ({
      ...x,
      id: '01K5AAAAAAAAAAAAAA001CODEX',
      asked: odd,
      agent: odd,
      losses: [odd],
      errorMessage: odd,
      totalMs: ms,
      ttftMs: ttft,
      outcome: open ? ('open' as const) : x.outcome,
      attempts: x.attempts.map((a, i) => ({
        ...a,
        message: odd,
        failure: odd,
        startedMs: started * i,
        waitedMs: i > 0 ? waited : 0,
        ms: i % 2 === 0 ? ms : a.ms,
      })),
    }));
  fc.assert(
    fc.property(any, fc.constantFrom(40, 60, 79, 80, 100, 140), fc.boolean(), (x, width, ascii) => {
      const look = createLook({ width, color: false, ascii });
      const describe = width < 80 ? brief : detail;
      const text = describe(x, { look, now: AFTERNOON, utc: true, prefix: 'unorouter', ascii, bill: [] });
      expect(text).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
      for (const line of text.trimEnd().split('\n'))
        expect([widthOf(line) <= width, line]).toEqual([true, line]);
    }),
    { numRuns: 400 },
  );
});

test('a request that still runs has no end yet', () => {
  const look = createLook({ width: 100, color: false, ascii: false });
  const running = {
    ...opened(exchange('01K5AAAAAAAAAAAAAA009LIVEX')),
    attempts: [attempt(1, { ms: null, status: null })],
  };
  const text = detail(running, {
    look,
    now: running.time,
    utc: true,
    prefix: 'unorouter',
    ascii: false,
    bill: [],
  });
  expect(text).toContain('Ended      still running\n');
  expect(text).toContain('running\n');
  expect(text).not.toContain('Time  ');
});

test('hostile words are shown as what they are', () => {
  const look = createLook({ width: 100, color: false, ascii: true });
  const text = detail(HOSTILE, {
    look,
    now: AFTERNOON,
    utc: true,
    prefix: 'unorouter',
    ascii: true,
    bill: [],
  });
  expect(text).toContain('\\x1b[2Jfirst\\nsecond\\u{200b}');
  expect(text).toMatch(/^[\x20-\x7e\n]*$/);
});
