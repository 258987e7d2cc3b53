import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { commandsOf, program } from './support/program.ts';

const tests = fileURLToPath(new URL('../', import.meta.url));
const README = readFileSync(join(tests, '..', 'README.md'), 'utf8');

/** Every test and what it is made of, but this one. */
const SPOKEN = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('flags.test.ts'))
  .map((name) => readFileSync(join(tests, name), 'utf8'));

const commands = commandsOf(program);

/** `routes add` in a test: in one string, or as words of a list. */
function isRun(words: string): boolean {
  const parts = words.split(' ').map((part) => part.replace(/[-]/g, '\\-'));
  const pattern = new RegExp(`(?<![\\w-])${parts.join(`['"\`]?,?\\s*['"\`]?`)}(?![\\w-])`);
  const last = new RegExp(`['"\`]${parts.at(-1)}(['"\` ])`);
  const file = (text: string): boolean => text.includes(parts[0] ?? '') && last.test(text);
  return SPOKEN.some((text) => pattern.test(text) || file(text));
}

it.each(commands)(
  '"$words" is run by a test, and named by the README or its own help',
  ({ words, command }) => {
    expect(isRun(words), `no test runs "${words}"`).toBe(true);
    expect(command.description().length, 'it says what it does').toBeGreaterThan(5);
  },
);

const flags = [{ words: 'unorouter', command: program }, ...commands].flatMap(({ words, command }) =>
  command.options
    .filter(({ hidden }) => !hidden)
    .map((option) => ({
      words,
      flag: option.long ?? option.short ?? '',
      short: option.short ?? option.long ?? '',
      about: option.description,
    })),
);

/** The value-taking forms are `--flag value` and `--flag=value`; what negates is given as it stands. */
it.each(flags)('$flag of "$words" is given by a test, and explained', ({ flag, short, about }) => {
  const given = new RegExp(`(?<![\\w-])(${flag}|${short})(?![\\w-])`);
  expect(
    SPOKEN.some((text) => given.test(text)),
    `no test gives ${flag}`,
  ).toBe(true);
  expect(about.length, 'it says what it does').toBeGreaterThan(3);
});

it('the README names every command', () => {
  const missing = program.commands
    .map((one) => one.name())
    .filter((name) => !new RegExp(`(unorouter|^ ) *${name}\\b`, 'm').test(README));
  expect(missing).toEqual([]);
});
