import { expect } from 'vitest';
import { ERROR_CODES } from '../../../src/cli/error-codes.ts';
import type { CliResult } from '../../support/cli.ts';
import { widest } from '../../support/home.ts';

/** Words longer than this are copied or are places in files: they stay whole, however narrow the terminal is. */
const LONGEST_WORD = 40;

/** Lines that could have been broken. */
const breakable = (text: string): string =>
  text
    .split('\n')
    .filter(
      (line) =>
        !line
          .trim()
          .split(/\s+/)
          .some((word) => word.length > LONGEST_WORD),
    )
    .join('\n');

/** The words of an error without its layout: what no width may lose. */
const wordsOf = (text: string): string[] => text.trim().split(/\s+/);

/** What a command that fails prints in one form, the code and exit code that it must have, and what a fix must name. */
export interface Expected {
  code: string;
  fix?: string | RegExp;
  /** stdout holds something, too: a table of which this is the worst row. */
  saysMore?: boolean;
  /** With --json the answer on stdout tells it, by the exit code and in its own words. */
  answers?: boolean;
}

/**
 * Runs a failing command at 100 and at 60 columns and with --json: nothing is wider than the terminal, nothing is lost by
 * being narrow, a command or a thing to do is there, and the exit code is the table's.
 */
export async function expectError(
  run: (...flags: string[]) => Promise<CliResult>,
  { code, fix, saysMore = false, answers = false }: Expected,
): Promise<void> {
  const exit = ERROR_CODES.find((row) => row.code === code)?.exit;
  const wide = await run('--width', '100');
  const narrow = await run('--width', '60');
  for (const result of [wide, narrow]) {
    expect({ code: result.code, stdout: saysMore ? '' : result.stdout }).toEqual({ code: exit, stdout: '' });
    expect(result.stderr).toContain(`[${code}] exit ${exit}`);
    expect(result.stderr).toMatch(/^error: /m);
    expect(result.stderr).toMatch(/^ {2}fix {2}\S/m);
    expect(result.stderr).not.toContain('\x1b');
    expect(result.stderr).not.toMatch(/\{cmd\}|^ {4}at |undefined/m);
    if (fix !== undefined) expect(wordsOf(result.stderr).join(' ')).toMatch(fix);
  }
  expect(widest(breakable(wide.stderr))).toBeLessThanOrEqual(100);
  expect(widest(breakable(narrow.stderr))).toBeLessThanOrEqual(60);
  // Pids, ports and temporary names change between two runs of a command; how much is said does not.
  const errorOf = (text: string): string => text.slice(text.search(/^error: /m));
  expect(wordsOf(errorOf(narrow.stderr))).toHaveLength(wordsOf(errorOf(wide.stderr)).length);
  const json = await run('--json');
  expect(json.code).toBe(exit);
  if (answers) {
    expect(JSON.parse(json.stdout)).not.toEqual([]);
    return;
  }
  const [line = ''] = json.stderr.split('\n').filter((text) => text.startsWith('{"error"'));
  expect(JSON.parse(line).error).toMatchObject({
    code,
    message: expect.any(String),
    fix: expect.arrayContaining([expect.any(String)]),
  });
}
