import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliResult, runCli, type TestHome, temporaryHome } from '../support/cli.ts';

let home: TestHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.remove());

const KEYS = { ANTHROPIC_API_KEY: 'sk-ant-test', OPENROUTER_API_KEY: 'sk-or-test' };
const models = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  runCli(home, ['models', ...args], { env });

/** What a server would have kept of a provider's list. */
function keepList(provider: string, list: object[]): void {
  const directory = join(home.dir, 'cache', 'models');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, `${provider}.json`),
    JSON.stringify({ version: 1, provider, at: Date.parse('2026-11-20'), models: list }),
  );
}

/** The rows as columns of text; several blanks part columns. */
const namesIn = ({ stdout }: CliResult): string[] =>
  stdout.split('\n').flatMap((line) => /^[*!]? *([^\s*!]\S*)/.exec(line)?.[1] ?? []);
/** Whether a terminal would obey a character, or hide it. */
const moves = (character: string): boolean => character !== '\n' && /[\p{Cc}\p{Cf}]/u.test(character);

const json = ({ stdout }: CliResult) => JSON.parse(stdout);
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)));

test('without any key the demo models are what can be called, and the footer says how to get more', async () => {
  const result = await models([]);
  expect(result.code).toBe(0);
  expect(namesIn(result)).toEqual([
    'MODEL',
    ...['demo/cached', 'demo/coder', 'demo/down', 'demo/echo', 'demo/flaky', 'demo/reasoner'],
  ]);
  expect(result.stdout).not.toContain('$0');
  expect(result.stderr).toMatch(/keys add <provider>/);
  expect(result.stderr).toMatch(/1,\d{3} more need a key: --all/);
  expect(result.stderr).toMatch(/Catalog \d+ days? old, bundled: .* models refresh/);
});

test('with a key its provider’s models come first, one line a name, under their bare names', async () => {
  const result = await models([], KEYS);
  const names = namesIn(result).slice(1);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('claude-opus-4-5');
  expect(names.at(-1)).toBe('demo/reasoner');
  // Sold by both: its maker is first.
  expect(result.stdout).toMatch(/claude-opus-4-5 +anthropic +5\.00 +0\.500 +25\.00 +200k +64k +T V R/);
  expect(result.stderr).toMatch(/you can call now \(keys: 2\)/);
});

test('prefer decides between sellers of which none is the maker', async () => {
  const env = { OPENROUTER_API_KEY: 'x', HF_TOKEN: 'x' };
  const sellerOf = async (): Promise<string | undefined> =>
    (
      json(await models(['search', 'gpt-oss-120b', '--json'], env)) as { name: string; provider: string }[]
    ).find(({ name }) => name === 'gpt-oss-120b')?.provider;
  home.writeConfig('prefer: [openrouter]\n');
  expect(await sellerOf()).toBe('openrouter');
  home.writeConfig('prefer: [hf]\n');
  expect(await sellerOf()).toBe('huggingface');
});

test('"models list" is the same as "models"', async () => {
  const flags = ['--tools', '--sort', 'price'];
  const [bare, list] = [await models(flags, KEYS), await models(['list', ...flags], KEYS)];
  expect(list.stdout).toBe(bare.stdout);
  expect(list.stdout).not.toBe((await models([], KEYS)).stdout);
});

test('--json gives every fact with unknown as null, never as 0', async () => {
  keepList('acme', [{ id: 'llama-4-mav', context: 128_000 }]);
  home.writeConfig(
    'default: claude-opus-4.5\nproviders:\n  acme: { url: "https://acme.example/v1", auth: none }\n',
  );
  const rows = json(await models(['--json'], KEYS)) as Record<string, unknown>[];
  expect(rows.find(({ model }) => model === 'acme/llama-4-mav')).toEqual({
    model: 'acme/llama-4-mav',
    provider: 'acme',
    id: 'llama-4-mav',
    name: 'llama-4-mav',
    context: 128_000,
    maxOutput: null,
    tools: null,
    vision: null,
    reasoning: null,
    price: null,
    callable: true,
    live: true,
    gone: false,
    deprecated: null,
    since: null,
    default: false,
  });
  expect(rows.find(({ model }) => model === 'claude-opus-4-5')).toMatchObject({
    provider: 'anthropic',
    context: 200_000,
    price: { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 },
    default: true,
  });
  expect(rows.filter((row) => row.default)).toHaveLength(1);
});

