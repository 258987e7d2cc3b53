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
  return new Lifecycle();
}

class Lifecycle implements Blocks {
  private next = 0;
  private current: Open | null = null;
  /** Blocks of the calls that are open; most answers call nothing and cite nothing. */
  private tools: Map<string, number> | null = null;
  private anyTools = false;
  private length = 0;
  /** Sources until the end of their text. */
  private pending: Map<string, Citation> | null = null;

  delta(kind: SequentialKind, text: string, logprobs: TokenChoice[] = []): PivotEvent[] {
    // Tokens without text belong to what is being said, or to nothing.
    if (text === '' && (logprobs.length === 0 || this.current?.kind !== kind)) return [];
    const begun = this.begin(kind);
    if (kind === 'text') this.length += codePoints(text);
    const probs = logprobs.length > 0 ? { logprobs } : {};
    return [...begun, { type: `${kind}-delta`, block: this.current?.block ?? 0, text, ...probs }];
  }

  more(text: string): void {
    this.length += codePoints(text);
  }

  cite(citation: Citation): void {
    const key = JSON.stringify({ ...citation, native: undefined });
    this.pending ??= new Map();
    if (!this.pending.has(key)) this.pending.set(key, citation);
  }

  signText(signature: Opaque): void {
    if (this.current?.kind === 'text') this.current.signature = signature;
  }

  textLength(): number {
    return this.length;
  }

  redacted(value: Opaque): PivotEvent[] {
    return [...this.endSequential(), ...redactedAlone(this.next++, value)];
  }

  media(value: { mediaType: string; data?: string; url?: string }): PivotEvent[] {
    return [...this.endSequential(), { type: 'media', block: this.next++, ...value }];
  }

  startTool(key: string, start: ToolStart): PivotEvent[] {
    const events = [...this.endSequential(), ...this.endTool(key)];
    const block = this.next++;
    this.tools ??= new Map();
    this.tools.set(key, block);
    if (start.kind !== 'server') this.anyTools = true;
    return [...events, { type: 'tool-call-start', block, ...start }];
  }

  toolDelta(key: string, text: string): PivotEvent[] {
    const block = this.tools?.get(key);
    return block !== undefined && text !== '' ? [{ type: 'tool-call-delta', block, text }] : [];
  }

  endTool(key: string, signature?: Opaque): PivotEvent[] {
    const block = this.tools?.get(key);
    this.tools?.delete(key);
    return block === undefined ? [] : [{ type: 'tool-call-end', block, ...(signature ? { signature } : {}) }];
  }

  endSequential(signature?: Opaque): PivotEvent[] {
    const open = this.current;
    if (signature && open?.kind !== 'reasoning')
      return [...this.endSequential(), ...sealAlone(this.next++, signature)];
    if (!open) return [];
    this.current = null;
    const { block, kind } = open;
    if (kind === 'reasoning') return [{ type: 'reasoning-end', block, ...(signature ? { signature } : {}) }];
    if (kind === 'refusal') return [{ type: 'refusal-end', block }];
    return [...this.citations(open), textEnd(open)];
  }

  endAll(): PivotEvent[] {
    // Sources that came behind the last text still want a place.
    const begun = this.pending && this.current?.kind !== 'text' ? this.begin('text') : [];
    const ended = this.endSequential();
    const calls = this.tools ? [...this.tools.keys()].flatMap((key) => this.endTool(key)) : [];
    return [...begun, ...ended, ...calls];
  }

  sawTools(): boolean {
    return this.anyTools;
  }

  private begin(kind: SequentialKind): PivotEvent[] {
    if (this.current?.kind === kind) return [];
    const ended = this.endSequential();
    const block = this.next++;
    this.current = { block, kind, from: this.length };
    return [...ended, { type: `${kind}-start`, block }];
  }

  /** The sources of a text that ends. Without a place of its own a source stands for the whole block. */
  private citations({ block, from }: Open): PivotEvent[] {
    if (!this.pending) return [];
    const whole = this.length > from ? { span: { start: from, end: this.length } } : {};
    const citations = [...this.pending.values()];
    this.pending = null;
    return citations.map((one) => ({ type: 'citation', block, citation: { ...whole, ...one } }));
  }
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
