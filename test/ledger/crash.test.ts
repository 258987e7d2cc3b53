import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { exchange, opened } from './support/exchange-samples.ts';
import { ALL, type Bench, bench } from './support/ledger.ts';

/** A child that records into the bench's ledger; its lines of output are awaited by `says`. `shell` runs before it. */
async function recorder({ dir, file }: Bench, finished: number, open: number, shell = '') {
  const script = `${dir}/recorder.mjs`;
  await build({
    entryPoints: [fileURLToPath(new URL('./support/recorder-child.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  const args = [
    script,
    file,
    fileURLToPath(new URL('../../dist/ledger-worker.cjs', import.meta.url)),
    `${finished}`,
    `${open}`,
  ];
  const child = spawn('sh', ['-c', `${shell}exec "$0" "$@"`, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, says: listener(child) };
}

function listener(child: ChildProcess): (words: string) => Promise<void> {
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout ?? process.stdin });
  output.on('line', (line) => lines.push(line));
  return async (words) => {
    while (!lines.some((line) => line.includes(words))) await once(output, 'line');
  };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

test('after kill -9 every flushed row is there and what was open is interrupted', async () => {
  const desk = bench();
  const { child, says } = await recorder(desk, 200, 3);
  await says('going on');
  await kill(child);

  const before = await desk.read(); // Nothing runs: the reader meets the dead process's log.
  expect(before.find('F').length).toBe(200);
  expect(before.find('F0F')).toEqual([exchange('F0F')]);
  expect(before.count({ ...ALL, status: 'open' })).toBe(3);
  expect(before.find('L').length).toBeGreaterThanOrEqual(50);
  before.close();

  const ledger = desk.open();
  await ledger.flush();
  const after = await desk.read();
  expect(after.count({ ...ALL, status: 'open' })).toBe(0);
  expect(after.find('O1O')).toEqual([
    { ...opened(exchange('O1O')), outcome: 'interrupted', usage: { output: 33 }, usageSource: 'partial' },
  ]);
  expect(desk.sql('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  const rows = after.count(ALL);
  expect(after.todayTotals(0, Infinity)).toMatchObject({ requests: rows, errors: 3, unpriced: 3 });
  expect(ledger.problems()).toEqual([]);
});

test('a reader sees what a running server has flushed', async () => {
  const desk = bench();
  const { says } = await recorder(desk, 20, 1);
  await says('going on');
  const reader = await desk.read();
  expect(reader.find('F')).toHaveLength(20);
  expect(reader.find('O')).toMatchObject([{ outcome: 'open' }]);
});

test.skipIf(spawnSync('prlimit', ['--version']).status !== 0)(
  'when no byte more can be written rows wait, and are written when there is room again',
  async () => {
    const desk = bench();
    const { child, says } = await recorder(desk, 2_000, 0, 'ulimit -S -f 300; ');
    await says('problem: ');
    await says('waiting');
    execFileSync('prlimit', ['--pid', `${child.pid}`, '--fsize=unlimited:unlimited']);
    await says('recovered');
    const reader = await desk.read();
    expect(reader.find('F1999F')).toEqual([exchange('F1999F')]);
    expect(reader.count({ ...ALL, grep: 'F' })).toBe(2_000);
    expect(reader.todayTotals(0, Infinity).requests).toBe(reader.count(ALL));
    expect(desk.sql('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  },
);
