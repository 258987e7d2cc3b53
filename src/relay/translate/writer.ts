import type { PivotEvent } from '../../pivot/index.ts';
import type { Encoder } from '../../protocols/protocol.ts';

/** An encoder whose deltas of text are written from what they have in common (0.2 us against 2 us). */
export interface Writer {
  push(event: PivotEvent): string;
  /** A delta of a text behind another one of the same block. */
  more(event: PivotEvent, text: string): string;
}

/** Creates one. */
export function createWriter(encoder: Encoder): Writer {
  let mould: { head: string; tail: string } | null = null;
  return {
    push(event) {
      mould = null;
      return encoder.push(event);
    },
    more(event, text) {
      const json = JSON.stringify(text);
      if (mould) return mould.head + json + mould.tail;
      const written = encoder.push(event);
      if (encoder.steady) mould = mouldOf(written, json);
      return written;
    },
  };
}

/** What stands around a string that stands there once. */
function mouldOf(written: string, json: string): { head: string; tail: string } | null {
  const at = written.indexOf(json);
  if (at < 0 || written.indexOf(json, at + 1) >= 0) return null;
  return { head: written.slice(0, at), tail: written.slice(at + json.length) };
}
