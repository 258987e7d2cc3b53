import {
  asObject,
  type CollectedBlock,
  knownTool,
  type Opaque,
  type PivotEvent,
  parseJson,
  sealText,
} from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import type { EncodeContext } from '../protocol.ts';
import { writeCitation } from './citations.ts';

const FAMILY = 'anthropic';

/**
 * The signature of thinking that nobody signed. Some clients take no thinking without one, others forget the text and the
 * provider wants it back; `unsealText` reads it as nothing.
 */
const UNSIGNED: Opaque = { origin: 'none', value: '' };

/** One event of the stream. */
export function send(type: string, fields: Record<string, unknown>): string {
  return frame({ type, ...fields }, type);
}

type Json = Record<string, unknown>;
type BlockEvent = PivotEvent & { block: number };

/** Writes the events of blocks. Indexes are given in the order of heads. */
interface BlockWriter {
  /** Empty for blocks that the wire cannot say. */
  head(event: BlockEvent): string;
  piece(event: BlockEvent): string;
  /** A source of the text. */
  citation(event: BlockEvent & { type: 'citation' }): string;
  /** The last pieces of a block and its end. */
  tail(block: number, event?: BlockEvent): string;
  media(event: BlockEvent & { type: 'media' }): string;
}

interface Open {
  index: number;
  kind: 'text' | 'thinking' | 'redacted' | 'call' | 'custom';
  /** What a custom tool was told so far: its text goes out whole, as JSON. */
  text: string;
}

/** Creates the writer of one answer's blocks. */
export function createBlockWriter(context: EncodeContext): BlockWriter {
  const open = new Map<number, Open>();
  let next = 0;

  function head(event: BlockEvent): string {
    const start = startOf(event, `toolu_${context.id}_${next}`, context);
    if (!start) return '';
    const index = next++;
    open.set(event.block, { index, kind: start.kind, text: '' });
    return send('content_block_start', { index, content_block: start.block });
  }

  function piece(event: BlockEvent): string {
    const one = open.get(event.block);
    if (!one || !('text' in event) || event.text === '') return '';
    if (one.kind === 'custom') one.text += event.text;
    const write = PIECES[one.kind];
    return write ? send('content_block_delta', { index: one.index, delta: write(event.text) }) : '';
  }

  function citation(event: BlockEvent & { type: 'citation' }): string {
    const one = open.get(event.block);
    const said = one?.kind === 'text' ? writeCitation(event.citation) : undefined;
    const delta = { type: 'citations_delta', citation: said };
    return one && said ? send('content_block_delta', { index: one.index, delta }) : '';
  }

  function tail(block: number, event?: BlockEvent): string {
    const one = open.get(block);
    if (!one) return '';
    open.delete(block);
    const delta = lastDelta(one, event);
    const { index } = one;
    return (
      (delta ? send('content_block_delta', { index, delta }) : '') + send('content_block_stop', { index })
    );
  }

  function media({ url }: BlockEvent & { type: 'media' }): string {
    if (url === undefined) return '';
    const index = next++;
    const delta = { type: 'text_delta', text: url };
    return (
      send('content_block_start', { index, content_block: { type: 'text', text: '' } }) +
      send('content_block_delta', { index, delta }) +
      send('content_block_stop', { index })
    );
  }

  return { head, piece, citation, tail, media };
}

const PIECES: Record<Open['kind'], ((text: string) => Json) | null> = {
  text: (text) => ({ type: 'text_delta', text }),
  thinking: (thinking) => ({ type: 'thinking_delta', thinking }),
  call: (text) => ({ type: 'input_json_delta', partial_json: text }),
  redacted: null,
  custom: null,
};

/** What must be said right before a block ends: the seal of thinking is the last of its block. */
function lastDelta({ kind, text }: Open, event: BlockEvent | undefined): Json | null {
  if (kind === 'custom') return { type: 'input_json_delta', partial_json: JSON.stringify({ input: text }) };
  if (kind !== 'thinking') return null;
  const signature = event?.type === 'reasoning-end' ? event.signature : undefined;
  return { type: 'signature_delta', signature: sealText(signature ?? UNSIGNED, FAMILY) };
}

function startOf(
  event: BlockEvent,
  fallbackId: string,
  context: EncodeContext,
): { kind: Open['kind']; block: Json } | null {
  if (event.type === 'text-start' || event.type === 'refusal-start')
    return { kind: 'text', block: { type: 'text', text: '' } };
  if (event.type === 'reasoning-start')
    return event.redacted
      ? { kind: 'redacted', block: redacted(event.redacted) }
      : { kind: 'thinking', block: { type: 'thinking', thinking: '', signature: '' } };
  if (event.type !== 'tool-call-start' || event.kind === 'server') return null;
  const name = nameOf(event.name, context);
  return {
    kind: event.kind === 'custom' ? 'custom' : 'call',
    block: { type: 'tool_use', id: event.id || fallbackId, name, input: {} },
  };
}

function redacted(opaque: Opaque): Json {
  return { type: 'redacted_thinking', data: sealText(opaque, FAMILY) };
}

/** The name as the client knows the tool: other wires take shorter and plainer ones. */
function nameOf(name: string, { tools }: EncodeContext): string {
  return knownTool(tools, name)?.name ?? name;
}

/** A block of a whole answer. */
export function wholeBlock(block: CollectedBlock, fallbackId: string, context: EncodeContext): Json[] {
  if (block.type === 'refusal') return block.text === '' ? [] : [{ type: 'text', text: block.text }];
  if (block.type === 'text') return wholeText(block);
  if (block.type === 'reasoning') {
    if (block.redacted) return [redacted(block.redacted)];
    const signature = sealText(block.signature ?? UNSIGNED, FAMILY);
    return [{ type: 'thinking', thinking: block.text, signature }];
  }
  // Answers on this wire hold no pictures and no sound, but a link says where they are. The relay tells of the loss.
  if (block.type === 'media') return block.url === undefined ? [] : [{ type: 'text', text: block.url }];
  if (block.type !== 'tool-call' || block.kind === 'server') return [];
  const input = block.kind === 'custom' ? { input: block.arguments } : asObject(parseJson(block.arguments));
  return [{ type: 'tool_use', id: block.id || fallbackId, name: nameOf(block.name, context), input }];
}

function wholeText({ text, citations }: CollectedBlock & { type: 'text' }): Json[] {
  const said = citations.flatMap((one) => writeCitation(one) ?? []);
  if (said.length > 0) return [{ type: 'text', text, citations: said }];
  return text === '' ? [] : [{ type: 'text', text }];
}
