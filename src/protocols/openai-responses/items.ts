import { asText } from '../../pivot/index.ts';
import type { WireEvent, WireItem } from './wire.ts';

/** One output item while its events come. */
export interface Item {
  /** Unique within the answer. */
  key: string;
  /** Its tool call was opened. */
  started: boolean;
  /** Its deltas were seen: its end repeats nothing. */
  told: boolean;
  /** Another part of its text begins: what comes next is a new paragraph. */
  paragraph: boolean;
  /** How much of the answer's text stood before its own; known once it has some. */
  from?: number;
  done: boolean;
}

/** The output items of one answer. Events name theirs by place, by id, or not at all; ids may change from event to event. */
export interface Items {
  of(event: WireEvent): Item;
  /** The item in the last response's list; undefined when events without any name may have told it. */
  ofOutput(item: WireItem, index: number): Item | undefined;
}

/** Keeps them. */
export function createItems(): Items {
  const byPlace = new Map<number, Item>();
  const byId = new Map<string, Item>();
  let count = 0;
  let nameless: Item | undefined;

  function create(index: number | undefined, id: string | undefined): Item {
    const item: Item = { key: `item-${count++}`, started: false, told: false, paragraph: false, done: false };
    if (index !== undefined) byPlace.set(index, item);
    if (id !== undefined) byId.set(id, item);
    return item;
  }

  return {
    of(event) {
      const index = typeof event.output_index === 'number' ? event.output_index : undefined;
      const id = asText(event.item_id) ?? asText(event.item?.id);
      if (index === undefined && id === undefined) {
        if (!nameless || nameless.done) nameless = create(undefined, undefined);
        return nameless;
      }
      const known = index === undefined ? byId.get(id ?? '') : byPlace.get(index);
      return known ?? create(index, id);
    },
    ofOutput(item, index) {
      const id = asText(item.id);
      const known = (id === undefined ? undefined : byId.get(id)) ?? byPlace.get(index);
      return known ?? (nameless ? undefined : create(index, id));
    },
  };
}
