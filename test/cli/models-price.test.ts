import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliResult, runCli, type TestHome, temporaryHome } from '../support/cli.ts';

let home: TestHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.remove());

const price = (...args: string[]): Promise<CliResult> => runCli(home, ['models', 'price', ...args]);
const config = (): string => readFileSync(home.configFile, 'utf8');

const ACME = `# what the team agreed on
providers:
  acme: { url: https://llm.acme.example/v1, auth: none } # in the office
prices:
  acme/other: { input: 9, output: 9 } # a guess
`;

describe('setting a price', () => {
  test('writes it into the configuration and leaves everything else as it is', async () => {
    home.writeConfig(ACME);
    const { code, stdout, stderr } = await price('acme/llama-4', '--in', '0.2', '--out', '0.6');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^The price of acme\/llama-4 is set: in \$0\.20, out \$0\.60 per million tokens/);
    expect(stderr).toContain('past ones keep the price that they had');
    expect(config()).toBe(`${ACME}  acme/llama-4: { input: 0.2, output: 0.6 }\n`);
    const shown = JSON.parse((await price('acme/llama-4', '--json')).stdout);
    expect(shown).toMatchObject({
      model: 'acme/llama-4',
      price: { input: 0.2, output: 0.6, source: 'config' },
    });
  });

  test('changes what is named and keeps the rest of it, also under another spelling', async () => {
    home.writeConfig('prices:\n  anthropic/claude-opus-4.5: { input: 4, output: 20 } # with discount\n');
    const { stdout } = await price(
      'anthropic/claude-opus-4-5',
      '--cached',
      '$0.4',
      '--cache-write=5',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'anthropic/claude-opus-4-5',
      price: { input: 4, output: 20, cached: 0.4, cache_write: 5 },
    });
    expect(config()).toContain(
      '  anthropic/claude-opus-4.5: { input: 4, output: 20, cached: 0.4, cache_write: 5 } # with discount\n',
    );
  });

  test('takes fees of requests and searches, and rates of sound and pictures', async () => {
    const { stdout } = await price(
      ...['gpt-5', '--in', '1', '--out', '2', '--cache-write-1h', '3', '--audio-in', '4', '--audio-out', '5'],
      ...['--image-in', '6', '--image-out', '7', '--per-request', '0.005', '--per-search', '0.01'],
    );
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'in $1.00, out $2.00, for an hour $3.00, audio in $4.00, audio out $5.00, image in $6.00, image out $7.00 ' +
        'per million tokens; $0.005 a request, $0.01 a search',
    );
    expect(config()).toContain('cache_write_1h: 3');
    expect(JSON.parse((await price('gpt-5', '--json')).stdout).price).toMatchObject({
      ...{ cacheWrite1h: 3, inputAudio: 4, outputAudio: 5, inputImage: 6, outputImage: 7 },
      ...{ perRequest: 0.005, perSearch: 0.01, source: 'config' },
    });
  });

  test('can be taken back', async () => {
    home.writeConfig(ACME);
    expect((await price('acme/other', '--unset')).code).toBe(0);
    expect(config()).not.toContain('acme/other');
    expect(await price('acme/other', '--unset')).toMatchObject({ code: 9 });
  });
});

test('without flags it shows what is known, and who says so', async () => {
  const { stdout } = await price('claude-opus-4-5');
  expect(stdout).toMatch(
    /^anthropic\/claude-opus-4-5: in \$5\.00, out \$25\.00, cached \$0\.50, cache write \$6\.25, for an hour \$10\.00 per million tokens; \$0\.01 a search {3}genai-prices /,
  );
  home.writeConfig(ACME);
  const unknown = await price('acme/nobody-knows');
  expect(unknown.stdout).toBe('No price is known for acme/nobody-knows.\n');
  expect(unknown.stderr).toContain('models price acme/nobody-knows --in <usd> --out <usd>');
});

test.each([
  [['gpt-5', '--in', 'cheap'], 2, '--in is a price in USD per million tokens, not "cheap"'],
  [['gpt-5', '--out', '-1'], 2, '--out'],
  [['gpt-5', '--cache-write', '1e9'], 2, '--cache-write is a price'],
  [['gpt-5', '--cache-write-1h', 'x'], 2, '--cache-write-1h is a price in USD per million tokens'],
  [['gpt-5', '--per-search', '1001'], 2, '--per-search is a price in USD for each, not "1001"'],
  [['gpt-5', '--in', '1', '--unset'], 2, '--unset takes the price away'],
  [['no-such-model-at-all', '--in', '1'], 9, 'no-such-model-at-all'],
])('%j is refused with a sentence', async (args, code, words) => {
  const result = await price(...args);
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(words);
});
