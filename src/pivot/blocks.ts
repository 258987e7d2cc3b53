import { type Citation, codePoints } from './citation.ts';
import type { Opaque, PivotEvent } from './events.ts';
import type { TokenChoice } from './logprobs.ts';

type SequentialKind = 'text' | 'refusal' | 'reasoning';

interface Open {
  block: number;
  kind: SequentialKind;
  /** How much text stood before it. */
  from: number;
  /** Of text. */
  signature?: Opaque;
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
  delta(kind: SequentialKind, text: string, logprobs?: TokenChoice[]): PivotEvent[];
  /** More of the text that is open was told elsewhere. */
  more(text: string): void;
  redacted(value: Opaque): PivotEvent[];
  /** A source of the text that is open, else of the next: told right before that text ends, each once. */
  cite(citation: Citation): void;
  /** Gemini's signature of the text that is open; nothing without such a text. */
  signText(signature: Opaque): void;
  /** Code points of text so far, over all text blocks. */
  textLength(): number;
  /** An image, sound or file: a block in one event. */
  media(value: { mediaType: string; data?: string; url?: string }): PivotEvent[];
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
  const tools = new Map<string, number>();
  let sawTools = false;
  let length = 0;
  const cited = createPending();

  function endSequential(signature?: Opaque): PivotEvent[] {
    if (signature && current?.kind !== 'reasoning')
      return [...endSequential(), ...sealAlone(next++, signature)];
    if (!current) return [];
    const open = current;
    current = null;
    const { block, kind } = open;
    if (kind === 'reasoning') return [{ type: 'reasoning-end', block, ...(signature ? { signature } : {}) }];
    if (kind === 'refusal') return [{ type: 'refusal-end', block }];
    return [...cited.take(open, length), textEnd(open)];
  }

  function endTool(key: string, signature?: Opaque): PivotEvent[] {
    const block = tools.get(key);
    tools.delete(key);
    return block === undefined ? [] : [{ type: 'tool-call-end', block, ...(signature ? { signature } : {}) }];
  }

  function begin(kind: SequentialKind): PivotEvent[] {
    if (current?.kind === kind) return [];
    const ended = endSequential();
    const block = next++;
    current = { block, kind, from: length };
    return [...ended, { type: `${kind}-start`, block }];
  }

  function delta(kind: SequentialKind, text: string, logprobs: TokenChoice[] = []): PivotEvent[] {
    // Tokens without text belong to what is being said, or to nothing.
    if (text === '' && (logprobs.length === 0 || current?.kind !== kind)) return [];
    const begun = begin(kind);
    if (kind === 'text') length += codePoints(text);
    const probs = logprobs.length > 0 ? { logprobs } : {};
    return [...begun, { type: `${kind}-delta`, block: current?.block ?? 0, text, ...probs }];
  }

  return {
    delta,
    more(text) {
      length += codePoints(text);
    },
    cite: cited.add,
    signText(signature) {
      if (current?.kind === 'text') current.signature = signature;
    },
    textLength: () => length,
    redacted: (value) => [...endSequential(), ...redactedAlone(next++, value)],
    media: (value) => [...endSequential(), { type: 'media', block: next++, ...value }],
    startTool(key, start) {
      const events = [...endSequential(), ...endTool(key)];
      const block = next++;
      tools.set(key, block);
      if (start.kind !== 'server') sawTools = true;
      return [...events, { type: 'tool-call-start', block, ...start }];
    },
    toolDelta(key, text) {
      const block = tools.get(key);
      return block !== undefined && text !== '' ? [{ type: 'tool-call-delta', block, text }] : [];
    },
    endTool,
    endSequential,
    endAll: () => [
      // Sources that came behind the last text still want a place.
      ...(cited.waiting() && current?.kind !== 'text' ? begin('text') : []),
      ...endSequential(),
      ...[...tools.keys()].flatMap((key) => endTool(key)),
    ],
    sawTools: () => sawTools,
  };
}

/** A signature of thinking whose text was kept back. */
function sealAlone(block: number, signature: Opaque): PivotEvent[] {
  return [
    { type: 'reasoning-start', block },
    { type: 'reasoning-end', block, signature },
  ];
}

/** Thinking that only its provider can read. */
function redactedAlone(block: number, redacted: Opaque): PivotEvent[] {
  return [
    { type: 'reasoning-start', block, redacted },
    { type: 'reasoning-end', block },
  ];
}

function textEnd({ block, signature }: Open): PivotEvent {
  return { type: 'text-end', block, ...(signature ? { signature } : {}) };
}

/** Sources until the end of their text, each once. */
function createPending(): {
  add(citation: Citation): void;
  waiting(): boolean;
  /** Without a place of its own a source stands for the whole block, which ends at `end`. */
  take(open: Open, end: number): PivotEvent[];
} {
  let pending = new Map<string, Citation>();
  return {
    add(citation) {
      const key = JSON.stringify({ ...citation, native: undefined });
      if (!pending.has(key)) pending.set(key, citation);
    },
    waiting: () => pending.size > 0,
    take({ block, from }, end) {
      const whole = end > from ? { span: { start: from, end } } : {};
      const citations = [...pending.values()];
      pending = new Map();
      return citations.map((one) => ({ type: 'citation', block, citation: { ...whole, ...one } }));
    },
  };
}
