import type { Citation } from './citation.ts';
import type { FinishReason, Opaque, PivotError, PivotEvent } from './events.ts';
import type { TokenChoice } from './logprobs.ts';
import type { Usage } from './usage.ts';

/** One block of a whole answer. */
export type CollectedBlock =
  | { type: 'text'; text: string; citations: Citation[]; signature?: Opaque; logprobs?: TokenChoice[] }
  | { type: 'refusal'; text: string; logprobs?: TokenChoice[] }
  | { type: 'reasoning'; text: string; signature?: Opaque; redacted?: Opaque }
  | {
      type: 'tool-call';
      id: string;
      name: string;
      kind: 'function' | 'custom' | 'server';
      arguments: string;
      signature?: Opaque;
    }
  | { type: 'media'; mediaType: string; data?: string; url?: string };

/** An answer's events put together. */
export interface Collected {
  id?: string;
  model?: string;
  blocks: CollectedBlock[];
  usage: Usage;
  finish: FinishReason | null;
  rawFinish: string | null;
  error: PivotError | null;
  truncated: boolean;
}

/** One by one: an answer has a probability for each of its tokens, and copies of what is there would cost their square. */
export function appendLogprobs(block: { logprobs?: TokenChoice[] }, more: readonly TokenChoice[]): void {
  block.logprobs ??= [];
  for (const one of more) block.logprobs.push(one);
}

/** Adds a text-like event to its block. */
function addText(
  blocks: Map<number, CollectedBlock>,
  event: { block: number; text: string; logprobs?: TokenChoice[] },
): void {
  const block = blocks.get(event.block);
  if (!block || block.type === 'media') return;
  if (block.type === 'tool-call') block.arguments += event.text;
  else block.text += event.text;
  if (event.logprobs && (block.type === 'text' || block.type === 'refusal'))
    appendLogprobs(block, event.logprobs);
}

type Adder = (into: Collected, blocks: Map<number, CollectedBlock>, event: PivotEvent) => void;

function on<T extends PivotEvent['type']>(
  types: T[],
  add: (
    into: Collected,
    blocks: Map<number, CollectedBlock>,
    event: Extract<PivotEvent, { type: T }>,
  ) => void,
): [PivotEvent['type'], Adder][] {
  return types.map((type) => [type, add as Adder]);
}

const ADDERS: ReadonlyMap<PivotEvent['type'], Adder> = new Map([
  ...on(['start'], (into, _blocks, event) => {
    if (event.id !== undefined) into.id = event.id;
    if (event.model !== undefined) into.model = event.model;
  }),
  ...on(['text-start'], (_into, blocks, { block }) =>
    blocks.set(block, { type: 'text', text: '', citations: [] }),
  ),
  ...on(['refusal-start'], (_into, blocks, event) => blocks.set(event.block, { type: 'refusal', text: '' })),
  ...on(['reasoning-start'], (_into, blocks, event) =>
    blocks.set(event.block, {
      type: 'reasoning',
      text: '',
      ...(event.redacted ? { redacted: event.redacted } : {}),
    }),
  ),
  ...on(['tool-call-start'], (_into, blocks, { block, id, name, kind }) =>
    blocks.set(block, { type: 'tool-call', id, name, kind, arguments: '' }),
  ),
  ...on(['text-delta', 'refusal-delta', 'reasoning-delta', 'tool-call-delta'], (_into, blocks, event) =>
    addText(blocks, event),
  ),
  ...on(['text-end'], (_into, blocks, event) => {
    const block = blocks.get(event.block);
    if (block?.type === 'text' && event.signature) block.signature = event.signature;
  }),
  ...on(['reasoning-end'], (_into, blocks, event) => {
    const block = blocks.get(event.block);
    if (block?.type === 'reasoning' && event.signature) block.signature = event.signature;
  }),
  ...on(['tool-call-end'], (_into, blocks, event) => {
    const block = blocks.get(event.block);
    if (block?.type === 'tool-call' && event.signature) block.signature = event.signature;
  }),
  ...on(['media'], (_into, blocks, { type: _type, block, ...media }) =>
    blocks.set(block, { type: 'media', ...media }),
  ),
  ...on(['citation'], (_into, blocks, event) => {
    const block = blocks.get(event.block);
    if (block?.type === 'text') block.citations.push(event.citation);
  }),
  ...on(['usage'], (into, _blocks, event) => {
    into.usage = { ...into.usage, ...event.usage };
  }),
  ...on(['finish'], (into, _blocks, event) => {
    into.finish = event.reason;
    into.rawFinish = event.raw;
  }),
  ...on(['error'], (into, _blocks, event) => {
    into.error ??= event.error;
  }),
  ...on(['truncated'], (into) => {
    into.truncated = true;
  }),
]);

/** Puts an answer together while its events come. */
export interface Collector {
  add(event: PivotEvent): void;
  /** So far. */
  collected(): Collected;
}

/** Creates one. */
export function createCollector(): Collector {
  const blocks = new Map<number, CollectedBlock>();
  const into: Collected = {
    blocks: [],
    usage: {},
    finish: null,
    rawFinish: null,
    error: null,
    truncated: false,
  };
  return {
    add: (event) => ADDERS.get(event.type)?.(into, blocks, event),
    collected: () => ({
      ...into,
      blocks: [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block),
    }),
  };
}

/** Puts an answer's events together: what a client that does not stream gets. */
export function collect(events: readonly PivotEvent[]): Collected {
  const collector = createCollector();
  for (const event of events) collector.add(event);
  return collector.collected();
}
