import type { Opaque, PivotEvent } from './events.ts';

type DeltaKind = 'text' | 'refusal' | 'reasoning' | 'tool-call';

interface Open {
  block: number;
  kind: DeltaKind;
}

/** What a tool call starts with. */
export interface ToolStart {
  id: string;
  name: string;
  kind: 'function' | 'custom' | 'server';
}

/**
 * Keeps the promise that a block that starts also ends, exactly once, and in an order that every protocol can say: text
 * and reasoning end when another kind begins; tool calls may run side by side. Keys are the wire's own (index, id).
 */
export interface Blocks {
  /** Text of a sequential block; opens it when it is not open. */
  delta(kind: 'text' | 'refusal' | 'reasoning', text: string): PivotEvent[];
  redacted(value: Opaque): PivotEvent[];
  /** An image, sound or file: a block in one event. */
  media(value: { mediaType: string; data: string }): PivotEvent[];
  startTool(key: string, start: ToolStart): PivotEvent[];
  /** Arguments; nothing when the call never started (the middle of a stream was left out). */
  toolDelta(key: string, text: string): PivotEvent[];
  endTool(key: string, signature?: Opaque): PivotEvent[];
  /** Ends the open text, refusal or reasoning block. A signature of thinking whose text was kept back is a reasoning block of its own. */
  endSequential(signature?: Opaque): PivotEvent[];
  endAll(): PivotEvent[];
  sawTools(): boolean;
}

/** Creates the lifecycle of one answer's blocks. */
export function createBlocks(): Blocks {
  let next = 0;
  let current: Open | null = null;
  const tools = new Map<string, Open>();
  let sawTools = false;

  function endSequential(signature?: Opaque): PivotEvent[] {
    if (signature && current?.kind !== 'reasoning') {
      const ended = endSequential();
      const block = next++;
      return [...ended, { type: 'reasoning-start', block }, { type: 'reasoning-end', block, signature }];
    }
    if (!current) return [];
    const { block, kind } = current;
    current = null;
    if (kind === 'reasoning') return [{ type: 'reasoning-end', block, ...(signature ? { signature } : {}) }];
    return [kind === 'refusal' ? { type: 'refusal-end', block } : { type: 'text-end', block }];
  }

  function endTool(key: string, signature?: Opaque): PivotEvent[] {
    const open = tools.get(key);
    tools.delete(key);
    return open ? [{ type: 'tool-call-end', block: open.block, ...(signature ? { signature } : {}) }] : [];
  }

  return {
    delta(kind, text) {
      if (text === '') return [];
      const events: PivotEvent[] = [];
      if (current?.kind !== kind) {
        events.push(...endSequential());
        current = { block: next++, kind };
        events.push({ type: `${kind}-start`, block: current.block });
      }
      events.push({ type: `${kind}-delta`, block: current.block, text });
      return events;
    },
    redacted(value) {
      const events = endSequential();
      const block = next++;
      return [
        ...events,
        { type: 'reasoning-start', block, redacted: value },
        { type: 'reasoning-end', block },
      ];
    },
    media: (value) => [...endSequential(), { type: 'media', block: next++, ...value }],
    startTool(key, start) {
      const events = [...endSequential(), ...endTool(key)];
      const block = next++;
      tools.set(key, { block, kind: 'tool-call' });
      if (start.kind !== 'server') sawTools = true;
      return [...events, { type: 'tool-call-start', block, ...start }];
    },
    toolDelta(key, text) {
      const open = tools.get(key);
      return open && text !== '' ? [{ type: 'tool-call-delta', block: open.block, text }] : [];
    },
    endTool,
    endSequential,
    endAll: () => [...endSequential(), ...[...tools.keys()].flatMap((key) => endTool(key))],
    sawTools: () => sawTools,
  };
}
