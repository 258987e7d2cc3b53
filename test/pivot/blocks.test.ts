import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Blocks, createBlocks, type PivotEvent } from '../../src/pivot/index.ts';
import { lifecycleFault } from '../support/lifecycle.ts';

const START = { id: 'a', name: 'x', kind: 'function' as const };

type Step = (blocks: Blocks) => PivotEvent[];
const key = fc.constantFrom('0', '1', '2');
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom('text' as const, 'refusal' as const, 'reasoning' as const), fc.string()).map(
    ([kind, text]): Step =>
      (blocks) =>
        blocks.delta(kind, text),
  ),
  key.map(
    (k): Step =>
      (blocks) =>
        blocks.startTool(k, START),
  ),
  fc.tuple(key, fc.string()).map(
    ([k, text]): Step =>
      (blocks) =>
        blocks.toolDelta(k, text),
  ),
  key.map(
    (k): Step =>
      (blocks) =>
        blocks.endTool(k),
  ),
  fc.option(fc.constant({ origin: 'o', value: 'v' }), { nil: undefined }).map(
    (signature): Step =>
      (blocks) =>
        blocks.endSequential(signature),
  ),
  fc.constant<Step>((blocks) => blocks.redacted({ origin: 'o', value: 'v' })),
  fc.constant<Step>((blocks) => blocks.media({ mediaType: 'image/png', data: '' })),
  fc.constant<Step>((blocks) => blocks.endAll()),
);

describe('the blocks of an answer', () => {
  it('start in order and end exactly once, whatever a decoder does', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30 }), (list) => {
        const blocks = createBlocks();
        const events = [
          ...list.flatMap((step) => step(blocks)),
          ...blocks.endAll(),
          { type: 'end' as const },
        ];
        expect(lifecycleFault(events)).toBeNull();
        expect(blocks.endAll()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('of text are one while the text goes on, and end where something else begins', () => {
    const blocks = createBlocks();
    const events = [
      ...blocks.delta('text', 'a'),
      ...blocks.delta('text', ''),
      ...blocks.delta('text', 'b'),
      ...blocks.delta('reasoning', 'c'),
    ];
    expect(events.map(({ type }) => type)).toEqual([
      'text-start',
      'text-delta',
      'text-delta',
      'text-end',
      'reasoning-start',
      'reasoning-delta',
    ]);
  });

  it('of thinking that was kept back are a signature and nothing else', () => {
    const blocks = createBlocks();
    const signature = { origin: 'o', value: 'v' };
    expect([...blocks.delta('text', 'a'), ...blocks.endSequential(signature)].slice(2)).toEqual([
      { type: 'text-end', block: 0 },
      { type: 'reasoning-start', block: 1 },
      { type: 'reasoning-end', block: 1, signature },
    ]);
  });

  it('know whether the client has tools to run: those that the server runs do not count', () => {
    const blocks = createBlocks();
    blocks.startTool('0', { ...START, kind: 'server' });
    expect(blocks.sawTools()).toBe(false);
    blocks.startTool('1', START);
    expect(blocks.sawTools()).toBe(true);
  });
});
