import { writeFileSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, test } from 'vitest';
import { logTable } from '../../src/cli/commands/logs/table.ts';
import { createLook, widthOf } from '../../src/cli/render/index.ts';
import { exchangeJson } from '../../src/exchange.ts';
import { exchange, opened } from '../ledger/support/exchange-samples.ts';
import { ledgerHome } from './support/ledger-home.ts';
import { AFTERNOON, HOSTILE, SAMPLES } from './support/log-samples.ts';

const NEWEST_FIRST = [...SAMPLES].reverse();
/** Anything that a terminal would obey, but the ends of lines. */
const OBEYED = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u;

describe('the table', () => {
  test('fits in 100 columns', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout, code } = await cli(['logs', '--width', '100']);
    expect(code).toBe(0);
    expect(stdout).toBe(`\
ID     TIME                AGENT  ASKED → SERVED                           ST    IN  OUT    COST TRY
7demox 2025-11-21 14:00:14 codex  demo/echo                               200    12    4    demo 1
6nokey 2025-11-21 14:00:12 gemini gemini-2.5-pro                          400     –    –       – 0
5cutxx 2025-11-21 14:00:10 claude claude-opus-4-5 → anthropic             CUT  118k  702  ~$1.08 1
4acmex 2025-11-21 14:00:08 –      acme/llama-4-mav                        200  6.2k  233       ? 1
3aider 2025-11-21 14:00:06 aider  ollama/qwen3-coder:30b                  200  9.8k  512   local 1
2claud 2025-11-21 14:00:04 claude claude-haiku-4-5 → openrouter/z-ai/glm… 200 18.4k  310 $0.0079 2f
1codex 2025-11-21 14:00:02 codex  gpt-5-codex → openai                    200 88.1k 2.1k $0.0407 2r
`);
  });

  test('fits in 60 columns', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['logs', '--width', '60', '-n', '4']);
    expect(stdout).toBe(`\
ID     TIME        MODEL             ST   COST TRY
7demox 11-21 14:00 demo/echo        200   demo 1
6nokey 11-21 14:00 gemini-2.5-pro   400      – 0
5cutxx 11-21 14:00 claude-opus-4-5  CUT ~$1.08 1
4acmex 11-21 14:00 acme/llama-4-mav 200      ? 1
`);
  });

  test('has only ASCII signs where that is asked for', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['logs', '--width', '100', '--ascii']);
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
    expect(stdout).toContain('claude-opus-4-5 -> anthropic');
  });

  test('shows times without dates when every row is of today', () => {
    const context = {
      look: createLook({ width: 60, color: false, ascii: false }),
      now: AFTERNOON,
      utc: true,
    };
    const text = logTable(NEWEST_FIRST.slice(0, 1), { ...context, served: (p, m) => `${p}/${m}` });
    expect(text).toBe('ID     TIME  MODEL      ST COST TRY\n7demox 14:00 demo/echo 200 demo 1\n');
  });

  test('is whole when piped, with times that need no zone to be read', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['logs', '--model', 'haiku']);
    expect(stdout.split('\n')[1]).toBe(
      '2claud 2025-11-21T14:00:04.000Z claude claude-haiku-4-5 → openrouter/z-ai/glm-4.6 200 18.4k 310 $0.0079 2f',
    );
  });

  test('shows a request that still runs as such', async () => {
    const { cli } = await ledgerHome([opened(exchange('01K5AAAAAAAAAAAAAA009LIVEX', { time: AFTERNOON }))]);
    const { stdout } = await cli(['logs', '--width', '100']);
    expect(stdout).toContain('9livex 2025-11-21 14:00:00 codex gpt-5 → gpt-5-2026 ▸▸▸  –   –    – 0');
  });

  test.each([20, 30, 45, 60, 79, 80, 100])('fits in %i columns with names of any kind', (width) => {
    const look = createLook({ width, color: false, ascii: false });
    const wide = exchange('01K5AAAAAAAAAAAAAA010WIDEX', {
      agent: '漢字'.repeat(20),
      asked: '👩‍👩‍👧'.repeat(30),
      model: 'm'.repeat(200),
    });
    const text = logTable([wide, HOSTILE], { look, now: 0, utc: true, served: (p, m) => `${p}/${m}` });
    for (const line of text.trimEnd().split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });
});

describe('what is said beside the table', () => {
  test('is how many there are and how to see one', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stderr } = await cli(['logs', '--since', '2025-11-21', '--status', 'err']);
    expect(stderr).toMatch(/^2 of 7 requests since 2025-11-21\. Details: unorouter logs show 6nokey\n$/);
    expect((await cli(['logs', '-n', '1', '--status', 'err'])).stderr).toContain(
      '1 of 2 found in 7 requests.',
    );
    expect((await cli(['logs', '-q'])).stderr).toBe('');
  });

  test('is that nothing was found', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    expect(await cli(['logs', '--since', '1h'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No requests in the last hour.\n',
    });
    expect(await cli(['logs', '--agent', 'nobody'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '0 of 7 requests.\n',
    });
  });
});

