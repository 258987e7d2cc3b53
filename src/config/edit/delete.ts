import { isMap, isSeq, type Pair, type YAMLMap } from 'yaml';
import { childOf, pairOf } from '../place.ts';
import { endOfPair, keyStart, nextLine, startOfLine } from './anatomy.ts';
import { type Path, parsed, refusal, type Splice, spliced, valueAt, withoutValue } from './data.ts';

/** An entry, the mapping that it stands in, and where that is. */
interface Entry {
  map: YAMLMap;
  pair: Pair;
  path: Path;
}

/** The entries on the way to a path, from the top or from the last list on it; empty = there is no such entry. */
function entriesTo(root: unknown, path: Path): Entry[] {
  let node = root;
  let entries: Entry[] = [];
  for (const [depth, key] of path.entries()) {
    const pair = pairOf(node, key);
    if (isMap(node) && pair) entries.push({ map: node, pair, path: path.slice(0, depth + 1) });
    else if (isSeq(node)) entries = [];
    else return [];
    node = childOf(node, key);
  }
  return entries;
}

function removal(source: string, { map, pair }: Entry): Splice {
  const at = map.items.indexOf(pair);
  const [previous, next] = [map.items[at - 1], map.items[at + 1]];
  const start = keyStart(pair);
  const end = endOfPair(source, pair);
  const line = startOfLine(source, start);
  const ownLines = !map.flow && source.slice(line, start).trim() === '';
  if (ownLines) return { start: line, end: nextLine(source, end), text: '' };
  if (next) return { start, end: keyStart(next), text: '' };
  return { start: previous ? endOfPair(source, previous) : start, end, text: '' };
}

/** See `editing.ts`. */
export function deleteIn(source: string, path: Path): string {
  const { document, data } = parsed(source);
  const entries = entriesTo(document.contents, path);
  // A mapping that would be left empty goes as well.
  const entry = entries.findLast(({ map }, i) => i === 0 || map.items.length > 1);
  if (entry) return spliced(source, removal(source, entry), path, withoutValue(data, entry.path));
  if (valueAt(data, path) !== undefined) throw refusal(path, 'entries of lists cannot be removed one by one');
  return source;
}
