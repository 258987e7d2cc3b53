import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchCall } from '../../src/cli/commands/run/batch.ts';

/** What cmd.exe makes of a line: carets go, and a sign that is not escaped or in quotes would do something. */
function readByCmd(line: string): string {
  let out = '';
  let inQuotes = false;
  for (let i = 0; i < line.length; i++) {
    const sign = line[i] ?? '';
    if (sign === '^' && !inQuotes) {
      out += line[++i] ?? '';
      continue;
    }
    if (sign === '"') inQuotes = !inQuotes;
    else if (!inQuotes && /[&|<>()]/.test(sign)) throw new Error(`${sign} does something in: ${line}`);
    out += sign;
  }
  return out;
}

/** How programs of Windows take a line apart. */
function argumentsOf(line: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  let inQuotes = false;
  for (const [, slashes = '', quote, other = ''] of line.matchAll(/(\\*)(?:(")|([^\\"]))?/g)) {
    if (slashes === '' && quote === undefined && other === '') continue;
    if (quote !== undefined) {
      word = (word ?? '') + '\\'.repeat(Math.floor(slashes.length / 2));
      if (slashes.length % 2 === 1) word += '"';
      else inQuotes = !inQuotes;
      continue;
    }
    if (slashes !== '') word = (word ?? '') + slashes;
    if (other === ' ' && !inQuotes) {
      if (word !== null) found.push(word);
      word = null;
    } else if (other !== '') word = (word ?? '') + other;
  }
  return word === null ? found : [...found, word];
}

/** The arguments that a batch file's program gets, which hands its own on with `%*`. */
function handedOn(program: string, args: readonly string[]): { file: string; args: string[] } {
  const call = batchCall(program, args);
  expect({ ...call, args: call.args.slice(0, 3) }).toEqual({
    program: 'cmd.exe',
    args: ['/d', '/s', '/c'],
    verbatim: true,
  });
  const [, line = ''] = /^"(.*)"$/s.exec(call.args[3] ?? '') ?? [];
  const first = readByCmd(line);
  expect(first.startsWith(program)).toBe(true);
  return { file: program, args: argumentsOf(readByCmd(first.slice(program.length).trim())) };
}

const CODEX = 'C:\\Program Files (x86)\\npm\\codex.cmd';

describe('a call of a batch file', () => {
  it.each([
    [['exec', 'say hi']],
    [['-c', 'model_providers.unorouter={name="unorouter",wire_api="responses"}']],
    [['a & calc', 'b | c', '100% ^ sure', '%PATH%', '!x!']],
    [['ends with \\', 'C:\\dir with blanks\\', '\\"', '', '(x)']],
  ])('gives the agent its arguments as they were written: %j', (args) => {
    expect(handedOn(CODEX, args).args).toEqual(args);
  });

  it('whatever is in them', () => {
    // A line ends at a line break, for cmd as for everybody who reads lines.
    const argument = fc.string({ unit: fc.constantFrom(...'ab \\"&|<>^%!()[];,*?`=\'') });
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 4 }), (args) => {
        expect(handedOn(CODEX, args).args).toEqual(args);
      }),
    );
  });

  it('is made by the shell of the machine', () => {
    expect(batchCall('x.cmd', [], 'C:\\Windows\\System32\\cmd.exe').program).toBe(
      'C:\\Windows\\System32\\cmd.exe',
    );
  });
});
