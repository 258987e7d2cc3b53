import { isAlias, isMap, isNode, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';

/** A stretch of the source, by character. */
export interface Span {
  start: number;
  end: number;
}

/** A step into the data: a key or an index. */
export type Step = PropertyKey;

/** The entry of a mapping with that key. */
export function pairOf(node: unknown, key: Step): Pair | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

/** The node one step further, as it stands there (aliases are not followed). */
export function childOf(node: unknown, step: Step): Node | undefined {
  const child = isSeq(node) ? node.items[Number(step)] : pairOf(node, step)?.value;
  return isNode(child) ? child : undefined;
}

/** Where a node stands; an alias counts as what it is written as. */
export function spanOf(node: unknown): Span | undefined {
  const range = isNode(node) || isAlias(node) ? node.range : undefined;
  return range ? { start: range[0], end: range[1] } : undefined;
}

/**
 * Where a path stands in the file: the value at its end, or its key when `at` says so or the value is empty. When the
 * path ends before, the last thing that exists.
 */
export function locate(root: unknown, path: readonly Step[], at: 'key' | 'value'): Span {
  let span = spanOf(root) ?? { start: 0, end: 0 };
  let node = root;
  for (const [depth, step] of path.entries()) {
    const key = spanOf(pairOf(node, step)?.key);
    node = childOf(node, step);
    const value = spanOf(node);
    const empty = value === undefined || value.end <= value.start;
    const wantsKey = depth === path.length - 1 && at === 'key';
    const found = wantsKey || empty ? (key ?? value) : value;
    if (!found) break;
    span = found;
  }
  return span;
}

/** A stretch as people count: 1-based, and its length within its first line. */
export function placeOf(
  { start, end }: Span,
  source: string,
  lines: LineCounter,
): { line: number; column: number; length: number } {
  const { line, col } = lines.linePos(start);
  const firstLine = source.slice(start, end).split(/[\r\n]/)[0] ?? '';
  return { line, column: col, length: Math.max(1, firstLine.trimEnd().length) };
}