describe('for programs', () => {
  test('JSON is an array of exchanges, also of one', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    expect(JSON.parse((await cli(['logs', '--json'])).stdout)).toEqual(NEWEST_FIRST.map(exchangeJson));
    const [newest] = NEWEST_FIRST;
    expect(JSON.parse((await cli(['logs', '--json', '-n', '1'])).stdout)).toEqual([
      newest && exchangeJson(newest),
    ]);
  });

  test('JSON has only the fields that are named, in their order', async () => {
    const { cli } = await ledgerHome([...SAMPLES]);
    const { stdout } = await cli(['logs', '--json=status,id', '-n', '1']);
    expect(stdout).toBe('[\n  {\n    "status": 200,\n    "id": "01K5AAAAAAAAAAAAAA007DEMOX"\n  }\n]\n');
    expect(await cli(['logs', '--json=price'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('CSV has the names of the JSON and no formula', async () => {
    const { cli } = await ledgerHome([HOSTILE]);
    const { stdout } = await cli(['logs', '--csv']);
    const [head, row, rest] = stdout.split('\r\n');
    expect(head).toMatch(/^id,time,agent,project,session,.*,input,cacheRead,.*,costNanoUsd,/);
    expect(row).toContain('"\'=HYPERLINK(""http://x.example"")"');
    expect(row).toContain('acme/@SUM(1)\\x1b[8m\\nmodel');
    expect(rest).toBe('');
    expect(stdout.replaceAll('\r\n', '\n')).not.toMatch(OBEYED);
  });

  test('CSV of nothing is its header', async () => {
    const { cli } = await ledgerHome([]);
    expect((await cli(['logs', '--csv'])).stdout).toMatch(/^id,time,.*,demo\r\n$/);
  });
});

test('names and messages cannot command the terminal', async () => {
  const { cli } = await ledgerHome([HOSTILE]);
  for (const args of [
    ['logs'],
    ['logs', '--width', '60'],
    ['logs', '--width', '100'],
    ['logs', '--json'],
    ['logs', '--grep', '\u001b[31mx'],
    ['logs', 'show'],
    ['logs', 'show', '--width', '60'],
    ['logs', 'show', '--json'],
    ['logs', 'show', '\u001b[31mx'],
    ['logs', '--since', '\u001b[31m'],
    ['spend', '--by', 'agent,project', '--since', '2025-11'],
    ['spend', '--by', 'model,session', '--since', '2025-11', '--width', '60'],
    ['spend', '--by', '\u001b[31m'],
  ]) {
    const { stdout, stderr } = await cli(args);
    expect([args, (stdout + stderr).match(OBEYED)]).toEqual([args, null]);
  }
});

test('without a ledger there is nothing, and that is no failure', async () => {
  const { cli } = await ledgerHome([]);
  const said = 'Nothing is recorded yet: no request has come through unorouter.\n';
  expect(await cli(['logs'])).toEqual({ code: 0, stdout: '', stderr: said });
  expect(await cli(['logs', '--json'])).toEqual({ code: 0, stdout: '[]\n', stderr: said });
});

describe('a ledger that cannot be read is told, exit 1', () => {
  test('one of a newer unorouter', async () => {
    const { cli, file } = await ledgerHome([...SAMPLES]);
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 999');
    db.close();
    for (const command of ['logs', 'spend']) {
      const { code, stdout, stderr } = await cli([command]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('was written by a newer unorouter');
      expect(stderr).toContain('[ledger_newer] exit 1');
    }
  });

  test('a damaged one', async () => {
    const { cli, file } = await ledgerHome([...SAMPLES]);
    writeFileSync(file, Buffer.alloc(8_192, 0xa5));
    for (const args of [['logs'], ['logs', 'show'], ['spend']]) {
      const { code, stdout, stderr } = await cli(args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('[ledger_corrupt] exit 1');
    }
  });
});

test.each([
  [['logs', '-n', 'many'], '-n is a number of requests'],
  [['logs', '--since', 'soon'], '--since does not know the time "soon"'],
  [['logs', '--status', 'bad'], '"bad" is no status'],
  [['logs', '7k2m9q'], 'logs show 7k2m9q'],
  [['logs', '-f', '--csv'], '-f prints no CSV'],
])('%j is wrong usage', async (args, words) => {
  const { cli } = await ledgerHome([]);
  const { code, stdout, stderr } = await cli(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(words);
});
