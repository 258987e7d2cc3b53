import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliResult, runCli, type TestHome, temporaryHome } from '../support/cli.ts';

let home: TestHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.remove());

const use = (args: string[], env: NodeJS.ProcessEnv = { ANTHROPIC_API_KEY: 'x' }): Promise<CliResult> =>
  runCli(home, ['use', ...args], { env });
const config = (): string => readFileSync(home.configFile, 'utf8');
const json = ({ stdout }: CliResult) => JSON.parse(stdout);

test('use writes the default into the file and says what changed and how to go back', async () => {
  const first = await use(['claude-opus-4-5']);
  expect(first.code).toBe(0);
  expect(first.stdout).toBe('Default model: none → claude-opus-4-5 (anthropic)   saved in ~/config.yaml\n');
  expect(first.stderr).toContain('asks for "default" or "auto".');
  expect(first.stderr).toMatch(/Undo: .* use -/);
  expect(config()).toMatch(/^default: claude-opus-4-5$/m);
});

test('comments and everything else in the file survive', async () => {
  home.writeConfig('# mine\naliases: {fast:   groq/x}   # keep\ndefault: gpt-5 # old\n\nprefer: [openai]\n');
  await use(['claude-opus-4-5']);
  expect(config()).toBe(
    '# mine\naliases: {fast:   groq/x}   # keep\ndefault: claude-opus-4-5 # old\n\nprefer: [openai]\n',
  );
});

test('use - goes back, and back again', async () => {
  await use(['claude-opus-4-5']);
  await use(['claude-sonnet-4-5']);
  expect((await use(['-'])).stdout).toContain('claude-sonnet-4-5 → claude-opus-4-5');
  expect((await use(['-'])).stdout).toContain('claude-opus-4-5 → claude-sonnet-4-5');
  expect(config()).toMatch(/^default: claude-sonnet-4-5$/m);
});

test('use - after the first use goes back to none', async () => {
  await use(['claude-opus-4-5']);
  expect((await use(['-'])).stdout).toContain('claude-opus-4-5 → none');
  expect(config()).not.toMatch(/^default:/m);
});

test('use - without a change before is exit 9', async () => {
  const result = await use(['-']);
  expect(result.code).toBe(9);
  expect(existsSync(home.configFile)).toBe(false);
});

test('the one before is kept for its owner only', async () => {
  await use(['claude-opus-4-5']);
  const file = join(home.dir, 'state', 'previous-default');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('--unset removes it; there is nothing to remove twice', async () => {
  home.writeConfig('default: gpt-5\nprefer: [openai]\n');
  expect((await use(['--unset'])).stdout).toContain('gpt-5 → none');
  expect(config()).toBe('prefer: [openai]\n');
  expect((await use(['--unset'])).stdout).toContain('unchanged');
  expect((await use(['-'])).stdout).toContain('none → gpt-5');
});

test('the same model again changes nothing and forgets nothing', async () => {
  await use(['claude-opus-4-5']);
  await use(['claude-sonnet-4-5']);
  expect((await use(['claude-sonnet-4-5'])).stdout).toContain('unchanged');
  expect((await use(['-'])).stdout).toContain('→ claude-opus-4-5');
});

test('a name that nobody knows is refused with suggestions, aliases among them', async () => {
  home.writeConfig('aliases: { smart: claude-opus-4-5 }\n');
  const result = await use(['claude-opus-9']);
  expect(result.code).toBe(9);
  expect(result.stderr).toContain('[unknown_model]');
  expect(result.stderr).toContain('did you mean claude-opus-');
  expect((await use(['smrat'])).stderr).toContain('did you mean smart');
  expect(config()).not.toContain('default');
});

test('provider/any is taken, with a warning when no list has it', async () => {
  const result = await use(['anthropic/brand-new']);
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('no list of anthropic has this model');
  expect(config()).toContain('default: anthropic/brand-new');
});

test.each([
  ['openai/gpt-5', 'openai'],
  ['gpt-5', 'openai'],
])('%s without a key is taken, with the command that adds one', async (name, provider) => {
  const result = await use([name]);
  expect(result.code).toBe(0);
  expect(result.stderr).toMatch(new RegExp(`▲ no key for ${provider}: .*keys add ${provider}`));
});

test('aliases are taken by their names', async () => {
  home.writeConfig('aliases: { smart: claude-opus-4-5 }\n');
  expect((await use(['smart'])).stdout).toContain('→ smart (anthropic)');
  expect(config()).toContain('default: smart');
});

test('default and auto cannot be their own meaning', async () => {
  for (const name of ['default', 'auto', ' ']) expect((await use([name])).code).toBe(2);
  expect((await use(['x', '--unset'])).code).toBe(2);
});

test('without an argument it says what is set and where', async () => {
  expect((await use([])).stdout).toBe('Default model: none\n');
  home.writeConfig('# x\ndefault: claude-opus-4-5\n');
  expect((await use([])).stdout).toBe('Default model: claude-opus-4-5 (anthropic)   from config.yaml:2\n');
  const env = { ANTHROPIC_API_KEY: 'x', UNOROUTER_MODEL: 'claude-sonnet-4-5' };
  expect((await use([], env)).stdout).toContain('claude-sonnet-4-5 (anthropic)   from $UNOROUTER_MODEL');
});

test('a variable that wins over the file is named', async () => {
  const result = await use(['claude-opus-4-5'], { ANTHROPIC_API_KEY: 'x', UNOROUTER_MODEL: 'gpt-5' });
  expect(result.stderr).toContain('$UNOROUTER_MODEL is gpt-5');
});

test('--json for programs', async () => {
  expect(json(await use(['claude-opus-4-5', '--json']))).toEqual({
    default: 'claude-opus-4-5',
    provider: 'anthropic',
    previous: null,
    changed: true,
    file: home.configFile,
    warnings: [],
  });
  expect(json(await use(['--json']))).toEqual({
    default: 'claude-opus-4-5',
    provider: 'anthropic',
    id: 'claude-opus-4-5',
    callable: true,
    source: 'file',
    where: expect.stringMatching(/^config\.yaml:\d+$/),
    previous: null,
    warnings: [],
  });
});

test('"models default" is the same command', async () => {
  const set = await runCli(home, ['models', 'default', 'claude-opus-4-5'], {
    env: { ANTHROPIC_API_KEY: 'x' },
  });
  expect(set.stdout).toContain('→ claude-opus-4-5');
  expect((await runCli(home, ['models', 'default'])).stdout).toContain('claude-opus-4-5');
  expect((await runCli(home, ['models', 'default', '--unset'])).stdout).toContain('→ none');
});

test('a file with a mistake is left alone', async () => {
  home.writeConfig('defualt: x\n');
  expect((await use(['claude-opus-4-5'])).code).toBe(3);
  expect(config()).toBe('defualt: x\n');
});

test.each([60, 100])('it fits into %i columns', async (width) => {
  const { stdout, stderr } = await use([
    'fireworks-ai/accounts/fireworks/models/deepseek-v4p1-flash',
    '--width',
    String(width),
  ]);
  const long = [...stdout.split('\n'), ...stderr.split('\n')].filter((line) => stringWidth(line) > width);
  expect(long).toEqual([]);
});
