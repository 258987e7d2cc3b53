import type { UserError } from '../../errors.ts';
import type { Look } from './look.ts';
import { jsonLine } from './machine.ts';
import { pad, safeText, widthOf, wrap } from './text.ts';

const WIDEST = 100;
const LABEL = 4;
const INDENT = 2;

/**
 * An error of a command as three kinds of lines: what happened with its code and exit code, why, and what to do. `{cmd}`
 * becomes the prefix. Lines that begin with a blank (a marked place in a file) are never broken.
 */
export function errorText(error: UserError, prefix: string, look: Look): string {
  // Through a pipe a command that is to be copied stays in one line.
  const piped = look.width === Number.POSITIVE_INFINITY;
  const width = piped ? look.width : Math.min(look.width, WIDEST);
  const { dim, red } = look.style;
  const why = (error.why ?? '')
    .replaceAll('{cmd}', prefix)
    .split('\n')
    .filter((line) => line !== '');
  const fix = error.fix.flatMap((one) => one.replaceAll('{cmd}', prefix).split('\n'));
  const head = headLines(
    error.message.replaceAll('{cmd}', prefix),
    `[${error.code}] exit ${error.exit}`,
    width,
    piped,
  );
  const lines = [
    ...head.map((line) => line.replace(/^error:/, red.bold('error:'))),
    ...labelled('why', why, width).map((line) => line.replace('why', dim('why'))),
    ...labelled('fix', fix, width).map((line) => line.replace('fix', dim('fix'))),
  ];
  return `${lines.join('\n')}\n`;
}

/** The tag stands at the right edge where there is room, else below the sentence. */
function headLines(message: string, tag: string, width: number, piped: boolean): string[] {
  const [first = '', ...more] = message.split('\n').map((line) => safeText(line));
  const line = `error: ${first}`;
  if (piped) return [`${line}  ${tag}`, ...more];
  if (widthOf(line) + 2 + tag.length <= width) return [pad(line, width - tag.length) + tag, ...more];
  const indent = ' '.repeat(INDENT + LABEL + 1);
  const wrapped = wrap(first, width - indent.length).map((part, i) => (i === 0 ? 'error: ' : indent) + part);
  return [...wrapped, ...more, indent + tag];
}

function labelled(label: string, texts: readonly string[], width: number): string[] {
  const indent = ' '.repeat(INDENT + LABEL + 1);
  const lines = texts.flatMap((text) => {
    const safe = safeText(text);
    return /^\s/.test(safe) ? [safe] : wrap(safe, width - indent.length);
  });
  return lines.map((line, i) =>
    i === 0 ? `${' '.repeat(INDENT)}${pad(label, LABEL + 1)}${line}` : indent + line,
  );
}

/** The same for programs. */
export function errorJson({ code, message, why, fix }: UserError, prefix: string): string {
  const filled = (text: string): string => text.replaceAll('{cmd}', prefix);
  return jsonLine({
    error: {
      code,
      message: filled(message),
      why: why === undefined ? null : filled(why),
      fix: fix.map(filled),
    },
  });
}
