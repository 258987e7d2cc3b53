import { createParser } from 'eventsource-parser';
import type { Frame } from './protocols/protocol.ts';

/** Cuts an upstream's bytes into frames. Any chunking gives the same frames. */
export interface FrameParser {
  push(chunk: Uint8Array): Frame[];
  /** The bytes are over: gives a last event even without its blank line, if it is whole. */
  end(): Frame[];
}

/**
 * A parser for Server-Sent Events (WHATWG HTML 9.2) and for Gemini's JSON-array stream, told apart by the first
 * character that is not white space. Invalid UTF-8 becomes U+FFFD; a byte order mark is dropped.
 */
export function createFrameParser(): FrameParser {
  const decoder = new TextDecoder('utf-8');
  let inner: { text(text: string): Frame[]; end(): Frame[] } | null = null;
  let leading = '';

  function feed(text: string): Frame[] {
    if (inner) return inner.text(text);
    leading += text;
    const first = leading.trimStart()[0];
    if (first === undefined) return [];
    inner = first === '[' ? createArrayParser() : createEventParser();
    const all = leading;
    leading = '';
    return inner.text(all);
  }

  return {
    push: (chunk) => feed(decoder.decode(chunk, { stream: true })),
    end() {
      const frames = feed(decoder.decode());
      return inner ? [...frames, ...inner.end()] : frames;
    },
  };
}

function createEventParser(): { text(text: string): Frame[]; end(): Frame[] } {
  let frames: Frame[] = [];
  const parser = createParser({
    onEvent({ event, data }) {
      frames.push(event === undefined ? { data } : { event, data });
    },
    onError(error) {
      // Some servers write `error: {...}` as if it were an SSE field.
      if (error.type === 'unknown-field' && error.field === 'error')
        frames.push({ event: 'error', data: error.value ?? '' });
    },
  });
  const take = (): Frame[] => {
    const taken = frames;
    frames = [];
    return taken;
  };
  return {
    text(text) {
      parser.feed(text);
      return take();
    },
    end() {
      parser.feed('\n\n');
      // What broke off in the middle of an event is no event: the stream is cut, not malformed.
      return take().filter(({ data }) => isWhole(data));
    },
  };
}

function isWhole(data: string): boolean {
  if (data.trim() === '[DONE]') return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}

const OPENING: ReadonlySet<string> = new Set(['{', '[']);
const CLOSING: ReadonlySet<string> = new Set(['}', ']']);

/** Top-level elements of a JSON array, each as a frame. Looks at every character once. */
function createArrayParser(): { text(text: string): Frame[]; end(): Frame[] } {
  let parts: string[] = [];
  let depth = 0;
  let inString = false;
  let escaped = false;

  function inText(c: string): void {
    if (escaped) escaped = false;
    else if (c === '\\') escaped = true;
    else if (c === '"') inString = false;
  }

  /** Notes one character; true when it closes an element. */
  function closes(c: string): boolean {
    if (inString) inText(c);
    else if (c === '"') inString = true;
    else if (OPENING.has(c)) depth++;
    else if (CLOSING.has(c)) return --depth === 1;
    return false;
  }

  return {
    text(text) {
      const frames: Frame[] = [];
      let from = depth >= 2 ? 0 : -1;
      for (let i = 0; i < text.length; i++) {
        const before = depth;
        const closed = closes(text[i] ?? '');
        if (before === 1 && depth === 2) from = i;
        if (!closed || from < 0) continue;
        frames.push({ data: parts.join('') + text.slice(from, i + 1) });
        parts = [];
        from = -1;
      }
      if (from >= 0) parts.push(text.slice(from));
      return frames;
    },
    end: () => [],
  };
}
