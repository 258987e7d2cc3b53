import { isMap, isNode, isSeq, type Node, type YAMLSeq } from 'yaml';
import { childOf, pairOf } from '../place.ts';
import {
  afterColon,
  endOf,
  endOfLine,
  indentStep,
  isBlock,
  isUnsaid,
  lineEndOf,
  nextLine,
  startOfLine,
} from './anatomy.ts';
import {
  type Path,
  parsed,
  refusal,
  type Splice,
  spliced,
  valueAt,
  withoutValue,
  withValue,
} from './data.ts';
import { inlineText } from './render.ts';
import { setIn } from './set.ts';

type Entry = Readonly<Record<string, unknown>>;

/** An entry as lines: `- name: x` and its other keys below, each value on one line. */
function entryText(entry: Entry, indent: number, eol: string): string {
  return Object.entries(entry)
    .map(([key, value], i) => `${' '.repeat(indent)}${i === 0 ? '- ' : '  '}${key}: ${inlineText(value)}`)
    .join(eol);
}

/** The entries of a list; one that is not there has none. */
function entriesAt(data: unknown, path: Path): unknown[] {
  const value = valueAt(data, path) ?? [];
  if (Array.isArray(value)) return value;
  throw refusal(path, `${path.join('.')} is not a list`);
}

/** Where the dash of an entry stands. */
function dashOf(list: YAMLSeq, index: number): number | undefined {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return undefined;
  return token.items[index]?.start.find(({ type }) => type === 'seq-item-ind')?.offset;
}

const columnOf = (source: string, offset: number): number => offset - startOfLine(source, offset);

/** The lines of an entry. Comments directly above belong to it, but above the first one they are about the list. */
function linesOf(source: string, list: YAMLSeq, index: number, path: Path): { start: number; end: number } {
  const dash = dashOf(list, index);
  const item = list.items[index];
  if (dash === undefined || !isNode(item)) throw refusal(path, ONLY_A_PERSON);
  let start = startOfLine(source, dash);
  while (index > 0 && start > 0) {
    const above = startOfLine(source, start - 1);
    if (!/^[ \t]*#/.test(source.slice(above, start))) break;
    start = above;
  }
  return { start, end: nextLine(source, endOf(source, item)) };
}

const ONLY_A_PERSON = 'the lines there are written in a way that only a person can edit';

/** The list as it stands in the file. */
function listAt(root: unknown, path: Path): Node | undefined {
  return path.reduce<Node | undefined>((node, key) => childOf(node, key), isNode(root) ? root : undefined);
}

/** One line of `[ ]` is written anew; more of them may hold comments. */
function rewritten(source: string, list: YAMLSeq, path: Path, entries: readonly unknown[]): string {
  const [start = 0, end = 0] = list.range ?? [];
  if (source.slice(start, end).includes('\n')) throw refusal(path, ONLY_A_PERSON);
  return setIn(source, path, entries);
}

/** The first entry of a list that says nothing yet: `routes:` or `routes: []`. */
function firstOf(source: string, key: string, entry: Entry): string {
  const { document, data } = parsed(source);
  const root = document.contents;
  const pair = pairOf(root, key);
  const colon = pair && afterColon(pair);
  if (!isMap(root) || !pair || colon === undefined) return setIn(source, [key], [entry]);
  if (root.flow) return setIn(source, [key], [entry]);
  const eol = lineEndOf(source);
  const value = pair.value;
  const said = isNode(value) && !isUnsaid(value) ? endOf(source, value) : colon;
  const rest = source.slice(said, endOfLine(source, said)).trimEnd();
  const text = rest + eol + entryText(entry, indentStep(source, root), eol);
  const splice: Splice = { start: colon, end: endOfLine(source, said), text };
  return spliced(source, splice, [key], withValue(data, [key], [entry]));
}

/** See `editing.ts`. */
export function insertEntry(source: string, key: string, index: number, entry: Entry): string {
  const path = [key];
  const { document, data } = parsed(source);
  const entries = entriesAt(data, path);
  if (entries.length === 0) {
    const there = valueAt(data, path) !== undefined || pairOf(document.contents, key) !== undefined;
    return firstOf(there ? source : setIn(source, path, []), key, entry);
  }
  const list = listAt(document.contents, path);
  if (!isSeq(list)) throw refusal(path, ONLY_A_PERSON);
  const after = [...entries.slice(0, index), entry, ...entries.slice(index)];
  if (!isBlock(list)) return rewritten(source, list, path, after);
  const dash = dashOf(list, 0);
  if (dash === undefined) throw refusal(path, ONLY_A_PERSON);
  const eol = lineEndOf(source);
  const text = entryText(entry, columnOf(source, dash), eol);
  const last = list.items.at(-1);
  const end = endOfLine(source, isNode(last) ? endOf(source, last) : dash);
  const splice: Splice =
    index >= entries.length
      ? { start: end, end, text: eol + text }
      : at(linesOf(source, list, index, path).start, text + eol);
  return spliced(source, splice, path, withValue(data, path, after));
}

const at = (start: number, text: string): Splice => ({ start, end: start, text });

/** See `editing.ts`. */
export function removeEntry(source: string, key: string, index: number): string {
  const path = [key];
  const { document, data } = parsed(source);
  const entries = entriesAt(data, path);
  const after = entries.filter((_, i) => i !== index);
  const list = listAt(document.contents, path);
  if (!isSeq(list)) throw refusal(path, ONLY_A_PERSON);
  if (!isBlock(list)) return rewritten(source, list, path, after);
  const dash = dashOf(list, index);
  if (dash === undefined) throw refusal(path, ONLY_A_PERSON);
  // Comments above stay: nobody's words are lost.
  const { end } = linesOf(source, list, index, path);
  const splice: Splice = { start: startOfLine(source, dash), end, text: '' };
  const left = after.length > 0 ? withValue(data, path, after) : withoutValue(data, path);
  return spliced(source, splice, path, unsaid(left, key, after));
}

/** A key whose list is empty says nothing, and stays: its comments stand there. */
function unsaid(data: unknown, key: string, after: readonly unknown[]): unknown {
  return after.length > 0 ? data : { ...(data as object), [key]: undefined };
}

/** See `editing.ts`. */
export function moveEntry(source: string, key: string, from: number, to: number): string {
  if (from === to) return source;
  const path = [key];
  const { document, data } = parsed(source);
  const entries = entriesAt(data, path);
  const others = entries.filter((_, i) => i !== from);
  const after = [...others.slice(0, to), entries[from], ...others.slice(to)];
  const list = listAt(document.contents, path);
  if (!isSeq(list)) throw refusal(path, ONLY_A_PERSON);
  if (!isBlock(list)) return rewritten(source, list, path, after);
  const moved = linesOf(source, list, from, path);
  // Behind the entry that will stand before it, else in front of the first.
  const neighbour = linesOf(source, list, to, path);
  const target = to > from ? neighbour.end : neighbour.start;
  const eol = lineEndOf(source);
  const chunk = source.slice(moved.start, moved.end).replace(/\r?\n$/, '') + eol;
  const [low, high] = [Math.min(moved.start, target), Math.max(moved.end, target)];
  const whole = source.slice(low, high);
  const ends = whole.endsWith('\n');
  const between = target > moved.start ? source.slice(moved.end, target) : source.slice(target, moved.start);
  const complete = between.endsWith('\n') ? between : between + eol;
  const text = target > moved.start ? complete + chunk : chunk + complete;
  const splice: Splice = { start: low, end: high, text: ends ? text : text.replace(/\r?\n$/, '') };
  return spliced(source, splice, path, withValue(data, path, after));
}
