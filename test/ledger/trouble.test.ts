import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { openLedgerReader } from '../../src/ledger/index.ts';
import { openStore } from '../../src/ledger/store.ts';
import { exchange, opened } from './support/exchange-samples.ts';
import { ALL, type Bench, bench, recordAll } from './support/ledger.ts';

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `X${from + i}X`);
const PAGE = 4_096;

/** Another process that holds the file's write lock until it is let go. */
async function lockedElsewhere(file: string): Promise<() => Promise<void>> {
  const script = `
    const { DatabaseSync } = require('@photostructure/sqlite');
    const db = new DatabaseSync(${JSON.stringify(file)});
    db.exec('BEGIN EXCLUSIVE');
    process.stdin.once('data', () => process.exit());
    process.stdout.write('locked');`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data');
  return async () => {
    const gone = once(child, 'exit');
    child.stdin.write('go');
    await gone;
  };
}

/** A ledger with many rows that no process holds. */
async function filled({ open }: Bench, rows: number): Promise<void> {
  const ledger = open();
  recordAll(
    ledger,
    ids(0, rows).map((id) => exchange(id)),
  );
  await ledger.close();
}

function overwrite(file: string, position: number, bytes: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(bytes, 0xa5), 0, bytes, position);
  closeSync(handle);
}

function corruptFiles(dir: string): string[] {
  return readdirSync(dir).filter((name) => /^ledger\.corrupt-\d{8}T\d{9}Z$/.test(name));
}

test('rows wait while another process holds the lock and are written after', async () => {
  const desk = bench();
  const ledger = desk.open();
  await ledger.flush();
  const letGo = await lockedElsewhere(desk.file);
  recordAll(
    ledger,
    ids(0, 5).map((id) => exchange(id)),
  );
  await ledger.flush();
  expect(ledger.problems()).toEqual([expect.stringContaining('locked by another program')]);
  const reader = await desk.read();
  expect(reader.count(ALL)).toBe(0);
  await letGo();
  await expect.poll(() => reader.count(ALL), { interval: 5 }).toBe(5);
  await ledger.flush();
  expect(ledger.problems()).toEqual([]);
  expect(reader.todayTotals(0, Infinity).requests).toBe(5);
});

test('a ledger that is locked at the start is opened after', async () => {
  const desk = bench();
  await filled(desk, 1);
  const letGo = await lockedElsewhere(desk.file);
  const ledger = desk.open();
  ledger.open(opened(exchange('X9X')));
  await ledger.hears('locked by another program');
  await letGo();
  ledger.finish(exchange('X9X'));
  await expect.poll(async () => (await ledger.totals(0, Infinity))?.requests, { interval: 5 }).toBe(2);
  expect(ledger.problems()).toEqual([]);
});

test('a ledger of a newer version is left as it is, and nothing is recorded', async () => {
  const desk = bench();
  await filled(desk, 3);
  const db = new DatabaseSync(desk.file);
  db.exec('PRAGMA user_version = 999');
  db.close();
  const before = readFileSync(desk.file);
  const ledger = desk.open();
  recordAll(ledger, [exchange('X9X')]);
  await ledger.flush();
  recordAll(ledger, [exchange('X8X')]);
  expect(await ledger.totals(0, Infinity)).toBeNull();
  expect(ledger.problems()).toEqual([
    expect.stringContaining('schema 999 of a newer unorouter'),
    expect.stringContaining('2 requests were not recorded'),
  ]);
  await ledger.close();
  expect(readFileSync(desk.file).equals(before)).toBe(true);
  await expect(openLedgerReader(desk.file)).rejects.toMatchObject({ code: 'ledger_newer', exit: 1 });
});

test('a ledger with a broken header is moved aside whole and a new one is made', async () => {
  const desk = bench();
  await filled(desk, 3);
  overwrite(desk.file, 0, 100);
  const broken = readFileSync(desk.file);
  await expect(openLedgerReader(desk.file)).rejects.toMatchObject({
    code: 'ledger_corrupt',
    exit: 1,
    fix: [expect.stringContaining('{cmd} serve')],
  });
  const ledger = desk.open();
  recordAll(ledger, [exchange('X9X')]);
  await ledger.flush();
  const [aside = ''] = corruptFiles(desk.dir);
  expect(readFileSync(`${desk.dir}/${aside}`).equals(broken)).toBe(true);
  expect(ledger.problems()).toEqual([
    expect.stringContaining(aside),
    expect.stringContaining('0 requests could be read'),
  ]);
  expect((await desk.read()).exchanges(ALL)).toEqual([exchange('X9X')]);
});

test('rows that can be read in a damaged ledger are copied, with their attempts, and counted again', async () => {
  const desk = bench();
  await filled(desk, 500);
  const leaf = desk.sql(
    "SELECT pageno FROM dbstat WHERE name = 'exchange' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 5",
  )[0];
  overwrite(desk.file, (Number(leaf?.pageno) - 1) * PAGE, PAGE);
  const ledger = desk.open();
  await ledger.flush();
  const reader = await desk.read();
  const rows = reader.count(ALL);
  expect(rows).toBeGreaterThan(400);
  expect(rows).toBeLessThan(500);
  expect(reader.find('X0X')).toEqual([exchange('X0X')]);
  expect(reader.find('X499X')).toEqual([exchange('X499X')]);
  expect(reader.todayTotals(0, Infinity).requests).toBe(rows);
  expect(ledger.problems()).toEqual([
    expect.stringContaining('was damaged'),
    expect.stringContaining(`${rows} requests could be read`),
  ]);
});

