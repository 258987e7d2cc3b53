import type { Format } from './format.ts';

/** `NAME=value` lines, as dotenv reads them: the last one of a name wins. */
export const env: Format = {
  problem: () => null,
  get(text, [name = '']) {
    const found = linesOf(text).findLast((line) => nameOf(line) === name);
    return found === undefined ? undefined : unquoted(found.slice(found.indexOf('=') + 1).trim());
  },
  line(text, [name = '']) {
    const at = linesOf(text).findLastIndex((line) => nameOf(line) === name);
    return at < 0 ? null : at + 1;
  },
  set(text, [name = ''], value) {
    const lines = linesOf(text);
    const at = lines.findLastIndex((line) => nameOf(line) === name);
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    if (value === undefined) return at < 0 ? text : lines.filter((_, i) => i !== at).join('');
    const written = `${name}=${quoted(String(value))}${eol}`;
    if (at >= 0) return lines.map((line, i) => (i === at ? written : line)).join('');
    const gap = text === '' || text.endsWith('\n') ? '' : eol;
    return `${text}${gap}${written}`;
  },
};

/** With their line ends. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const nameOf = (line: string): string | undefined => /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line)?.[1];

const unquoted = (value: string): string => /^(["'])(.*)\1/.exec(value)?.[2] ?? value.replace(/\s+#.*$/, '');

const quoted = (value: string): string =>
  /^[\w./:@%+,=-]*$/.test(value) ? value : `"${value.replaceAll('"', '\\"')}"`;
