import { type Document, isScalar, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import { placeOf, type Span, spanOf } from './place.ts';
import type { ConfigProblem } from './types.ts';

/** A text that is YAML, and its data. */
export interface Parsed {
  document: Document;
  lines: LineCounter;
  /** Plain data; `null` of the file is `undefined`: a key without a value says nothing. */
  data: unknown;
}

/** More would only scroll the first one away. */
export const MOST_PROBLEMS = 10;

/** In characters. Larger than any file that a person writes. */
const LARGEST = 256 * 1024;
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

function inWords({ code, message }: YAMLError): string {
  return IN_WORDS[code] ?? `this is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

/** Keys that stand twice in one mapping. The parser's own check compares every key with every other. */
function repeatedKeys(document: Document): { span: Span; message: string }[] {
  const repeated: { span: Span; message: string }[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : undefined;
        const span = spanOf(key);
        if (name !== undefined && span && seen.has(name))
          repeated.push({ span, message: `"${name}" is set twice` });
        if (name !== undefined) seen.add(name);
      }
    },
  });
  return repeated;
}

/** What the text is not as YAML. One broken line makes the parser complain about the lines after it too: only its first complaint is of use. */
function mistakesOf(document: Document): { span: Span; message: string }[] {
  const [first] = document.errors;
  if (!first) return repeatedKeys(document);
  const [start, end] = first.pos;
  return [{ span: { start, end }, message: inWords(first) }];
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
  if (source.length > LARGEST) return 'is larger than 256 KB';
  return deepestNesting(source) > DEEPEST ? `has brackets nested more than ${DEEPEST} deep` : undefined;
}

/** Reads a text as YAML 1.2, or says with places why it is not. */
export function parseYaml(file: string, source: string): Parsed | ConfigProblem[] {
  const refused = tooMuch(source);
  if (refused) return [{ file, line: 1, column: 1, length: 1, message: `the file ${refused}` }];
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    keepSourceTokens: true,
    uniqueKeys: false,
  });
  const mistakes = mistakesOf(document).slice(0, MOST_PROBLEMS);
  if (mistakes.length > 0) {
    return mistakes.map(({ span, message }) => ({ file, ...placeOf(span, source, lines), message }));
  }
  try {
    return { document, lines, data: plainData(document.toJS({ maxAliasCount: 100 })) };
  } catch (error) {
    // An anchor that is missing, or one that multiplies itself.
    const message = error instanceof Error ? error.message : String(error);
    return [{ file, line: 1, column: 1, length: 1, message: `this is not usable YAML: ${message}` }];
  }
}
