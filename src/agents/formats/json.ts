import { applyEdits, findNodeAtLocation, modify, type ParseError, parse, parseTree } from 'jsonc-parser';
import type { Value } from '../types.ts';
import type { Format } from './format.ts';

const LENIENT = { allowTrailingComma: true, disallowComments: false };

/** JSON with comments and trailing commas: what editors and agents accept. */
export const json: Format = {
  problem(text) {
    if (text.trim() === '') return null;
    const errors: ParseError[] = [];
    const data: unknown = parse(text, errors, LENIENT);
    const [first] = errors;
    if (first) return `line ${lineAt(text, first.offset)} is not valid JSON`;
    return typeof data === 'object' && data !== null && !Array.isArray(data)
      ? null
      : 'it is not a JSON object';
  },
  get(text, path) {
    const root = text.trim() === '' ? undefined : parseTree(text, [], LENIENT);
    const node = root && findNodeAtLocation(root, [...path]);
    return node && (parse(text.slice(node.offset, node.offset + node.length), [], LENIENT) as Value);
  },
  line(text, path) {
    const root = text.trim() === '' ? undefined : parseTree(text, [], LENIENT);
    const node = root && findNodeAtLocation(root, [...path]);
    return node ? lineAt(text, node.offset) : null;
  },
  set(text, path, value) {
    const start = text.trim() === '' ? `{}${eolOf(text)}` : text;
    return applyEdits(start, modify(start, [...path], value, { formattingOptions: formatting(start) }));
  },
};

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const eolOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

/** As the file itself is written: its line ends, and the indentation of its first indented line. */
function formatting(text: string): { eol: string; insertSpaces: boolean; tabSize: number } {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return {
    eol: eolOf(text),
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
  };
}
