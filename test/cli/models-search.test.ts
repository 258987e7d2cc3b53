import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliResult, runCli, type TestHome, temporaryHome } from '../support/cli.ts';

let home: TestHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.remove());

const models = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  runCli(home, ['models', ...args], { env });
const json = ({ stdout }: CliResult) => JSON.parse(stdout);

test('search finds parts of names, however separated, with a key or without', async () => {
  const { stdout, stderr, code } = await models(['search', 'opus', '4.5']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/claude-opus-4-5 +anthropic +○ +5\.00/);
  expect(stderr).toContain('keys add');
});

test('what can be called comes first', async () => {
  const rows = json(await models(['search', 'claude', '--json'], { ANTHROPIC_API_KEY: 'x' })) as {
    callable: boolean;
  }[];
  const callable = rows.map((row) => row.callable);
  expect(callable[0]).toBe(true);
  expect(callable).toEqual([...callable].sort((a, b) => Number(b) - Number(a)));
});

test('search takes the filters of the list', async () => {
  const rows = json(await models(['search', 'gpt', '--max-out', '1', '--json'])) as {
    price: { output: number };
  }[];
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.every(({ price }) => price.output <= 1)).toBe(true);
});

test('a mistyped name finds names that are spelled alike, and says so', async () => {
  for (const text of ['claud-opus-4-5', 'opsu']) {
    const { stdout, stderr, code } = await models(['search', text]);
    expect(code).toBe(0);
    expect(stdout).toContain('opus');
    expect(stderr).toContain('Spelled alike');
  }
});

test('nothing near is exit 9', async () => {
  const { code, stdout, stderr } = await models(['search', 'zzqqxxjj']);
  expect(code).toBe(9);
  expect(stdout).toBe('');
  expect(stderr).toContain('zzqqxxjj');
  expect(stderr).toContain('models --all');
});

test('info shows every seller with price, source and key, those with a key first', async () => {
  const { stdout } = await models(['info', 'claude-opus-4.5', '--width', '100'], { OPENROUTER_API_KEY: 'x' });
  expect(stdout).toMatch(/^claude-opus-4-5\nAnthropic · 200k context · 64k out · tools, vision, reasoning\n/);
  expect(stdout).toMatch(
    /VIA .*ID THERE .*IN CACHED WRITE .*OUT KEY\nopenrouter +anthropic\/claude-opus-4\.5 .* ●\nanthropic /,
  );
  expect(stdout).toMatch(/^anthropic +claude-opus-4-5 +5\.00 +0\.500 +6\.25 +25\.00 +○$/m);
  expect(stdout).toMatch(/genai-prices \d{4}-\d\d-\d\d \(/);
  expect(stdout).toContain('Names that reach it: claude-opus-4-5, openrouter/anthropic/claude-opus-4.5');
});

test('info takes full names, aliases and the word default', async () => {
  home.writeConfig('default: openai/gpt-5\naliases:\n  smart: [claude-opus-4-5, gpt-5]\n');
  expect((await models(['info', 'openrouter/openai/gpt-5'])).stdout).toMatch(/^gpt-5\n/);
  expect((await models(['info', 'default'])).stdout).toMatch(/^gpt-5\n/);
  const alias = await models(['info', 'smart'], { ANTHROPIC_API_KEY: 'x' });
  expect(alias.stdout).toMatch(
    /^smart is an alias: anthropic\/claude-opus-4-5, then openai\/gpt-5\nclaude-opus-4-5\n/,
  );
  expect(alias.stdout).toContain('Names that reach it: smart, claude-opus-4-5');
});

test('info of a demo model says that its prices are invented', async () => {
  const { stdout } = await models(['info', 'demo/echo']);
  expect(stdout).toContain('invented prices');
  expect(stdout).toMatch(/^demo +echo +demo/m);
});

test('info for programs has the model, its names and its sellers', async () => {
  const answer = json(await models(['info', 'claude-opus-4-5', '--json'], { ANTHROPIC_API_KEY: 'x' }));
  expect(answer).toMatchObject({
    name: 'claude-opus-4-5',
    maker: 'anthropic',
    context: 200_000,
    asked: 'claude-opus-4-5',
  });
  expect(answer.sellers[0]).toMatchObject({ provider: 'anthropic', callable: true, price: { input: 5 } });
  expect(answer.sellers.length).toBeGreaterThan(3);
});

test('info of a model that nobody knows is error 11', async () => {
  const { code, stderr } = await models(['info', 'claude-opus-9']);
  expect(code).toBe(9);
  expect(stderr).toMatch(/^error: unknown model "claude-opus-9" +\[unknown_model\] exit 9/);
  expect(stderr).toContain('did you mean claude-opus-');
  expect(stderr).toContain('config set unknown_model default');
  const unknownThere = await models(['info', 'anthropic/claude-opus-9']);
  expect(unknownThere.code).toBe(9);
  expect(unknownThere.stderr).toContain('anthropic');
  expect(
    json({ ...unknownThere, stdout: (await models(['info', 'nope', '--json'])).stderr }).error.code,
  ).toBe('unknown_model');
});
