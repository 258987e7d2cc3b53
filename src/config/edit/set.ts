import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { childOf, pairOf, spanOf } from '../place.ts';
import {
  afterColon,
  endOf,
  endOfLine,
  endOfPair,
  indentOf,
  indentStep,
  isBlock,
  isBlockText,
  isUnsaid,
  lineEndOf,
} from './anatomy.ts';
import { type Path, parsed, refusal, type Splice, spliced, withValue } from './data.ts';
import { blockEntry, flowEntry, inlineText, type Quotes } from './render.ts';

/** An edit on its way down: what is asked for, and where in the file we are. */
interface Edit {
  source: string;
  root: YAMLMap;
  path: Path;
  value: unknown;
}

const FIRST_LINE = '# yaml-language-server: $schema=./config.schema.json';
const FIRST_LAYOUT = { indent: 0, step: 2 };

/** Another value in the place of one that exists, with its kind of quotes. */
function replaceNode({ source, value }: Edit, node: Node): Splice {
  const start = spanOf(node)?.start ?? 0;
  const quoted = isScalar(node) && (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE');
  const quotes: Quotes = quoted ? node.type : undefined;
  const end = endOf(source, node);
  const severalLines = isBlock(node) || isBlockText(node);
  return { start, end: severalLines ? endOfLine(source, end) : end, text: inlineText(value, quotes) };
}

/** The value of a key that exists. What was written over several lines becomes one line. */
function replaceValue(edit: Edit, pair: Pair): Splice {
  const { source, value } = edit;
  const colon = afterColon(pair);
  const old = pair.value as Node | null;
  if (old === null || isUnsaid(old)) {
    const start = colon ?? spanOf(pair.key)?.end ?? 0;
    return { start, end: start, text: `${colon === undefined ? ':' : ''} ${inlineText(value)}` };
  }
  if (!isBlock(old) || colon === undefined) return replaceNode(edit, old);
  // What else stands on the key's own line can only be a comment, which stays.
  const comment = source.slice(colon, endOfLine(source, colon)).trimEnd();
  return {
    start: colon,
    end: endOfLine(source, endOf(source, old)),
    text: ` ${inlineText(value)}${comment}`,
  };
}

/** A new line for a path, behind the line of an offset. */
function addLine({ source, root, value }: Edit, behind: number, path: Path, indent: number): Splice {
  const eol = lineEndOf(source);
  const at = endOfLine(source, behind);
  const layout = { indent, step: indentStep(source, root), eol };
  return { start: at, end: at, text: eol + blockEntry(path, value, layout) };
}

/** A new entry at the end of a mapping, in the mapping's own style. */
function addEntry(edit: Edit, map: YAMLMap, path: Path): Splice {
  const last = map.items.at(-1);
  if (!last) return { start: 0, end: 0, ...spanOf(map), text: `{ ${flowEntry(path, edit.value)} }` };
  const behind = endOfPair(edit.source, last);
  if (map.flow) return { start: behind, end: behind, text: `, ${flowEntry(path, edit.value)}` };
  return addLine(edit, behind, path, indentOf(edit.source, map));
}

/** The first entry below a key that has no value yet. */
function addBelow(edit: Edit, map: YAMLMap, pair: Pair, path: Path): Splice {
  const colon = afterColon(pair);
  if (map.flow || colon === undefined) {
    return replaceValue({ ...edit, value: withValue(undefined, path, edit.value) }, pair);
  }
  const indent = indentOf(edit.source, map) + indentStep(edit.source, edit.root);
  return addLine(edit, colon, path, indent);
}

function inMap(edit: Edit, map: YAMLMap, path: Path): Splice {
  const [key = '', ...rest] = path;
  const pair = pairOf(map, key);
  if (!pair) return addEntry(edit, map, path);
  if (rest.length === 0) return replaceValue(edit, pair);
  if (isUnsaid(pair.value)) return addBelow(edit, map, pair, rest);
  return inNode(edit, pair.value, rest);
}

/** Walks down as far as the path exists and says what to change there. */
function inNode(edit: Edit, node: unknown, path: Path): Splice {
  const [key = '', ...rest] = path;
  if (isMap(node)) return inMap(edit, node, path);
  const item = isSeq(node) ? childOf(node, key) : undefined;
  if (item) return rest.length === 0 ? replaceNode(edit, item) : inNode(edit, item, rest);
  const above = edit.path.slice(0, edit.path.length - path.length).join('.') || 'the file';
  throw refusal(
    edit.path,
    isSeq(node) ? `${above} has no entry ${key}` : `${above} is not a mapping (key: value)`,
  );
}

/** The first setting of a file: behind its comments; a new file names its JSON Schema first. */
function firstEntry(source: string, path: Path, value: unknown): Splice {
  const eol = lineEndOf(source);
  const entry = blockEntry(path, value, { ...FIRST_LAYOUT, eol }) + eol;
  if (source.trim() === '') return { start: 0, end: source.length, text: FIRST_LINE + eol + entry };
  return { start: source.length, end: source.length, text: (source.endsWith('\n') ? '' : eol) + entry };
}

/** See `editing.ts`. */
export function setIn(source: string, path: Path, value: unknown): string {
  const { document, data } = parsed(source);
  const root = document.contents;
  const expected = withValue(data, path, value);
  if (isUnsaid(root)) return spliced(source, firstEntry(source, path, value), path, expected);
  if (!isMap(root)) throw refusal(path, 'the file is not a mapping (key: value)');
  return spliced(source, inMap({ source, root, path, value }, root, path), path, expected);
}
