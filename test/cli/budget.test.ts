import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange.ts';
import { exchange } from '../ledger/support/exchange-samples.ts';
import { type Gateway, runCli, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { ledgerHome } from './support/ledger-home.ts';

const homes: TestHome[] = [];
let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  for (const home of homes.splice(0)) home.remove();
});

function home(config?: string): TestHome {
  const one = temporaryHome();
  homes.push(one);
  if (config !== undefined) one.writeConfig(config);
  return one;
}

/** A request of just now that cost so many cents. */
const paid = (id: string, cents: number, more: Partial<Exchange> = {}): Exchange =>
  exchange(id, {
    time: Date.now(),
    cost: { nanoUsd: cents * 10_000_000, state: 'exact', source: 'config' },
    ...more,
  });

describe('budget set', () => {
  test('writes the file, keeps every comment, and says what that means', async () => {
    const user = home('# mine\nserver: { port: 1 } # here\n');
    const { code, stdout, stderr } = await runCli(user, ['budget', 'set', '10/day', '--warn', '80%']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Budget: $10.00 a day (local midnight), warn at $8.00, block at $10.00. $0.00 used.\n',
    });
    expect(stderr).toContain('Raise it for today: unorouter budget raise 5');
    await runCli(user, ['budget', 'set', '50/week', '--action', 'downgrade', '--to', 'small']);
    expect(readFileSync(user.configFile, 'utf8')).toBe(
      '# mine\nserver: { port: 1 } # here\nbudget: { day: 10, warn: 80%, week: 50, action: downgrade, to: small }\n',
    );
    await runCli(user, ['budget', 'set', '12', '--action', 'block']);
    expect(readFileSync(user.configFile, 'utf8')).toContain(
      'budget: { day: 12, warn: 80%, week: 50, action: block }\n',
    );
  });

  test('finds the entry of its scope, in short hand too', async () => {
    const user = home('budget: 15/month\nbudgets:\n  # the web team\n  - { project: web, day: 3 }\n');
    await runCli(user, ['budget', 'set', '4', '--project', 'web']);
    await runCli(user, ['budget', 'set', '7/week', '--agent', 'claude', '--action', 'warn']);
    await runCli(user, ['budget', 'set', '2']);
    expect(readFileSync(user.configFile, 'utf8')).toBe(
      [
        'budget: { month: 15, day: 2 }',
        'budgets:',
        '  # the web team',
        '  - { project: web, day: 4 }',
        '  - agent: claude',
        '    week: 7',
        '    action: warn',
        '',
      ].join('\n'),
    );
  });

  test.each([
    [['set', 'ten'], 2, '"ten" is no budget'],
    [['set', '5/year'], 2, '"5/year" is no budget'],
    [['set', '5', '--action', 'downgrade'], 3, 'says not where to'],
    [['set', '5', '--action', 'stop'], 2, '--action is one of block, warn, downgrade'],
    [['raise', 'five'], 2, 'no amount of US dollars'],
    [['raise', '5'], 9, 'there is no budget yet'],
    [['rm'], 9, 'there is no budget yet'],
    [['rm', 'year'], 2, 'not of "year"'],
    [['show'], 2, '"show" is no command of budget'],
  ])('%j is exit %i', async (args, code, words) => {
    const user = home();
    const result = await runCli(user, ['budget', ...args]);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(words);
  });
});

describe('budget rm', () => {
  test('removes one amount, or the whole entry', async () => {
    const user = home(
      'budget: { day: 1, week: 2, warn: 50% }\nbudgets:\n  - { model: "gpt*", day: 3 }\n  - { agent: codex, day: 4 }\n',
    );
    const day = await runCli(user, ['budget', 'rm', 'day']);
    expect(day.stdout).toBe('removed the daily budget\n');
    await runCli(user, ['budget', 'rm', '--model', 'gpt*']);
    expect(readFileSync(user.configFile, 'utf8')).toBe(
      'budget: { week: 2, warn: 50% }\nbudgets:\n  - { agent: codex, day: 4 }\n',
    );
    const last = await runCli(user, ['budget', 'rm', 'week', '--json']);
    expect(JSON.parse(last.stdout)).toEqual({ removed: ['weekly budget'] });
    expect(readFileSync(user.configFile, 'utf8')).toBe('budgets:\n  - { agent: codex, day: 4 }\n');
  });
});

