import {
  appendLogprobs,
  type Citation,
  codePoints,
  type Opaque,
  type PivotEvent,
} from '../../pivot/index.ts';
import type { EncodeContext } from '../protocol.ts';
import { clientCall } from './calls.ts';
import { annotationOf } from './citations.ts';
import {
  closingEvents,
  deltaOf,
  itemOf,
  type More,
  type OpenItem,
  openingEvents,
  type Send,
  startedBlock,
} from './parts.ts';
import { sealReasoning } from './seal.ts';
import type { Json } from './wire.ts';

/** The output items of an answer: announced, filled, done. */
export interface Output {
  /** One event of a block, as the client is told. */
  push(event: PivotEvent & { block: number }): string;
  closeAll(): string;
  /** The items that are done, in their order. */
  items(): Json[];
}

/** Starts the output of an answer. */
export function createOutput(context: Pick<EncodeContext, 'id' | 'tools'>, send: Send): Output {
  const open = new Map<number, OpenItem>();
  const output: (Json | undefined)[] = [];
  let count = 0;
  /** Code points of text so far. */
  let told = 0;

  function placeOf(at: OpenItem): Json {
    return { item_id: String(itemOf(at, false).id), output_index: at.index };
  }

  function add(item: Json, index: number): string {
    return send('response.output_item.added', { output_index: index, item });
  }

  function done(item: Json, index: number): string {
    output[index] = item;
    return send('response.output_item.done', { output_index: index, item });
  }

  /** An item that has no parts to tell one by one. */
  function atOnce(make: (suffix: string) => Json): string {
    const index = count++;
    const item = make(`${context.id}_${index}`);
    return add(item, index) + done(item, index);
  }

  function begin(event: PivotEvent & { block: number }): string {
    const at = openItem(event, { index: count, from: told }, context);
    if (!at) return '';
    count++;
    open.set(event.block, at);
    const added = add(itemOf(at, false), at.index);
    return at.begun ? added + openingEvents(at, placeOf(at), send) : added;
  }

  function change({ block: number, ...more }: More & { block: number }): string {
    const at = open.get(number);
    if (!at || (more.text === '' && !more.logprobs)) return '';
    const opening = at.begun ? '' : openingEvents(at, placeOf(at), send);
    at.begun = true;
    told += grow(at.block, more);
    return at.call?.whole ? opening : opening + deltaOf(at, placeOf(at), more, send);
  }

  function cite({ block, citation }: PivotEvent & { type: 'citation' }): string {
    const at = open.get(block);
    const said = at && annotate(at, citation);
    return said ? send('response.output_text.annotation.added', { ...placeOf(at), ...said }) : '';
  }

  /** A picture that lies elsewhere has no item: its address is text. */
  function linked({ block, url }: PivotEvent & { type: 'media' }): string {
    const before = told;
    const item = begin({ type: 'text-start', block }) + change({ block, text: url ?? '' }) + close(block);
    told = before;
    return item;
  }

  function close(number: number, signature?: Opaque): string {
    const at = open.get(number);
    if (!at) return '';
    open.delete(number);
    if (at.block.type === 'reasoning' && signature) at.block.signature = signature;
    const closed = closingEvents(at, placeOf(at), send) + done(itemOf(at, true), at.index);
    return at.block.type === 'tool-call' && signature ? closed + atOnce(sealOf(signature)) : closed;
  }

  function media(event: PivotEvent & { type: 'media' }): string {
    if (event.data === undefined) return linked(event);
    return event.mediaType.startsWith('image/') ? atOnce(imageOf(event.data)) : '';
  }

  return {
    push(event) {
      if (event.type === 'media') return media(event);
      if (event.type === 'citation') return cite(event);
      if (event.type.endsWith('-start')) return begin(event);
      if ('text' in event) return change(event);
      if (!event.type.endsWith('-end')) return '';
      return close(event.block, 'signature' in event ? event.signature : undefined);
    },
    closeAll: () => [...open.keys()].map((number) => close(number)).join(''),
    items: () => output.filter((item) => item !== undefined),
  };
}

/** Adds to a block. Returns how much text that was, in code points. */
function grow(block: OpenItem['block'], { text, logprobs = [] }: More): number {
  if (block.type === 'tool-call') block.arguments += text;
  else block.text += text;
  if (block.type !== 'text') return 0;
  if (logprobs.length > 0) appendLogprobs(block, logprobs);
  return codePoints(text);
}

function openItem(
  event: PivotEvent & { block: number },
  place: { index: number; from: number },
  context: Pick<EncodeContext, 'id' | 'tools'>,
): OpenItem | null {
  const block = startedBlock(event);
  if (!block) return null;
  const at: OpenItem = {
    block,
    ...place,
    suffix: `${context.id}_${place.index}`,
    begun: block.type !== 'reasoning',
  };
  if (block.type === 'tool-call') at.call = clientCall(block, context.tools);
  return at;
}

/** Puts a source to its text. Returns what the event says of it; null = it has no name on this wire. */
function annotate({ block, from }: OpenItem, citation: Citation): Json | null {
  const annotation = annotationOf(citation, from);
  if (block.type !== 'text' || !annotation) return null;
  const annotation_index = block.citations.push(citation) - 1;
  return { content_index: 0, annotation_index, annotation };
}

/** The signature of the call before it, which calls have no field for on this wire. */
function sealOf(signature: Opaque): (suffix: string) => Json {
  return (suffix) => ({
    id: `rs_${suffix}`,
    type: 'reasoning',
    summary: [],
    encrypted_content: sealReasoning(signature, 'call'),
  });
}

function imageOf(data: string): (suffix: string) => Json {
  return (suffix) => ({
    id: `ig_${suffix}`,
    type: 'image_generation_call',
    status: 'completed',
    result: data,
  });
}
