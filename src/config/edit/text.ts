import { locate, placeOf } from '../place.ts';
import { type Path, parsed, valueAt } from './data.ts';

export { valueAt } from './data.ts';
export { deleteIn } from './delete.ts';
export { insertEntry, moveEntry, removeEntry } from './list.ts';
export { setIn } from './set.ts';

/** See `editing.ts`. */
export const getIn = (source: string, path: Path): unknown => valueAt(parsed(source).data, path);

/** A value of the text and the line (1-based) of its key; undefined = it is not set there. */
export function writtenAt(source: string, path: Path): { line: number; value: unknown } | undefined {
  const { document, lines, data } = parsed(source);
  const value = valueAt(data, path);
  if (value === undefined) return undefined;
  return { line: placeOf(locate(document.contents, path, 'key'), source, lines).line, value };
}