describe('budget list', () => {
  test('counts what is in the ledger: declared projects only, and never the demo', async () => {
    const { home: user, cli } = await ledgerHome([
      paid('a', 100, { project: 'web', projectSource: 'header' }),
      paid('b', 30, { project: 'web', projectSource: 'directory' }),
      paid('c', 7, { demo: true }),
      paid('d', 20, { time: Date.now() - 40 * 86_400_000 }),
    ]);
    user.writeConfig(
      'budget: { day: 2, month: 1.5 }\nbudgets: [{ project: web, day: 1, action: warn }, { provider: nobody, week: 4 }]\n',
    );
    const { stdout } = await cli(['budget', '--width', '100']);
    expect(stdout.replace(/in [\dhms d.]+$/gm, 'in …')).toMatchInlineSnapshot(`
      "FOR             PER   LIMIT  USED                 THEN      RESETS
      everything      day   $2.00 $1.30 ▇▇▇▇▇▇▇▁▁▁ 65%  block     in …
      everything      month $1.50 $1.30 ▇▇▇▇▇▇▇▇▇▁ 87%  block     in …
      project web     day   $1.00 $1.00 ▇▇▇▇▇▇▇▇▇▇ 100% a warning in …
      provider nobody week  $4.00 $0.00 ▁▁▁▁▁▁▁▁▁▁ 0%   block     in …
      "
    `);
    const json = JSON.parse((await cli(['budget', 'list', '--json=name,spentNanoUsd,state'])).stdout);
    expect(json).toEqual([
      { name: 'daily budget', spentNanoUsd: 1_300_000_000, state: 'ok' },
      { name: 'monthly budget', spentNanoUsd: 1_300_000_000, state: 'warn' },
      { name: 'daily budget of project web', spentNanoUsd: 1_000_000_000, state: 'reached' },
      { name: 'weekly budget of provider nobody', spentNanoUsd: 0, state: 'ok' },
    ]);
    const narrow = await cli(['budget', '--width', '60']);
    for (const line of narrow.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  test('says how to begin where there is none', async () => {
    const { code, stdout, stderr } = await runCli(home(), ['budget']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('unorouter budget set 10/day');
  });
});

describe('budget raise', () => {
  test('lets a running server go on at once, until midnight', async () => {
    const user = home(
      'prices: { acme/m: { input: 0, output: 0 } }\nproviders: { acme: { url: "http://127.0.0.1:9/v1", auth: none } }\nbudget: 0/day\n',
    );
    gateway = await startGateway(user);
    const ask = () =>
      gateway?.post('/v1/chat/completions', {
        model: 'openai/gpt-5',
        messages: [{ role: 'user', content: 'x' }],
      });
    user.env.UNOROUTER_OPENAI_API_KEY = 'sk-unused';
    const before = await ask();
    expect(before?.status).toBe(400);
    const raised = await gateway.cli(['budget', 'raise', '0.5']);
    expect(raised.stdout).toBe(
      'Budget: $0.50 until midnight ($0.00 and $0.50 for today), $0.00 used today.\n',
    );
    const status = JSON.parse((await gateway.cli(['status', '--json'])).stdout);
    expect(status.budgets).toMatchObject([{ limitNanoUsd: 0, raisedNanoUsd: 500_000_000, state: 'ok' }]);
    const again = await gateway.cli(['budget', 'raise', '1', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject([{ raisedNanoUsd: 1_500_000_000 }]);
    const back = await gateway.cli(['budget', 'raise', '0']);
    expect(back.stdout).toContain('$0.00, as configured');
  });
});

describe('spend', () => {
  test('names what is left, and --check is exit 8 when a budget is used up', async () => {
    const { home: user, cli } = await ledgerHome([paid('a', 100)]);
    user.writeConfig('budget: { day: 4, month: 1 }\n');
    const plain = await cli(['spend', '--since', 'today']);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toMatch(/Budget \$4\.00 a day, \$3\.00 left\nBudget \$1\.00 a month, used up\n$/);
    const check = await cli(['spend', '--check', '--json']);
    expect(check.code).toBe(8);
    expect(JSON.parse(check.stdout)).toMatchObject({ total: { requests: 1 } });
    expect(check.stderr).toMatch(/^this month's budget is used up: \$1\.00 of \$1\.00, /);
    user.writeConfig('budget: { day: 4 }\n');
    expect((await cli(['spend', '--check'])).code).toBe(0);
    user.writeConfig('budget: { day: many }\n');
    expect((await cli(['spend'])).code).toBe(0);
    expect((await cli(['spend', '--check'])).code).toBe(3);
  });
});

describe('elsewhere', () => {
  test('banner, status and footer name the budget', async () => {
    const user = home('budget: 10/day\nbudgets: [{ agent: codex, week: 5, action: warn }]\n');
    gateway = await startGateway(user, ['--width', '100']);
    expect(gateway.stderr()).toContain('Budget       $10.00 a day, $0.00 used, then block');
    expect(gateway.stderr()).toContain('agent codex: $5.00 a week, $0.00 used, then a warning');
    const status = await gateway.cli(['status', '--width', '100']);
    expect(status.stdout).toContain('Today     $0.00 of $10.00 · 0 requests');
    expect(status.stdout).toContain('Budgets   agent codex: $0.00 of $5.00 this week');
    await gateway.stop();
    const stopped = await runCli(user, ['status']);
    expect(stopped.stdout).toContain('not running');
  });
});
