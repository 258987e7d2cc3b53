import { type Document, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { placeOf, type Span } from './place.ts';
import type { ConfigProblem } from './types.ts';

/** A text that is YAML, and its data. */
export interface Parsed {
  document: Document;
  lines: LineCounter;
  /** Plain data; `null` of the file is `undefined`: a key without a value says nothing. */
  data: unknown;
}

const LARGEST = 1024 * 1024;
/** Deeper than anybody writes. The parser's own cost explodes with the depth of brackets. */
const DEEPEST = 50;

/** What the parser's codes mean for somebody who does not know YAML's grammar. Others keep the parser's words. */
const IN_WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab cannot indent in YAML: use spaces',
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " on this line: put the value in quotes',
  BAD_SCALAR_START: 'a value cannot start with this character: put it in quotes',
  MULTIPLE_DOCS: 'only one YAML document is read: remove this line and what follows',
};

/** Plain data of a YAML value: `null` becomes `undefined`. */
export function plainData(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(plainData);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainData(item)]));
}

/** What is wrong, and where; the parser marks only the first letter of a key. */
function complaint(error: YAMLError, source: string): Span & { message: string } {
  const [start, end] = error.pos;
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^:\r\n]{0,100}/.exec(source.slice(start))?.[0].trim() ?? '';
    return { start, end: start + key.length, message: `"${key}" is set twice` };
  }
  const own = `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  return { start, end, message: IN_WORDS[error.code] ?? `this is not YAML: ${own}` };
}

/** One broken line makes the parser complain about the lines after it: only the first complaint is of use. */
function worthSaying(errors: readonly YAMLError[]): YAMLError[] {
  const first = errors.find((error) => error.code !== 'DUPLICATE_KEY');
  return errors.filter((error) => error === first || error.code === 'DUPLICATE_KEY');
}

/** How deep brackets are nested, at most. Quotes are not understood: a guess from above that resets at every top-level key. */
function deepestNesting(source: string): number {
  let deepest = 0;
  let depth = 0;
  for (const line of source.split('\n')) {
    if (/^[\w"']/.test(line)) depth = 0;
    for (const letter of line) {
      if (letter === '[' || letter === '{') depth++;
      if (letter === ']' || letter === '}') depth--;
      deepest = Math.max(deepest, depth);
    }
  }
  return deepest;
}

function tooMuch(source: string): string | undefined {
  if (source.length > LARGEST) return 'is larger than 1 MB';
  return deepestNesting(source) > DEEPEST ? `has brackets nested more than ${DEEPEST} deep` : undefined;
}

/** Reads a text as YAML 1.2, or says with places why it is not. */
export function parseYaml(file: string, source: string): Parsed | ConfigProblem[] {
  const refused = tooMuch(source);
  if (refused) return [{ file, line: 1, column: 1, length: 1, message: `the file ${refused}` }];
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, keepSourceTokens: true });
  if (document.errors.length > 0) {
    return worthSaying(document.errors).map((error) => {
      const { message, ...span } = complaint(error, source);
      return { file, ...placeOf(span, source, lines), message };
    });
  }
  try {
    return { document, lines, data: plainData(document.toJS({ maxAliasCount: 100 })) };
  } catch (error) {
    // An anchor that is missing, or one that multiplies itself.
    const message = error instanceof Error ? error.message : String(error);
    return [{ file, line: 1, column: 1, length: 1, message: `this is not usable YAML: ${message}` }];
  }
}
