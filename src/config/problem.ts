import { basename } from 'node:path';
import { EXIT, UserError } from '../errors.ts';
import { withoutKeys } from './secrets.ts';
import type { ConfigProblem } from './types.ts';

const WIDEST = 100;
const BEFORE = 30;

/** The part of a line around a column (0-based), and where that column is in it. */
function windowOf(line: string, column: number): { text: string; column: number } {
  if (line.length <= WIDEST) return { text: line, column };
  const start = Math.max(0, Math.min(column - BEFORE, line.length - WIDEST));
  return { text: line.slice(start, start + WIDEST), column: column - start };
}

/** A tab would move the caret and a control character the terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ');

function marked(problem: ConfigProblem, line: string): string[] {
  const { text, column } = windowOf(printable(withoutKeys(line)), problem.column - 1);
  const number = String(problem.line);
  const caret = '^'.repeat(Math.max(1, Math.min(problem.length, text.length - column)));
  const hint = problem.hint === undefined ? '' : ` ${problem.hint}`;
  return [
    `    ${number} | ${text}`,
    `    ${' '.repeat(number.length)} | ${' '.repeat(column)}${caret}${hint}`,
  ];
}

/**
 * A problem as people read it: `config.yaml:18:3: …`, the line, and carets under the mistake with the hint. Plain text,
 * several lines, what looks like a key is masked.
 */
export function formatProblem(problem: ConfigProblem, source: string): string {
  const { line, column, message, hint } = problem;
  const text = source.split(/\r\n|\r|\n/)[line - 1];
  const place = source === '' ? problem.file : `${basename(problem.file)}:${line}:${column}`;
  const headline = `${place}: ${message}`;
  if (source !== '' && text !== undefined) return [headline, ...marked(problem, text)].join('\n');
  return hint === undefined ? headline : `${headline}\n    ${hint}`;
}

/**
 * The error of a command that needs a valid configuration (`config_invalid`, exit 3). Its message has several lines: all
 * problems, each with its place.
 */
export function invalidConfig(problems: readonly ConfigProblem[], source: string): UserError {
  return new UserError({
    code: 'config_invalid',
    exit: EXIT.config,
    message: problems.map((problem) => formatProblem(problem, source)).join('\n'),
    fix: ['{cmd} config edit'],
  });
}
