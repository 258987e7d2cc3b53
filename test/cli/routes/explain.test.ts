import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, runCli, startGateway, type TestHome, temporaryHome } from '../../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../../support/fake-upstream.ts';
import { home, widest } from '../../support/home.ts';

const CHAT_CHUNKS = [
  { choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  { choices: [], usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 } },
].map((chunk) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', ...chunk })}\n\n`);

const CONFIG = `default: demo/echo
aliases:
  pair: [acme/first, other/second]
  none: [acme/first, acme/first-two]
  keyless: [openai/gpt-5, demo/echo]
prices:
  acme/first: { input: 3, output: 15 }
  other/second: { input: 3, output: 15 }
`;

const configOf = (acme: string, other: string): string => `${CONFIG}providers:
  acme: { url: "${acme}", protocol: openai-chat, auth: none }
  other: { url: "${other}", protocol: openai-chat, auth: none }
`;

describe('routes explain without a running unorouter', () => {
  test('answers from files and says so', async () => {
    const user = home(configOf('http://127.0.0.1:1/v1', 'http://127.0.0.1:2/v1'));
    const args = ['routes', 'explain', 'pair', '--agent', 'claude', '--tokens', '120k'];
    const { code, stdout, stderr } = await runCli(user, [...args, '--width', '100']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pair {3}asked by claude, about 120k input tokens, anthropic-messages\n/);
    expect(stdout).toContain('  → acme/first                     no key needed\n');
    expect(stdout).toContain('    cost if nothing is cached      about $0.36 + $15.00 per 1M output\n');
    expect(stdout).toContain('    if it fails before token 1     → other/second   same price\n');
    expect(stdout).toContain('acme/first does not speak anthropic-messages: translated to openai-chat');
    expect(stderr).toContain('Answered from files');
    const narrow = await runCli(user, [...args, '--width', '60']);
    expect(narrow.stdout).toMatch(/^pair \(claude, 120k\)\n/);
    expect(narrow.stdout).toContain('→ acme/first  no key needed\n  then other/second\n');
    expect(widest(narrow.stdout)).toBeLessThanOrEqual(60);
    const ascii = await runCli(user, [...args, '--ascii']);
    expect(ascii.stdout).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test('names the budgets that count it, what is left, and what they would do', async () => {
    const user = home(`${configOf('http://127.0.0.1:1/v1', 'http://127.0.0.1:2/v1')}budget: { day: 10 }
budgets:
  - { agent: claude, week: 0, action: downgrade, to: demo/echo }
  - { agent: codex, day: 5 }
  - { model: other/second, day: 0 }
  - { project: web, month: 0 }
  - { provider: acme, day: 0, action: warn }
`);
    const explain = ['routes', 'explain', 'pair', '--agent', 'claude'];
    const { stdout } = await runCli(user, [...explain, '--width', '100']);
    expect(stdout).toContain(`
  budget  everything today: $10.00 of $10.00 left
  budget  agent claude this week: $0.00 of $0.00 used, so it would go to demo/echo
  budget  model other/second today: $0.00 of $0.00 used, so other/second would be left out
  budget  provider acme today: $0.00 of $0.00 used, which is only a warning
`);
    const narrow = await runCli(user, [...explain, '--project', 'web', '--width', '60']);
    expect(narrow.stdout).toContain('budget  project web this month: $0.00 of $0.00 used, so it\n');
    expect(widest(narrow.stdout)).toBeLessThanOrEqual(60);
    const { budgets } = JSON.parse((await runCli(user, [...explain, '--json=budgets'])).stdout);
    expect(budgets).toMatchObject([
      { name: 'daily budget', leftNanoUsd: 10_000_000_000, effect: 'none' },
      { name: 'weekly budget of agent claude', effect: 'downgrades', to: 'demo/echo' },
      { targets: ['other/second'], effect: 'blocks', resetsAt: expect.stringMatching(/^20\d\d-/) },
      { targets: ['acme/first'], effect: 'warns' },
    ]);
  });

  test('--json has the whole plan', async () => {
    const user = home(configOf('http://127.0.0.1:1/v1', 'http://127.0.0.1:2/v1'));
    const { stdout } = await runCli(user, ['routes', 'explain', 'pair', '--tokens', '2000', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      asked: 'pair',
      protocol: 'openai-chat',
      tokens: 2000,
      live: false,
      targets: [
        {
          ...{ target: 'acme/first', provider: 'acme', model: 'first', translated: false, key: null },
          ...{ inputNanoUsd: 6_000_000, costState: 'exact', price: { input: 3, output: 15 } },
        },
        { target: 'other/second' },
      ],
    });
  });

  test('says how every rule looked at it, what is passed over, and why', async () => {
    const user = home(`${configOf('http://127.0.0.1:1/v1', 'http://127.0.0.1:2/v1')}small: acme/first
routes:
  - { name: long, when: { input: "> 180k" }, to: acme/first }
  - { name: night, when: { time: "22:00-06:00" }, to: [openai/gpt-5, other/second] }
  - { name: team, when: { header: { x-team: core } }, to: "acme/*" }
`);
    const explain = ['routes', 'explain', 'other/second', '--at', '2026-11-25T12:00', '--json=rule,verdicts'];
    const answer = async (...flags: string[]) =>
      JSON.parse((await runCli(user, [...explain, ...flags])).stdout);
    expect((await answer('--tokens', '200k')).rule).toBe('long');
    expect((await answer('--role', 'small')).rule).toBe('small');
    expect((await answer('--header', 'X-Team=core')).rule).toBe('team');
    expect(await answer()).toMatchObject({
      rule: 'default',
      verdicts: [
        { rule: 'long', matched: false },
        { rule: 'night', matched: false },
        { rule: 'team', matched: false },
        { rule: 'small', matched: false },
        { rule: 'default', matched: true },
      ],
    });
    const night = ['routes', 'explain', 'other/second', '--at', '23:30'];
    const wide = await runCli(user, [...night, '--width', '100']);
    expect(wide.stdout).toContain('  1 long    no    1k <= 180k\n  2 night   YES   sends it to');
    expect(wide.stdout).toContain('  ○ openai/gpt-5   no key for openai\n');
    const narrow = await runCli(user, [...night, '--width', '60']);
    expect(narrow.stdout).toContain('no  long   1k <= 180k\nYES night  sends it to');
    expect(widest(narrow.stdout)).toBeLessThanOrEqual(60);
  });

  test('what cannot be planned is an error with its exit code', async () => {
    const user = home(configOf('http://127.0.0.1:1/v1', 'http://127.0.0.1:2/v1'));
    expect(await runCli(user, ['routes', 'explain', 'gpt-5'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('unorouter keys add openai'),
    });
    expect(await runCli(user, ['routes', 'explain', 'clod-opus-4'])).toMatchObject({
      code: 9,
      stderr: expect.stringContaining('[unknown_model] exit 9'),
    });
    const refused = await runCli(user, ['routes', 'explain', 'gpt-5', '--json']);
    expect(JSON.parse(refused.stderr || refused.stdout)).toMatchObject({
      error: { code: 'no_provider_key' },
    });
  });

  test.each([
    ['--tokens', 'many'],
    ['--role', 'tiny'],
    ['--protocol', 'soap'],
    ['--header', 'nothing'],
    ['--at', 'noonish'],
  ])('%s %s is exit 2', async (flag, value) => {
    expect(await runCli(home(), ['routes', 'explain', 'demo/echo', flag, value])).toMatchObject({ code: 2 });
  });

  test('a test needs a running unorouter', async () => {
    expect(await runCli(home(), ['routes', 'test', 'demo/echo'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('[not_running]'),
    });
  });
});

describe('with a running unorouter', () => {
  let user: TestHome;
  let gateway: Gateway;
  let acme: FakeUpstream;
  let other: FakeUpstream;

  beforeAll(async () => {
    user = temporaryHome();
    acme = await startFakeUpstream();
    other = await startFakeUpstream();
    acme.answer({
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '1' },
      pieces: ['{"error":{"message":"slow down","type":"rate_limit"}}'],
    });
    other.answer({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [...CHAT_CHUNKS, 'data: [DONE]\n\n'],
    });
    user.writeConfig(configOf(`${acme.url}/v1`, `${other.url}/v1`));
    gateway = await startGateway(user);
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([acme.close(), other.close()]);
    user.remove();
  });

  test('routes explain asks it, calls nobody, and shows health', async () => {
    const { stdout, stderr, code } = await gateway.cli(['routes', 'explain', 'pair', '--width', '100']);
    expect(code).toBe(0);
    expect(stdout).toContain('health');
    expect(stderr).toContain('Not sent: this is a dry run.');
    expect(acme.seen.filter(({ url }) => url.includes('chat'))).toEqual([]);
    const json = await gateway.cli(['routes', 'explain', 'pair', '--json=live,rule']);
    expect(JSON.parse(json.stdout)).toMatchObject({ live: true });
  });

  test('routes explain tells its refusals like any other error', async () => {
    expect(await gateway.cli(['routes', 'explain', 'gpt-5'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('[no_provider_key] exit 4'),
    });
  });

  test('routes test sends one small request to each target, in order, and records them', async () => {
    const before = acme.seen.length;
    const { code, stdout, stderr } = await gateway.cli(['routes', 'test', 'pair', '--width', '100']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'This costs a few tokens at 2 targets.\n' });
    expect(stdout).toMatch(/ ✗ acme\/first {3}429 .*\n {4}.*slow down/);
    expect(stdout).toMatch(/ ● other\/second {3}200 {3}ttft .* {3}\$0\.0000\d*\n/);
    const asked = acme.seen.slice(before).filter(({ url }) => url.includes('chat'));
    expect(asked).toHaveLength(1);
    expect(JSON.parse(String(asked[0]?.body))).toMatchObject({ model: 'first', max_tokens: 16 });
    const rows = await gateway.cli(['logs', '--rule', 'routes test', '--json=asked,served,status']);
    expect(JSON.parse(rows.stdout).slice(0, 2)).toEqual([
      { asked: 'pair', served: 'other/second', status: 200 },
      { asked: 'pair', served: 'acme/first', status: 429 },
    ]);
  });

  test.each(['openai-responses', 'anthropic-messages', 'gemini'])(
    'routes test speaks %s',
    async (protocol) => {
      const { code, stdout } = await gateway.cli([
        ...['routes', 'test', 'demo/echo', '--protocol', protocol, '--json'],
      ]);
      expect({ code, answer: JSON.parse(stdout) }).toMatchObject({
        code: 0,
        answer: {
          protocol,
          hops: [{ target: 'demo/echo', status: 200, outcome: 'ok', rule: 'routes test' }],
        },
      });
    },
  );

  test('routes test of targets that do not answer is exit 7', async () => {
    const { code, stdout, stderr } = await gateway.cli(['routes', 'test', 'none', '--width', '60']);
    expect(code).toBe(7);
    expect(stdout).toContain('acme/first-two');
    expect(widest(stdout)).toBeLessThanOrEqual(60);
    expect(stderr).toContain('[test_failed] exit 7');
  });

  test('a rule that is added is known at once', async () => {
    await gateway.cli(['routes', 'add', '--name', 'late', '--model', 'late', '--to', 'demo/echo']);
    await gateway.says('config.yaml reloaded');
    const explained = await gateway.cli(['routes', 'explain', 'late', '--json=rule,live']);
    expect(JSON.parse(explained.stdout)).toEqual({ rule: 'late', live: true });
    await gateway.post('/v1/chat/completions', {
      model: 'late',
      messages: [{ role: 'user', content: 'Hi' }],
    });
    const row = await gateway.cli(['logs', '--rule', 'late', '--json=asked,served,rule']);
    expect(JSON.parse(row.stdout)).toEqual([{ asked: 'late', served: 'demo/echo', rule: 'late' }]);
    expect(JSON.parse((await gateway.cli(['routes', '--json=name'])).stdout)).toContainEqual({
      name: 'late',
    });
  });
});
