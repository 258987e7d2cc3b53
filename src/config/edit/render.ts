import { Document, Scalar } from 'yaml';

/** What a value would be misread without quotes: line breaks, tabs and the like, and any kind of space at its ends. */
const MISREAD = /\p{Cc}|^\s|\s$/u;

/** Quotes that a value is to have if it can. */
export type Quotes = Scalar.Type | undefined;

/** One value that is not a collection, quoted only where it must be (or as asked). Always one line, safe inside `{ }`. */
function scalarText(value: unknown, quotes: Quotes): string {
  const scalar = new Scalar(value);
  if (quotes && typeof value === 'string') scalar.type = quotes;
  if (typeof value === 'string' && MISREAD.test(value)) scalar.type = 'QUOTE_DOUBLE';
  const document = new Document();
  const list = document.createNode([scalar]);
  list.flow = true;
  document.contents = list;
  const text = document.toString({ lineWidth: 0 });
  return text.slice(text.indexOf('[') + 1, text.lastIndexOf(']')).trim();
}

/** A value on one line: `[a, b]`, `{ a: 1 }`, text with quotes where it needs them. */
export function inlineText(value: unknown, quotes?: Quotes): string {
  if (Array.isArray(value)) return `[${value.map((item) => inlineText(item)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return scalarText(value, quotes);
  const entries = Object.entries(value).map(
    ([key, item]) => `${scalarText(key, undefined)}: ${inlineText(item)}`,
  );
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}

/** A value below keys that do not exist yet. */
const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight((inner, key) => ({ [key]: inner }), value);

/** `a: { b: 1 }`: a path as one entry of a `{ }` mapping. */
export function flowEntry([key = '', ...rest]: readonly string[], value: unknown): string {
  return `${scalarText(key, undefined)}: ${inlineText(nested(rest, value))}`;
}

/** A path as lines of a block mapping, without a line end after the last one. */
export function blockEntry(
  path: readonly string[],
  value: unknown,
  layout: { indent: number; step: number; eol: string },
): string {
  const [key = '', ...rest] = path;
  const head = `${' '.repeat(layout.indent)}${scalarText(key, undefined)}:`;
  if (rest.length === 0) return `${head} ${inlineText(value)}`;
  return `${head}${layout.eol}${blockEntry(rest, value, { ...layout, indent: layout.indent + layout.step })}`;
}
