import type { PivotEvent } from '../pivot/index.ts';
import type { Run } from '../sse.ts';
import { contentsOf, countEnd, lengthOf, standsAt, stringEnd } from './json-text.ts';

/**
 * Most frames of a stream differ from the one before in their text only. Such a frame is JSON as surely as the one that
 * was parsed, and says as much: to know how long its text is, it need not be parsed, not even cut out of its bytes
 * (0.3 us against 4 us).
 */
export interface Alike {
  /** Characters of the text of a frame that says nothing else; -1 = it must be parsed. */
  textLength(run: Run, from: number, end: number): number;
  /** What such a frame says; null = it must be parsed. */
  event(run: Run, from: number, end: number): TextEvent | null;
  /** A frame was parsed and said this. */
  parsed(run: Run, from: number, end: number, events: readonly PivotEvent[]): void;
}

/** An event that says some text. */
export type TextEvent = Extract<PivotEvent, { text: string }>;

/** What frames have in common, and what may differ. Texts are Latin-1. */
interface Mould {
  head: string;
  holes: { kind: Hole; behind: string }[];
}

type Hole = 'text' | 'padding' | 'number';

/** A hole as it was filled in one frame. */
interface Filled {
  kind: Hole;
  from: number;
  to: number;
}

/**
 * Members that no decoder reads: padding that hides the length of what was said (OpenAI, Mistral), and the numbers of the
 * events (Responses).
 */
const UNREAD = /"(?:obfuscation|p)":"|"sequence_number":/g;

const ENDS: Record<Hole, (text: string, from: number) => number> = {
  text: stringEnd,
  padding: stringEnd,
  number: countEnd,
};

/** Creates the memory of one stream's last frame. */
export function createAlike(): Alike {
  return new LastFrame();
}

class LastFrame implements Alike {
  private last: { mould: Mould; said: TextEvent } | null = null;

  textLength({ text, valid }: Run, from: number, end: number): number {
    if (!this.last || !valid) return -1;
    const at = textIn(this.last.mould, text, from, end);
    return at ? lengthOf(text, at.from, at.to) : -1;
  }

  event(run: Run, from: number, end: number): TextEvent | null {
    if (!this.last || !run.valid) return null;
    const at = textIn(this.last.mould, run.text, from, end);
    return at && { ...this.last.said, text: contentsOf(run.string(at.from, at.to)) };
  }

  parsed({ bytes, valid }: Run, from: number, end: number, [said, ...more]: readonly PivotEvent[]): void {
    this.last = null;
    if (!valid || !said || more.length > 0 || !('text' in said) || said.text === '') return;
    // From the bytes: a slice of the run's text would keep all of it as long as the stream lasts.
    const mould = mouldOf(bytes.toString('latin1', from, end), Buffer.from(said.text).toString('latin1'));
    if (mould) this.last = { mould, said };
  }
}

/** Where the text of a frame stands that is cast in this mould; null = it is not, or says nothing. */
function textIn(
  { head, holes }: Mould,
  text: string,
  from: number,
  end: number,
): { from: number; to: number } | null {
  if (!standsAt(text, head, from)) return null;
  let at = from + head.length;
  let found: { from: number; to: number } | null = null;
  for (const { kind, behind } of holes) {
    const to = ENDS[kind](text, at);
    if (to < 0 || !standsAt(text, behind, to)) return null;
    if (kind === 'text' && to > at) found = { from: at, to };
    at = to + behind.length;
  }
  return at === end ? found : null;
}

function mouldOf(frame: string, said: string): Mould | null {
  // Without escapes a string stands in the frame as it is; where it stands once, it is the text.
  const quoted = `"${said}"`;
  const at = frame.includes('\\') ? -1 : frame.indexOf(quoted);
  if (at < 0 || frame.indexOf(quoted, at + 1) >= 0) return null;
  const filled: Filled[] = [{ kind: 'text', from: at + 1, to: at + 1 + said.length }, ...unreadIn(frame)];
  filled.sort((a, b) => a.from - b.from);
  const [first] = filled;
  return {
    head: frame.slice(0, first?.from),
    holes: filled.map(({ kind, to }, i) => ({ kind, behind: frame.slice(to, filled[i + 1]?.from) })),
  };
}

function unreadIn(frame: string): Filled[] {
  return [...frame.matchAll(UNREAD)].flatMap(({ index, 0: name }) => {
    const kind: Hole = name.endsWith('"') ? 'padding' : 'number';
    const from = index + name.length;
    const to = ENDS[kind](frame, from);
    return to < 0 ? [] : [{ kind, from, to }];
  });
}
