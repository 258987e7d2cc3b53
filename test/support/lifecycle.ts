import type { PivotEvent } from '../../src/pivot/index.ts';

const LAST: ReadonlySet<PivotEvent['type']> = new Set<PivotEvent['type']>(['end', 'truncated']);

function partOf(type: string): { kind: string; part: string } {
  const at = type.lastIndexOf('-');
  return { kind: type.slice(0, at), part: type.slice(at + 1) };
}

/** What is wrong with an answer's events by the promises of `pivot`: null = nothing. */
export function lifecycleFault(events: readonly PivotEvent[]): string | null {
  const open = new Map<number, string>();
  const used = new Set<number>();
  let next = 0;
  for (const [i, event] of events.entries()) {
    if (LAST.has(event.type) !== (i === events.length - 1))
      return `${event.type} at ${i} of ${events.length}`;
    if (!('block' in event)) continue;
    const { kind, part } = event.type === 'citation' ? { kind: 'text', part: '' } : partOf(event.type);
    if (event.type === 'media' || part === 'start') {
      if (used.has(event.block) || event.block !== next++) return `block ${event.block} starts out of order`;
      used.add(event.block);
      if (part === 'start') open.set(event.block, kind);
    } else if (open.get(event.block) !== kind) {
      return `${event.type} of block ${event.block}, which is ${open.get(event.block) ?? 'not open'}`;
    }
    if (part === 'end') open.delete(event.block);
    if ('text' in event && typeof event.text !== 'string') return `${event.type} without text`;
  }
  return open.size === 0 ? null : `blocks ${[...open.keys()]} never end`;
}