test('a large ledger is read through at the start only when it was not closed properly', async () => {
  const desk = bench();
  await filled(desk, 500);
  const [leaf] = desk.sql("SELECT pageno FROM dbstat WHERE name = 'exchange' AND pagetype = 'leaf' LIMIT 1");
  overwrite(desk.file, (Number(leaf?.pageno) - 1) * PAGE, PAGE);
  expect(() => openStore(desk.file, 20)).toThrow('damaged');
  openStore(desk.file, 20, PAGE).close();
  // What SQLite leaves behind when a process is killed; this one holds nothing that it would take.
  writeFileSync(`${desk.file}-wal`, 'x');
  expect(() => openStore(desk.file, 20, PAGE)).toThrow('damaged');
});

test('noise at the second page and a file cut short are damage too', async () => {
  for (const damage of [
    (file: string) => overwrite(file, PAGE, PAGE),
    (file: string) => truncateSync(file, 3 * PAGE + 100),
  ]) {
    const desk = bench();
    await filled(desk, 100);
    damage(desk.file);
    const ledger = desk.open();
    recordAll(ledger, [exchange('X999X')]);
    await ledger.flush();
    expect(corruptFiles(desk.dir)).toHaveLength(1);
    expect((await desk.read()).find('X999X')).toEqual([exchange('X999X')]);
  }
});

test('a place that cannot be written holds nothing up, is said once, and recovers by itself', async () => {
  const desk = bench();
  mkdirSync(desk.file);
  const ledger = desk.open();
  recordAll(
    ledger,
    ids(0, 3).map((id) => exchange(id)),
  );
  await ledger.hears('cannot be written');
  await ledger.flush();
  expect(ledger.problems()).toHaveLength(1);
  expect(await ledger.totals(0, Infinity)).toBeNull();
  rmdirSync(desk.file);
  await expect.poll(() => ledger.problems(), { interval: 5 }).toEqual([]);
  expect((await desk.read()).count(ALL)).toBe(3);
  expect(ledger.heard).toHaveLength(1);
});

test.skipIf(process.getuid?.() === 0)('a read-only directory is such a place', async () => {
  const desk = bench();
  chmodSync(desk.dir, 0o555);
  onTestFinished(() => chmodSync(desk.dir, 0o755));
  const ledger = desk.open();
  await ledger.flush();
  expect(ledger.problems()).toEqual([expect.stringContaining('cannot be written')]);
});

test('what does not fit into the queue is dropped and counted, to the row', async () => {
  const desk = bench();
  mkdirSync(desk.file);
  const ledger = desk.open({ queueLimit: 4 });
  await ledger.hears('cannot be written');
  recordAll(
    ledger,
    ids(0, 10).map((id) => exchange(id)),
  );
  expect(ledger.problems()).toContainEqual(expect.stringContaining('6 requests were not recorded'));
  rmdirSync(desk.file);
  await ledger.flush();
  recordAll(
    ledger,
    ids(10, 12).map((id) => exchange(id)),
  );
  await ledger.flush();
  expect((await desk.read()).count(ALL)).toBe(12 - 6);
  expect(ledger.problems()).toEqual([expect.stringContaining('6 requests were not recorded')]);
  expect(ledger.heard.filter((text) => text.includes('not recorded'))).toHaveLength(1);
});

test('what the disk refuses to the end is counted at the close', async () => {
  const desk = bench();
  mkdirSync(desk.file);
  const ledger = desk.open();
  recordAll(
    ledger,
    ids(0, 3).map((id) => exchange(id)),
  );
  await ledger.close();
  expect(ledger.problems()).toContainEqual(expect.stringContaining('3 requests were not recorded'));
});

test('a worker that cannot start is a problem and no exception', async () => {
  const ledger = bench().open({ workerUrl: new URL('file:///nowhere/ledger-worker.cjs') });
  recordAll(ledger, [exchange('X1X')]);
  await ledger.flush();
  expect(ledger.problems()).toEqual([expect.stringContaining('takes no records')]);
  expect(await ledger.totals(0, Infinity)).toBeNull();
});

test('a ledger that is removed while in use is made again, and that is said', async () => {
  const desk = bench();
  const ledger = desk.open();
  recordAll(ledger, [exchange('X1X')]);
  await ledger.flush();
  rmSync(desk.file);
  recordAll(ledger, [exchange('X2X')]);
  await ledger.flush();
  expect((await desk.read()).exchanges(ALL)).toEqual([exchange('X2X')]);
  expect(ledger.problems()).toEqual([expect.stringContaining('was removed while it was in use')]);
});

test('an empty file is a new ledger', async () => {
  const desk = bench();
  writeFileSync(desk.file, '');
  expect(await openLedgerReader(desk.file)).toBeNull();
  const ledger = desk.open();
  recordAll(ledger, [exchange('X1X')]);
  await ledger.flush();
  expect((await desk.read()).count(ALL)).toBe(1);
});

test('a ledger that cannot be opened is told with a command that there is', async () => {
  const { file } = bench();
  mkdirSync(file);
  await expect(openLedgerReader(file)).rejects.toMatchObject({
    code: 'ledger_unwritable',
    exit: 1,
    fix: [expect.stringMatching(/^ls -ld /)],
  });
});
