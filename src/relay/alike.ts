import type { PivotEvent } from '../pivot/index.ts';
import type { Frame } from '../protocols/protocol.ts';

/** What does not stand for itself in a JSON string: its end, escapes, and what JSON forbids. */
const NOT_LITERAL = /["\\\p{Cc}]/u;

/**
 * Most frames of a stream differ from the one before in their text only. Such a frame is JSON as surely as the one that
 * was parsed, and says as much: to know how long its text is, it need not be parsed again.
 */
export interface Alike {
  /** The length of the text of a frame that says nothing else; -1 = it must be parsed. */
  textLength(frame: Frame): number;
  /** A frame was parsed and said this. */
  parsed(frame: Frame, events: readonly PivotEvent[]): void;
}

/** Creates the memory of one stream's last frame. */
export function createAlike(): Alike {
  let before = '';
  let behind = '';
  let name: string | undefined;
  return {
    textLength({ event, data }) {
      if (before === '' || event !== name || !data.startsWith(before) || !data.endsWith(behind)) return -1;
      const length = data.length - before.length - behind.length;
      return length > 0 && !NOT_LITERAL.test(data.slice(before.length, before.length + length)) ? length : -1;
    },
    parsed({ event, data }, events) {
      before = '';
      const [said] = events;
      if (events.length !== 1 || !said || !('text' in said) || data.includes('\\')) return;
      // Without escapes a string stands in the data as it is; where it stands once, it is the text.
      const quoted = `"${said.text}"`;
      const at = data.indexOf(quoted);
      if (at < 0 || said.text === '' || data.indexOf(quoted, at + 1) >= 0) return;
      name = event;
      before = data.slice(0, at + 1);
      behind = data.slice(at + quoted.length - 1);
    },
  };
}
