import { describe, expect, test } from 'vitest';
import { exchange } from '../ledger/support/exchange-samples.ts';
import { startGateway } from '../support/cli.ts';
import { startTestServer } from '../support/server.ts';
import { ledgerHome } from './support/ledger-home.ts';

const DAY_MS = 86_400_000;
const ago = (days: number) => Date.now() - days * DAY_MS;

describe('logs export', () => {
  test('writes a JSON object a line, or a table that no spreadsheet runs', async () => {
    const { cli } = await ledgerHome([
      exchange('old', { time: ago(40) }),
      exchange('b', { time: ago(1), project: '=HYPERLINK("x")' }),
      exchange('a', { time: ago(2), outcome: 'open' }),
    ]);
    const lines = (await cli(['logs', 'export', '--since', '7d'])).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { id: 'b', usage: { input: 1_000 }, costNanoUsd: 1_234_567 },
    ]);
    const csv = (await cli(['logs', 'export', '--format', 'csv'])).stdout.trim().split('\r\n');
    expect(csv).toHaveLength(3);
    expect(csv[0]).toMatch(/^id,time,agent,project,/);
    expect(csv[1]).toMatch(/^old,/);
    expect(csv[2]).toContain(`"'=HYPERLINK(""x"")"`);
    const wrong = await cli(['logs', 'export', '--format', 'xml']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('one of jsonl, csv')]);
  });

  test('without a ledger is the head of a table, or nothing', async () => {
    const { cli } = await ledgerHome([]);
    expect((await cli(['logs', 'export'])).stdout).toBe('');
    expect((await cli(['logs', 'export', '--format', 'csv'])).stdout).toMatch(/^id,time,[^\n]*\r\n$/);
  });
});

describe('logs prune', () => {
  const rows = () => [
    exchange('old', { time: ago(100) }),
    exchange('mid', { time: ago(40) }),
    exchange('new', { time: ago(1) }),
  ];

  test('deletes nothing where nobody can be asked', async () => {
    const { cli } = await ledgerHome(rows());
    const { code, stderr } = await cli(['logs', 'prune', '--older-than', '30d']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('2 requests from before')]);
    expect(JSON.parse((await cli(['logs', '--json'])).stdout)).toHaveLength(3);
  });

  test('deletes what is older than log.keep, or than it is told; spend still knows what it cost', async () => {
    const { cli } = await ledgerHome(rows());
    const first = await cli(['logs', 'prune', '--yes', '--json']);
    expect(JSON.parse(first.stdout)).toMatchObject({ deleted: 1 });
    const second = await cli(['logs', 'prune', '--older-than', '30d', '-y']);
    expect(second.stdout).toMatch(
      /^Deleted 1 request from before \d{4}-\d\d-\d\d; sums keep what they cost\.\n$/,
    );
    expect(JSON.parse((await cli(['logs', '--json=id'])).stdout)).toEqual([{ id: 'new' }]);
    const spend = JSON.parse((await cli(['spend', '--since', '200d', '--json'])).stdout);
    expect(spend.total).toMatchObject({ requests: 3 });
  });

  test('lets the running server do it', async () => {
    const { home } = await ledgerHome(rows());
    home.writeConfig('log: { keep: 0 }\n');
    const gateway = await startGateway(home);
    const done = await gateway.cli(['logs', 'prune', '--older-than', '30d', '--yes']);
    expect(done.stdout).toContain('Deleted 2 requests');
    const unsaid = await gateway.cli(['logs', 'prune']);
    expect([unsaid.code, unsaid.stderr]).toEqual([2, expect.stringContaining('--older-than 90d')]);
    expect(await gateway.stop()).toBe(0);
  });
});

test('a server keeps requests as long as log.keep says, and no longer', async () => {
  const { home } = await ledgerHome([
    exchange('old', { time: ago(3) }),
    exchange('new', { time: Date.now() }),
  ]);
  const server = await startTestServer({ home, config: 'log: { keep: 2d }\n' });
  await expect.poll(async () => (await server.rows()).length).toBe(1);
  await server.server.stop('now');
});
