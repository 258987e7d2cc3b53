import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { widthOf } from '../../src/cli/render/index.ts';
import { exchangeJson } from '../../src/exchange.ts';
import { exchange } from '../ledger/support/exchange-samples.ts';
import { ledgerHome } from './support/ledger-home.ts';
import { AFTERNOON, HOSTILE, SAMPLES } from './support/log-samples.ts';
import { follow, startWatchedServer } from './support/watched-server.ts';

const numbered = (n: number) =>
  exchange(`01K5AAAAAAAAAAAAAA${String(n).padStart(3, '0')}XXXXX`, {
    time: AFTERNOON + n,
    session: `number-${n}-`,
  });
const idsIn = (text: string) => text.match(/01K5\w{22}/g) ?? [];

test('first come the last rows in the order of time, then every request as it finishes', async () => {
  const { home } = await ledgerHome([]);
  const server = await startWatchedServer(home);
  const all = Array.from({ length: 14 }, (_, i) => numbered(i + 1));
  server.record(...all.slice(0, 12));
  const { says, stdout, child, ended, stderr } = follow(home, ['logs', '-f']);
  await says('number-12-');
  server.record(...all.slice(12));
  await says('number-14-');
  expect(idsIn(stdout())).toEqual(all.slice(2).map(({ id }) => id));
  child.kill('SIGINT');
  expect([await ended, stderr()]).toEqual([0, '']);
});

test('on a screen rows are those of the live log, under one header, with what explains them', async () => {
  const { home } = await ledgerHome([]);
  const server = await startWatchedServer(home);
  const { says, stdout } = follow(home, ['logs', '-f', '--width', '60']);
  await server.watched;
  // An unknown price names the command that helps, which is another one on every machine.
  server.record(...SAMPLES.filter(({ cost }) => cost.state !== 'unknown'));
  await says('demo/echo');
  const lines = stdout().trimEnd().split('\n');
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
  expect(lines[0]).toMatch(/^TIME {2}MODEL +ST +IN +OUT +COST TOTAL$/);
  expect(lines.slice(1).map((line) => line.slice(0, 24).trim())).toEqual(
    [
      '14:00 gpt-5-codex',
      '↳ attempt 1: opena',
      '14:00 openrouter/z-ai/gl',
      '↳ asked claude-hai',
      '↳ left out: the th',
      '14:00 ollama/qwen3-coder',
      '14:00 claude-opus-4-5',
      '↳ anthropic broke ',
      '14:00 gemini-2.5-pro',
      '↳ no API key for g',
      '14:00 demo/echo',
    ].map((text) => text.trim()),
  );
});

test('--json is one line of JSON a request, --json=fields only those', async () => {
  const { home } = await ledgerHome([]);
  const server = await startWatchedServer(home);
  server.record(...SAMPLES);
  const whole = follow(home, ['logs', '-f', '--json']);
  await whole.says('007DEMOX"');
  const lines = whole.stdout().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(SAMPLES.map(exchangeJson));
  const some = follow(home, ['logs', '-f', '-n', '1', '--json=status,asked']);
  await some.says('\n');
  expect(some.stdout()).toBe('{"status":200,"asked":"demo/echo"}\n');
});

test('filters hold for what is past and for what comes', async () => {
  const { home } = await ledgerHome([]);
  const server = await startWatchedServer(home);
  server.record(...SAMPLES);
  const { says, stdout } = follow(home, ['logs', '-f', '--status', 'err', '--json=id']);
  await says('006NOKEY');
  server.record(numbered(20), { ...numbered(21), outcome: 'error', status: 500 });
  await says('021XXXXX');
  expect(idsIn(stdout()).map((id) => id.slice(-8))).toEqual(['005CUTXX', '006NOKEY', '021XXXXX']);
});

test('a request that finishes while the past is read is shown once', async () => {
  const { home } = await ledgerHome([]);
  const server = await startWatchedServer(home);
  server.record(numbered(1));
  server.onFlush(() => server.record(numbered(2)));
  const { says, stdout } = follow(home, ['logs', '-f', '--json=id']);
  await says('002XXXXX');
  server.record(numbered(3));
  await says('003XXXXX');
  expect(idsIn(stdout())).toEqual([1, 2, 3].map((n) => numbered(n).id));
});

test('-n 0 shows nothing of the past', async () => {
  const { home } = await ledgerHome([]);
  const server = await startWatchedServer(home);
  server.record(numbered(1));
  const { says, stdout } = follow(home, ['logs', '-f', '-n', '0', '--json=id']);
  await server.watched;
  server.record(numbered(2));
  await says('002XXXXX');
  expect(idsIn(stdout())).toEqual([numbered(2).id]);
});

test('the end of the server is the end, and is said', async () => {
  const { home } = await ledgerHome([]);
  const server = await startWatchedServer(home);
  server.record(numbered(1));
  const { says, ended, stderr } = follow(home, ['logs', '-f']);
  await says('number-1-');
  server.close();
  expect([await ended, stderr()]).toEqual([0, 'unorouter has stopped.\n']);
});

test('a ledger that cannot be read does not hide what comes', async () => {
  const { home, file } = await ledgerHome([numbered(1)]);
  const server = await startWatchedServer(home);
  server.onFlush(() => {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 999');
    db.close();
  });
  const { says, stderr, stdout } = follow(home, ['logs', '-f']);
  await server.watched;
  server.record(numbered(2));
  await says('number-2-');
  expect(stderr()).toContain('was written by a newer unorouter; what comes is shown all the same.');
  expect(stdout()).not.toContain('number-1-');
});

test('names and messages cannot command the terminal', async () => {
  const { home } = await ledgerHome([]);
  const server = await startWatchedServer(home);
  server.record(HOSTILE, numbered(20));
  for (const args of [['--width', '60'], ['--width', '100'], [], ['--json']]) {
    const { says, stdout } = follow(home, ['logs', '-f', ...args]);
    await says('\n');
    await says(args.length === 2 ? 'gpt-5-2026' : 'number-20-');
    expect(stdout()).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
  }
});

test('UNOROUTER_FORMAT decides how rows are printed', async () => {
  const { home } = await ledgerHome([]);
  const server = await startWatchedServer(home);
  server.record(numbered(1));
  const json = follow(home, ['logs', '-f'], { UNOROUTER_FORMAT: 'json' });
  await json.says('\n');
  expect(JSON.parse(json.stdout())).toEqual(exchangeJson(numbered(1)));
  const bad = follow(home, ['logs', '-f'], { UNOROUTER_FORMAT: 'xml' });
  expect([await bad.ended, bad.stderr()]).toEqual([2, expect.stringContaining('UNOROUTER_FORMAT is one of')]);
});

test('where nothing runs there is nothing to follow: exit 5', async () => {
  const { cli } = await ledgerHome([...SAMPLES]);
  const { code, stdout, stderr } = await cli(['logs', '-f']);
  expect([code, stdout]).toEqual([5, '']);
  expect(stderr).toContain('unorouter is not running');
});