test('--json=fields gives those fields; an unknown one is refused, also when nothing fits', async () => {
  expect(json(await models(['--json=model', '--provider', 'demo']))[0]).toEqual({ model: 'demo/cached' });
  const none = await models(['--json=modell', '--local']);
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('maxOutput');
});

test('marks: the default, and what has no known price', async () => {
  keepList('acme', [{ id: 'x1' }]);
  home.writeConfig(
    'default: claude-opus-4-5\nproviders:\n  acme: { url: "https://acme.example/v1", auth: none }\n',
  );
  const { stdout, stderr } = await models([], KEYS);
  expect(stdout).toMatch(/^\* claude-opus-4-5 /m);
  expect(stdout).toMatch(/^! acme\/x1 +acme +\? +\? +\? /m);
  expect(stderr).toContain('* default');
  expect(stderr).toContain('! unpriced');
});

test('a local server counts when it has listed models, and costs nothing to anybody', async () => {
  expect(namesIn(await models(['--local']))).toEqual([]);
  keepList('ollama', [{ id: 'qwen3-coder:30b' }]);
  const result = await models(['--local']);
  expect(result.stdout).toMatch(/ollama\/qwen3-coder:30b +ollama +local +– +local/);
  expect(result.stderr).toContain('local: 1');
});

test('the user’s own price is shown', async () => {
  home.writeConfig('prices:\n  anthropic/claude-opus-4-5: { input: 1.5, output: 2 }\n');
  expect((await models([], KEYS)).stdout).toMatch(/claude-opus-4-5 +anthropic +1\.50 +– +2\.00/);
});

test('filters leave out what is not known to fit', async () => {
  keepList('acme', [{ id: 'mystery' }, { id: 'large', context: 300_000 }]);
  home.writeConfig('providers:\n  acme: { url: "https://acme.example/v1", auth: none }\n');
  const rowsOf = async (...flags: string[]) =>
    json(await models(['--json', ...flags], KEYS)) as {
      model: string;
      tools: boolean;
      vision: boolean;
      reasoning: boolean;
      context: number;
      price: { input: number; output: number; source: string };
    }[];
  for (const flag of ['tools', 'vision', 'reasoning'] as const) {
    const rows = await rowsOf(`--${flag}`);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.every((row) => row[flag])).toBe(true);
  }
  const wide = await rowsOf('--min-context', '200k');
  expect(wide.map(({ model }) => model)).toContain('acme/large');
  expect(wide.every(({ context }) => context >= 200_000)).toBe(true);
  const cheap = await rowsOf('--max-out', '5');
  expect(cheap.every(({ price }) => price.output <= 5)).toBe(true);
  expect(cheap.map(({ model }) => model)).not.toContain('acme/mystery');
  // The demo’s prices are invented, so they are neither low nor nothing.
  expect([...cheap, ...(await rowsOf('--free'))].filter(({ model }) => model.startsWith('demo/'))).toEqual(
    [],
  );
  for (const { price } of await rowsOf('--free')) expect([price.input, price.output]).toEqual([0, 0]);
});

test('--sort price goes upwards with unknown last, --sort context downwards', async () => {
  const prices = (
    json(await models(['--sort', 'price', '--json'], KEYS)) as {
      provider: string;
      price: { input: number } | null;
    }[]
  )
    .filter(({ provider }) => provider !== 'demo')
    .map(({ price }) => price?.input ?? Number.POSITIVE_INFINITY);
  expect(prices).toEqual([...prices].sort((a, b) => (a === b ? 0 : a - b)));
  const contexts = (
    json(await models(['--sort', 'context', '--json'], KEYS)) as {
      provider: string;
      context: number | null;
    }[]
  )
    .filter(({ provider }) => provider !== 'demo')
    .map(({ context }) => context ?? 0);
  expect(contexts).toEqual([...contexts].sort((a, b) => b - a));
});

test('--provider shows all of one provider under full names that can be asked for', async () => {
  const result = await models(['--provider', 'claude'], KEYS);
  expect(namesIn(result)).toContain('anthropic/claude-opus-4-5-20251101');
  expect(
    namesIn(result)
      .slice(1)
      .every((name) => name.startsWith('anthropic/')),
  ).toBe(true);
});

test('--provider without a key names the command that adds one', async () => {
  const result = await models(['--provider', 'mistral']);
  expect(result).toMatchObject({ code: 0, stdout: '' });
  expect(result.stderr).toMatch(/models of mistral need a key: .*keys add mistral/);
});

