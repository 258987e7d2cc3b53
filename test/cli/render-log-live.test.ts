import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exchange } from '../ledger/support/exchange-samples.ts';
import { at, logOnTerminal, NOW, noKey, OPEN, PICTURE } from './support/log.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const soon = (): void => void vi.advanceTimersByTime(200);

function picture(columns: number, ascii = false): string {
  const on = logOnTerminal(columns, { ascii });
  for (const x of OPEN) on.open(x);
  on.finish(...PICTURE);
  vi.setSystemTime(NOW - 1_000);
  soon();
  expect(on.terminal.overflows()).toBe(0);
  return on.text();
}

describe('the live log', () => {
  it('draws the picture of the interface on 100 columns', () => {
    expect(picture(100)).toMatchInlineSnapshot(`
      "TIME     AGENT    MODEL                    ST    IN CACHED   OUT   RSN    COST  TTFT TOTAL TOK/S TRY
      14:02:11 claude   claude-opus-4-5         200  121k   118k  1.2k   640 $0.1039 0.84s 12.4s   104 1
      14:02:13 claude   openrouter/glm-4.6      200 18.4k      0   310     – $0.0079 0.61s  4.1s    89 1
                        ↳ asked claude-haiku-4-5 · rule "alias fast"
      14:02:31 codex    gpt-5-codex             200 88.1k  80.4k  2.1k  1.4k $0.0407 1.92s 24.0s    95 2r
                        ↳ attempt 1: openai 429 rate limit, waited 1.2s
      14:03:02 cline    openrouter/claude-sonn… 200 48.2k  41.0k   820     – $0.0462 2.10s 11.8s    85 2f
                        ↳ asked claude-sonnet-4-5 · anthropic 529 overloaded → openrouter
      14:03:15 opencode acme/llama-4-mav        200  6.2k      0   233     –       ? 0.52s  3.0s    94 1
                        ↳ no price for acme/llama-4-mav · fix: unorouter models price acme/llama-4-mav --…
      14:03:22 gemini   gemini-2.5-pro          400     –      –     –     –       –     –  0.0s     – 0
                        ↳ no key for google · fix: unorouter keys add google
      14:03:24 claude   claude-opus-4-5         ▸▸▸  123k   121k   418    96 ~$0.081 0.79s  5.0s    99 1
      14:03:26 codex    gpt-5-codex               ▸ 91.0k      –     –     –       –     –  3.0s     – 1
      ────────────────────────────────────────────────────────────────────────────────────────────────────
      today $4.82 · 212 requests · prompt cache 71% · 2 live"
    `);
  });

  it('draws it on 60 columns with fewer of them', () => {
    expect(picture(60)).toMatchInlineSnapshot(`
      "TIME  MODEL                  ST    IN   OUT    COST TOTAL
      14:02 claude-opus-4-5       200  121k  1.2k $0.1039 12.4s
      14:02 openrouter/glm-4.6    200 18.4k   310 $0.0079  4.1s
            ↳ asked claude-haiku-4-5 · rule "alias fast"
      14:02 gpt-5-codex           200 88.1k  2.1k $0.0407 24.0s 2r
            ↳ attempt 1: openai 429 rate limit, waited 1.2s
      14:03 openrouter/claude-so… 200 48.2k   820 $0.0462 11.8s 2f
            ↳ asked claude-sonnet-4-5 · anthropic 529 overloaded …
      14:03 acme/llama-4-mav      200  6.2k   233       ?  3.0s
            ↳ no price for acme/llama-4-mav · fix: unorouter mode…
      14:03 gemini-2.5-pro        400     –     –       –  0.0s
            ↳ no key for google · fix: unorouter keys add google
      14:03 claude-opus-4-5       ▸▸▸  123k   418 ~$0.081  5.0s
      14:03 gpt-5-codex             ▸ 91.0k     –       –  3.0s
      ────────────────────────────────────────────────────────────
      today $4.82 · 212 requests · prompt cache 71% · 2 live"
    `);
  });

  it('draws it in ASCII', () => {
    expect(picture(60, true)).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it.each([30, 47, 60, 79, 80, 81, 100, 132, 200])('never draws beyond %i columns', (columns) => {
    const on = logOnTerminal(columns);
    const wide = exchange('w', {
      asked: '通义千问-最大-指令-模型-版本-二',
      provider: 'acme',
      model: '通义千问-最大-指令-模型-版本-二',
    });
    on.problems.push(
      'not recording: disk full, and this sentence is longer than many terminals are wide, by some words',
    );
    on.today.unpriced = 1_234;
    on.open({ ...wide, id: 'v', outcome: 'open' });
    on.finish(...PICTURE, wide);
    soon();
    expect(on.terminal.overflows()).toBe(0);
    const lines = on.text().split('\n');
    expect(lines.at(-3)).toBe('─'.repeat(columns));
    expect(lines.at(-4)).toContain('▸');
    expect(lines.filter((line) => line.startsWith('▲'))).toHaveLength(1);
  });

  it('prints a finished row once and never touches it again', () => {
    const on = logOnTerminal(100);
    const [first, second] = PICTURE;
    if (!first || !second) throw new Error('no picture');
    on.finish(first);
    soon();
    const row = on.text().split('\n')[1];
    on.finish(second);
    soon();
    expect(on.text().split('\n')[1]).toBe(row);
    expect(on.text().match(/claude-opus-4-5/g)).toHaveLength(1);
  });

  it('replaces a live row by its finished one', () => {
    const on = logOnTerminal(100);
    const [streaming] = OPEN;
    if (!streaming) throw new Error('no row');
    on.open(streaming);
    soon();
    expect(on.text()).toContain('▸▸▸');
    expect(on.text()).toContain('1 live');
    on.finish({ ...streaming, outcome: 'ok', status: 200, totalMs: 5_000 });
    soon();
    expect(on.text()).not.toContain('▸');
    expect(on.text()).not.toContain('live');
  });

  it('collapses more than six live rows', () => {
    const on = logOnTerminal(100);
    for (let i = 0; i < 9; i++) on.open({ ...(OPEN[1] ?? exchange('x')), id: `live-${i}` });
    soon();
    expect(on.text().match(/gpt-5-codex/g)).toHaveLength(6);
    expect(on.text()).toContain('\n+3 more live\n');
    expect(on.text()).toContain('9 live');
  });

  it('draws ten times a second at most, whatever happens', () => {
    const on = logOnTerminal(100);
    soon();
    const before = on.writes();
    for (let ms = 0; ms < 1_000; ms++) {
      on.update({ ...(OPEN[0] ?? exchange('x')), usage: { output: ms } });
      vi.advanceTimersByTime(1);
    }
    expect(on.writes() - before).toBeGreaterThan(5);
    expect(on.writes() - before).toBeLessThanOrEqual(11);
  });

  it('counts a waiting row up once a second, and rests when none is live', () => {
    const on = logOnTerminal(100);
    const [, waiting] = OPEN;
    if (!waiting) throw new Error('no row');
    on.open(waiting);
    soon();
    expect(on.text()).toContain('4.0s');
    const drawn = on.writes();
    vi.advanceTimersByTime(5_000);
    expect(on.text()).toContain('9.0s');
    expect(on.writes() - drawn).toBe(5);
    on.finish({ ...waiting, outcome: 'client_aborted', totalMs: 9_200 });
    soon();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('prints a header again when the width changes, and every forty rows', () => {
    const on = logOnTerminal(100);
    for (let i = 0; i < 41; i++) on.finish(exchange(`row-${i}`));
    soon();
    expect(on.text().match(/^TIME/gm)).toHaveLength(2);
    on.terminal.columns = 60;
    on.log.resized();
    on.finish(exchange('after'));
    soon();
    expect(on.text().match(/^TIME/gm)).toHaveLength(3);
  });

  it('lets notices stand above the live rows', () => {
    const on = logOnTerminal(100);
    for (const x of OPEN) on.open(x);
    soon();
    on.log.above(() => on.terminal.write('config.yaml reloaded\n'));
    const lines = on.text().split('\n');
    expect(lines[1]).toBe('config.yaml reloaded');
    expect(lines.slice(2).join('\n')).toContain('2 live');
    expect(on.text().match(/2 live/g)).toHaveLength(1);
  });

  it('leaves what a shell wrote meanwhile alone', () => {
    const on = logOnTerminal(100);
    for (const x of OPEN) on.open(x);
    soon();
    on.terminal.write('$ ls\nfile.txt\n$ fg\n');
    on.log.resumed();
    soon();
    expect(on.text()).toContain('$ ls\nfile.txt\n$ fg\n');
    expect(on.text().endsWith('2 live')).toBe(true);
  });

  it('counts repeats of an error instead of printing them', () => {
    const on = logOnTerminal(60);
    for (let i = 0; i < 6; i++) {
      on.finish(noKey(`n${i}`, '14:03:22'));
      vi.advanceTimersByTime(400);
    }
    vi.advanceTimersByTime(3_000);
    expect(on.text().match(/gemini-2\.5-pro/g)).toHaveLength(1);
    expect(on.text()).toContain('↳ 6 requests in 2.0s · no key for google · fix: unoro…');
    on.finish(noKey('later', '14:03:50'));
    soon();
    expect(on.text().match(/gemini-2\.5-pro/g)).toHaveLength(2);
  });

  it('tells of a client that never stops trying every ten seconds', () => {
    const on = logOnTerminal(100);
    for (let i = 0; i < 30; i++) {
      on.finish(noKey(`n${i}`, '14:03:22'));
      vi.advanceTimersByTime(1_000);
    }
    expect(on.text().match(/10 requests in 9\.0s/g)).toHaveLength(2);
  });

  it('hides token counts unless all is asked for', () => {
    const counting = exchange('c', {
      endpoint: 'count-tokens',
      asked: 'claude-opus-4-5',
      model: 'claude-opus-4-5',
    });
    const usual = logOnTerminal(100);
    usual.open({ ...counting, outcome: 'open' });
    usual.finish(counting);
    const all = logOnTerminal(100, { choice: 'all' });
    all.finish(counting);
    soon();
    expect(usual.text()).not.toContain('claude-opus');
    expect(all.text()).toContain('claude-opus-4-5');
  });

  it('shows only what failed with errors', () => {
    const on = logOnTerminal(100, { choice: 'errors' });
    for (const x of OPEN) on.open(x);
    on.finish(...PICTURE);
    soon();
    expect(on.text()).toContain('gemini-2.5-pro');
    expect(on.text()).not.toContain('glm-4.6');
    expect(on.text()).not.toContain('▸');
  });

  it('tells of trouble and demo requests at the bottom', () => {
    const on = logOnTerminal(60);
    on.problems.push('not recording: disk full', 'budget is read but not applied by this version');
    on.counts.demo = 3;
    on.today.unpriced = 2;
    on.today.estimated = 1;
    soon();
    expect(on.text()).toMatchInlineSnapshot(`
      "────────────────────────────────────────────────────────────
      today ~$4.82 + 2 unpriced · 212 requests · 3 demo
      ▲ not recording: disk full (+1 more)"
    `);
  });

  it('says demo where the cost would stand', () => {
    const on = logOnTerminal(100);
    on.finish(
      exchange('d', {
        demo: true,
        provider: 'demo',
        model: 'echo',
        asked: 'demo/echo',
        cost: { nanoUsd: 4_500, state: 'demo', source: 'demo' },
      }),
    );
    soon();
    expect(on.text()).toMatch(/demo\/echo .* demo /);
  });

  it('obeys no control characters of models', () => {
    const on = logOnTerminal(100);
    on.finish(
      exchange('e', {
        asked: '\u001b[2Jgone',
        model: '\u001b[2Jgone',
        errorMessage: 'x\u202ey',
        outcome: 'error',
      }),
    );
    soon();
    expect(on.text()).toContain('\\x1b[2Jgone');
    expect(on.text()).toContain('x\\u{202e}y');
  });

  it('prints what it holds back when it ends, and takes the rest away', () => {
    const on = logOnTerminal(100);
    for (const x of OPEN) on.open(x);
    soon();
    on.finish(noKey('a', '14:03:22'), noKey('b', '14:03:23'), exchange('z', { time: at('14:03:40') }));
    on.log.end();
    expect(on.text()).toContain('14:03:40');
    expect(on.text()).toContain('2 requests in');
    expect(on.text()).not.toContain('today');
    expect(on.text()).not.toContain('▸');
    const drawn = on.writes();
    on.finish(exchange('too late'));
    soon();
    expect(on.writes()).toBe(drawn);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops drawing when drawing fails, and throws at nobody', () => {
    const broken: unknown[] = [];
    const on = logOnTerminal(100, { onBroken: (error) => broken.push(error) });
    on.finish(exchange('unreadable', { time: Number.NaN }));
    soon();
    on.finish(exchange('fine'));
    soon();
    expect(broken).toHaveLength(1);
    expect(on.text()).not.toContain('gpt-5');
    expect(vi.getTimerCount()).toBe(0);
  });
});
