import { describe, expect, it } from 'vitest';
import { createLook } from '../../src/cli/render/index.ts';
import { shownBy } from '../../src/cli/render/log/choice.ts';
import { createLinePrinter, type LineFormat } from '../../src/cli/render/log/line-printer.ts';
import { exchange, opened } from '../ledger/support/exchange-samples.ts';
import { NOW, noKey, PICTURE, served } from './support/log.ts';

function printer(format: LineFormat, width = Number.POSITIVE_INFINITY) {
  const out = { text: '', backlog: 0, dropped: [] as number[] };
  const log = createLinePrinter({
    fields: [],
    format,
    screen: {
      write: (text) => {
        out.text += text;
      },
    },
    backlog: () => out.backlog,
    look: createLook({ width, color: false, ascii: false }),
    utc: true,
    prefix: 'unorouter',
    now: () => NOW,
    served,
    show: shownBy('requests'),
    onDropped: (lines) => out.dropped.push(lines),
  });
  return { out, log };
}

describe('the log of lines', () => {
  it('writes one logfmt line for each finished request and none for open ones', () => {
    const { out, log } = printer('logfmt');
    const x = exchange('01ABC', { model: 'a model "with" \u001b[1m', time: NOW });
    log.event({ type: 'open', exchange: opened(x) });
    log.event({ type: 'update', exchange: opened(x) });
    log.event({ type: 'finish', exchange: x });
    expect(out.text).toBe(
      'id=01ABC time=2026-11-22T14:03:30.000Z agent=codex project=api session=session-1 protocol=openai-responses ' +
        'endpoint=generate stream=true asked=gpt-5 served="openai/a model \\"with\\" \\x1b[1m" rule=default status=200 ' +
        'outcome=ok usage_source=reported cost_nano_usd=1234567 cost_state=exact ' +
        'price_source="genai-prices openai/gpt-5 2026-03-01" ttft_ms=420 total_ms=2100 attempts=1 demo=false ' +
        'input=1000 cache_read=800 output=50\n',
    );
  });

  it('says the rule of a row, also where the model is the one that was asked for', () => {
    const { out, log } = printer('plain');
    log.event({ type: 'finish', exchange: exchange('01ABC', { model: 'gpt-5', rule: 'private' }) });
    expect(out.text).toMatch(/\n +↳ rule "private"\n$/);
    log.event({ type: 'finish', exchange: exchange('01ABD', { rule: 'private', asked: 'fast' }) });
    expect(out.text).toMatch(/\n +↳ asked fast · rule "private"\n$/);
  });

  it('writes JSON Lines with every key', () => {
    const { out, log } = printer('json');
    for (const x of PICTURE) log.event({ type: 'finish', exchange: x });
    const lines = out.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(PICTURE.length);
    expect(new Set(lines.map((line) => Object.keys(line).join())).size).toBe(1);
    expect(lines[0]).toMatchObject({ served: 'anthropic/claude-opus-4-5', usage: { cacheRead: 118_022 } });
  });

  it('cuts nothing in plain rows, and prints every repeat', () => {
    const { out, log } = printer('plain');
    const long = `model-${'x'.repeat(80)}`;
    log.event({ type: 'finish', exchange: exchange('1', { asked: long, model: long }) });
    log.event({ type: 'finish', exchange: noKey('2', '14:03:22') });
    log.event({ type: 'finish', exchange: noKey('3', '14:03:22') });
    expect(out.text).toContain(long);
    expect(out.text.match(/^TIME/gm)).toHaveLength(1);
    expect(out.text.match(/gemini-2\.5-pro/g)).toHaveLength(2);
    expect(out.text).not.toContain('\u001b');
  });

  it('leaves lines out, and says how many, while nobody reads', () => {
    const { out, log } = printer('logfmt');
    out.backlog = 100 * 1024 * 1024;
    for (const x of PICTURE) log.event({ type: 'finish', exchange: x });
    expect(out.text).toBe('');
    out.backlog = 0;
    log.event({ type: 'finish', exchange: exchange('next') });
    expect(out.dropped).toEqual([PICTURE.length]);
    expect(out.text).toContain('id=next');
  });
});