test('a provider that has listed nothing says so, and how it can be asked all the same', async () => {
  const result = await models(['--provider', 'hyperbolic'], { HYPERBOLIC_API_KEY: 'x' });
  expect(result).toMatchObject({ code: 0, stdout: '' });
  expect(result.stderr).toContain('hyperbolic/<its id>');
  expect((await models(['--provider', 'lmstudio'])).stderr).toContain('not been seen on this machine');
});

test('a well-known variable is no key for another address, the variable of our own is', async () => {
  home.writeConfig('providers:\n  openai: { url: "https://gw.example/v1" }\n');
  expect((await models(['--provider', 'openai'], { OPENAI_API_KEY: 'x' })).stderr).toContain(
    'keys add openai',
  );
  expect((await models(['--provider', 'openai'], { UNOROUTER_OPENAI_API_KEY: 'x' })).stdout).toContain(
    'openai/gpt-5 ',
  );
});

test('--all shows every seller, with and without a key', async () => {
  const result = await models(['--all'], KEYS);
  expect(result.stdout).toMatch(/anthropic\/claude-opus-4-5 +● /);
  expect(result.stdout).toMatch(/vercel\/anthropic\/claude-opus-4\.5 +○ /);
  expect(result.stderr).toMatch(/2,\d{3} models, \d+ can be called now/);
});

test.each([
  [['--provider', 'gogle'], 9, 'did you mean google'],
  [['--min-context', 'lots'], 2, '--min-context 200k'],
  [['--max-out', 'cheap'], 2, 'USD per million'],
  [['--sort', 'colour'], 2, 'name, price, context'],
  [['gpt'], 2, 'models search gpt'],
])('models %j ends with exit code %i and a hint', async (args, code, hint) => {
  const result = await models(args);
  expect(result.code).toBe(code);
  expect(result.stdout).toBe('');
  expect(result.stderr).toContain(hint);
});

test('nothing that fits is no error, but is said', async () => {
  const result = await models(['--min-context', '900M']);
  expect(result).toMatchObject({ code: 0, stdout: '' });
  expect(result.stderr).toContain('No model fits');
  expect(json(await models(['--min-context', '900M', '--json']))).toEqual([]);
});

test('a configuration that is not valid is shown with its place', async () => {
  home.writeConfig('defualt: x\n');
  const result = await models([]);
  expect(result.code).toBe(3);
  expect(result.stderr).toContain('config.yaml:1:1');
});

test.each([60, 100])('lists fit into %i columns', async (width) => {
  keepList('acme', [
    { id: 'a-very-long-name-of-a-model-that-somebody-trained-at-home-and-quantised-q4_k_m' },
  ]);
  home.writeConfig('providers:\n  acme: { url: "https://acme.example/v1", auth: none }\n');
  for (const args of [
    [],
    ['--all'],
    ['search', 'claude'],
    ['info', 'claude-opus-4-5'],
    ['info', 'gpt-oss-120b'],
  ]) {
    const { stdout, stderr } = await models([...args, '--width', String(width)], KEYS);
    expect(widest(stdout)).toBeLessThanOrEqual(width);
    expect(widest(stderr)).toBeLessThanOrEqual(width);
  }
});

test('piped lists cut nothing and have no colour; --ascii has no other signs', async () => {
  const long = 'a-very-long-name-of-a-model-that-somebody-trained-at-home-and-quantised-q4_k_m-and-more';
  keepList('acme', [{ id: long }]);
  home.writeConfig('providers:\n  acme: { url: "https://acme.example/v1", auth: none }\n');
  const piped = await models([]);
  expect(piped.stdout).toContain(`acme/${long} `);
  expect(piped.stdout).not.toContain('\u001b');
  const ascii = await models(['--all', '--ascii', '--color', 'never']);
  expect(ascii.stdout + ascii.stderr).toMatch(/^[\x20-\x7e\n]*$/);
});

test('what a provider calls its models cannot move the terminal', async () => {
  keepList('acme', [{ id: 'x\u001b]0;evil\u0007\u202e' }]);
  home.writeConfig('providers:\n  acme: { url: "https://acme.example/v1", auth: none }\n');
  for (const args of [[], ['search', 'evil'], ['--json'], ['info', 'acme/x\u001b]0;evil\u0007\u202e']]) {
    const { stdout, stderr } = await models(args);
    expect(stdout + stderr).toMatch(/evil/);
    expect([...(stdout + stderr)].filter(moves)).toEqual([]);
  }
});
