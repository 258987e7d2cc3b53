import { describe, expect, test } from 'vitest';
import { explain } from '../../src/cli/render/log/explain.ts';
import { createLook } from '../../src/cli/render/look.ts';
import type { CacheBreak } from '../../src/exchange.ts';
import { exchange, NOON } from '../ledger/support/exchange-samples.ts';
import { ledgerHome } from './support/ledger-home.ts';

const lost = (fields: Partial<CacheBreak> = {}): CacheBreak => ({
  part: 'tools',
  message: null,
  by: 'client',
  from: null,
  idleMs: 4_000,
  tokens: 80_402,
  costNanoUsd: 210_000_000,
  ...fields,
});

const { glyphs } = createLook({ width: 100, color: false, ascii: false });

test.each<[Partial<CacheBreak>, string]>([
  [{}, 'the client changed its tools · 80.4k tokens read anew, $0.21 more'],
  [{ part: 'system', costNanoUsd: null }, 'the client changed its system prompt · 80.4k tokens read anew'],
  [{ part: 'message', message: 12 }, 'the client changed message 12 · 80.4k tokens read anew, $0.21 more'],
  [{ part: 'model', from: 'a/b' }, 'the client asked for another model · 80.4k tokens read anew, $0.21 more'],
  [
    { part: 'model', by: 'route', from: 'a/b' },
    'sent here instead of a/b · 80.4k tokens read anew, $0.21 more',
  ],
  [
    { part: null, by: 'ttl', idleMs: 420_000 },
    'idle for 7m 00s, longer than it is kept · 80.4k tokens read anew, $0.21 more',
  ],
  [
    { part: null, by: 'provider' },
    'nothing changed, the provider did not find it · 80.4k tokens read anew, $0.21 more',
  ],
])('the live log says why a prompt cache was lost: %j', (fields, words) => {
  const x = exchange('x', { asked: 'gpt-5-2026', cacheBreak: lost(fields) });
  expect(explain(x, 'unorouter', glyphs)).toEqual([`prompt cache lost: ${words}`]);
});

describe('the past', () => {
  const rows = () => [
    exchange('one', { cacheBreak: lost() }),
    exchange('two', { cacheBreak: lost({ costNanoUsd: null, tokens: 1_000 }), time: NOON + 1 }),
    exchange('three', {
      cacheBreak: lost({ part: null, by: 'ttl', costNanoUsd: 900_000_000 }),
      time: NOON + 2,
    }),
    exchange('demo', { cacheBreak: lost(), demo: true, time: NOON + 3 }),
    exchange('four', { time: NOON + 4 }),
  ];

  test('logs show has it in both forms, and JSON in full', async () => {
    const { cli } = await ledgerHome(rows());
    const wide = (await cli(['logs', 'show', 'three', '--width', '100'])).stdout;
    expect(wide).toContain('Cache      lost: idle for 4.0s, longer than it is kept\n');
    const narrow = (await cli(['logs', 'show', 'one', '--width', '60'])).stdout;
    expect(narrow).toContain(
      'cache   lost: the client changed its tools\n        80.4k tokens read anew, $0.21 more\n',
    );
    const json = JSON.parse((await cli(['logs', '--json=id,cacheBreak'])).stdout);
    expect(json.at(-1)).toEqual({ id: 'one', cacheBreak: lost() });
    expect(json[0]).toEqual({ id: 'four', cacheBreak: null });
  });

  test('spend --cache adds it up by cause, without the demo', async () => {
    const { cli } = await ledgerHome(rows());
    const since = ['--since', '2026-03-01', '--until', '2026-03-31'];
    const { stdout } = await cli(['spend', '--cache', ...since, '--width', '100']);
    expect(stdout).toMatchInlineSnapshot(`
      "PROMPT CACHE LOST               REQ READ ANEW COST MORE
      idle for longer than it is kept   1     80.4k     $0.90
      the client changed its tools      2     81.4k $0.21 + ?
      "
    `);
    expect(JSON.parse((await cli(['spend', '--cache', ...since, '--json'])).stdout)).toEqual([
      { part: null, by: 'ttl', requests: 1, tokens: 80_402, costNanoUsd: 900_000_000, unpriced: 0 },
      { part: 'tools', by: 'client', requests: 2, tokens: 81_402, costNanoUsd: 210_000_000, unpriced: 1 },
    ]);
    expect((await cli(['spend', '--cache', ...since, '--csv'])).stdout).toBe(
      'part,by,requests,tokens,costNanoUsd,unpriced\r\n,ttl,1,80402,900000000,0\r\ntools,client,2,81402,210000000,1\r\n',
    );
    const narrow = (await cli(['spend', '--cache', ...since, '--width', '40'])).stdout;
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    const none = await cli(['spend', '--cache', '--since', 'today']);
    expect([none.stdout, none.stderr]).toEqual(['', expect.stringContaining('No prompt cache was lost')]);
  });
});
