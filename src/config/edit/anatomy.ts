import { isCollection, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { spanOf } from '../place.ts';

/** Where the parts of YAML stand in a text. Offsets are of characters; parsed with `keepSourceTokens`. */

/** The file's own line end. */
export const lineEndOf = (source: string): string => (source.includes('\r\n') ? '\r\n' : '\n');

/** Where the line of an offset begins, behind a byte order mark. */
export function startOfLine(source: string, offset: number): number {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  return source.startsWith('\ufeff', start) ? start + 1 : start;
}

/** Where the line of an offset ends, before its line end. */
export function endOfLine(source: string, offset: number): number {
  const feed = source.indexOf('\n', offset);
  if (feed < 0) return source.length;
  return feed > offset && source[feed - 1] === '\r' ? feed - 1 : feed;
}

/** Where the next line begins. */
export function nextLine(source: string, offset: number): number {
  const feed = source.indexOf('\n', offset);
  return feed < 0 ? source.length : feed + 1;
}

export const keyStart = (pair: Pair): number => spanOf(pair.key)?.start ?? 0;

/** A value that is not written: `key:`. */
export function isUnsaid(value: unknown): boolean {
  const span = spanOf(value);
  return span === undefined || span.end <= span.start;
}

/** Behind the colon; undefined when the key has none (`{ key }`). */
export function afterColon(pair: Pair): number | undefined {
  const colon = pair.srcToken?.sep?.find((token) => token.type === 'map-value-ind');
  return colon && colon.offset + 1;
}

/** Whether something is written with indentation, not in one piece. */
export const isBlock = (node: unknown): boolean => isCollection(node) && !node.flow;

export const isBlockText = (node: unknown): boolean =>
  isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');

/** Where the last written character of a value is passed; comments and blank lines after it do not belong to it. */
export function endOf(source: string, node: Node): number {
  const end = spanOf(node)?.end ?? 0;
  if (isBlockText(node)) return source.slice(0, end).replace(/\r?\n$/, '').length;
  if (!isBlock(node)) return end;
  const last = isSeq(node) || isMap(node) ? node.items.at(-1) : undefined;
  if (isMap(node)) return last ? endOfPair(source, last as Pair) : end;
  return isNode(last) && !isUnsaid(last) ? endOf(source, last) : end;
}

/** Where an entry ends. */
export function endOfPair(source: string, pair: Pair): number {
  if (isNode(pair.value) && !isUnsaid(pair.value)) return endOf(source, pair.value);
  return afterColon(pair) ?? spanOf(pair.key)?.end ?? 0;
}

/** How far the keys of a block mapping stand from the left. */
export function indentOf(source: string, map: YAMLMap): number {
  const first = map.items[0];
  return first ? keyStart(first) - startOfLine(source, keyStart(first)) : 0;
}

const USUAL_STEP = 2;

/** How much deeper this file indents what belongs to a key. */
export function indentStep(source: string, root: YAMLMap): number {
  const inner = root.items.map((pair) => pair.value).find((value) => isMap(value) && isBlock(value));
  return isMap(inner) ? Math.max(1, indentOf(source, inner) - indentOf(source, root)) : USUAL_STEP;
}
