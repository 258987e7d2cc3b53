import type { Opaque, PivotEvent } from '../../pivot/index.ts';
import type { EncodeContext } from '../protocol.ts';
import { clientCall } from './calls.ts';
import {
  closingEvents,
  deltaOf,
  itemOf,
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
    const block = startedBlock(event);
    if (!block) return '';
    const index = count++;
    const at: OpenItem = {
      block,
      index,
      suffix: `${context.id}_${index}`,
      begun: block.type !== 'reasoning',
    };
    if (block.type === 'tool-call') at.call = clientCall(block, context.tools);
    open.set(event.block, at);
    const added = add(itemOf(at, false), index);
    return at.begun ? added + openingEvents(at, placeOf(at), send) : added;
  }

  function change({ block: number, text }: { block: number; text: string }): string {
    const at = open.get(number);
    if (!at || text === '') return '';
    const opening = at.begun ? '' : openingEvents(at, placeOf(at), send);
    at.begun = true;
    if (at.block.type === 'tool-call') at.block.arguments += text;
    else at.block.text += text;
    return at.call?.whole ? opening : opening + deltaOf(at, placeOf(at), text, send);
  }

  function close(number: number, signature?: Opaque): string {
    const at = open.get(number);
    if (!at) return '';
    open.delete(number);
    if (at.block.type === 'reasoning' && signature) at.block.signature = signature;
    const closed = closingEvents(at, placeOf(at), send) + done(itemOf(at, true), at.index);
    return at.block.type === 'tool-call' && signature ? closed + atOnce(sealOf(signature)) : closed;
  }

  return {
    push(event) {
      if (event.type === 'media') return event.data === undefined ? '' : atOnce(imageOf(event.data));
      if (event.type.endsWith('-start')) return begin(event);
      if ('text' in event) return change(event);
      if (!event.type.endsWith('-end')) return '';
      return close(event.block, 'signature' in event ? event.signature : undefined);
    },
    closeAll: () => [...open.keys()].map((number) => close(number)).join(''),
    items: () => output.filter((item) => item !== undefined),
  };
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
