import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { temporaryHome } from '../support/cli.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// Rows 66 to 68 of the fault table, as clients and users see them; what the ledger does then: test/ledger/trouble.test.ts.

let gateway: TestServer | undefined;
afterEach(() => gateway?.close());

const echo = { model: 'demo/echo', messages: [{ role: 'user', content: 'hi' }] };

/** A home with a ledger file that a test may spoil before the server starts. */
function homeWithLedger(spoil: (db: DatabaseSyncInstance) => void) {
  const home = temporaryHome();
  const state = join(home.dir, 'state');
  mkdirSync(state, { mode: 0o700 });
  const file = join(state, 'ledger.sqlite');
  const db = new DatabaseSync(file);
  spoil(db);
  db.close();
  return { home, file };
}

it('68 a ledger of a newer program is left alone: requests are served, and it is said', async () => {
  const { home, file } = homeWithLedger((db) => db.exec('CREATE TABLE t (x); PRAGMA user_version = 999'));
  const before = readFileSync(file);
  gateway = await startTestServer({ home });
  expect((await gateway.post('/v1/chat/completions', echo)).status).toBe(200);
  await gateway.noticed('of a newer unorouter');
  await expect
    .poll(() => gateway?.server.status().problems, { timeout: 5_000 })
    .toEqual([
      expect.stringContaining('left untouched and nothing is recorded'),
      expect.stringContaining('1 request was not recorded'),
    ]);
  expect(readFileSync(file).equals(before)).toBe(true);
});

it('67 a ledger that is noise is moved aside: requests are served and recorded, and it is said', async () => {
  const { home, file } = homeWithLedger((db) => db.exec('CREATE TABLE t (x)'));
  writeFileSync(file, Buffer.alloc(8_192, 0xa5));
  gateway = await startTestServer({ home });
  expect((await gateway.post('/v1/chat/completions', echo)).status).toBe(200);
  await gateway.noticed('The ledger was damaged and is now');
  expect(await gateway.rows()).toMatchObject([{ asked: 'demo/echo', outcome: 'ok' }]);
});

it('66 a ledger that another process locks stops no request; the rows are written after', async () => {
  const running = await startTestServer();
  gateway = running;
  const file = join(running.home.dir, 'state', 'ledger.sqlite');
  const script = `
    const { DatabaseSync } = require('@photostructure/sqlite');
    new DatabaseSync(${JSON.stringify(file)}).exec('BEGIN EXCLUSIVE');
    process.stdin.once('data', () => process.exit());
    process.stdout.write('locked');`;
  const other = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void other.kill());
  await once(other.stdout, 'data');
  for (let i = 0; i < 5; i++) expect((await running.post('/v1/chat/completions', echo)).status).toBe(200);
  await running.noticed('locked by another program');
  other.stdin.write('go');
  await expect.poll(async () => (await running.rows()).length, { timeout: 10_000 }).toBe(5);
  expect(running.server.status().problems).toEqual([]);
});
