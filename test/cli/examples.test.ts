import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/cli/error-codes.ts';
import { takeGlobals } from '../../src/cli/globals.ts';
import { TOPICS } from '../../src/cli/topics.ts';
import { commandsOf, program } from './support/program.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

/** What is wrong with a command line as somebody would type it; null = the program knows all of its words and flags. */
function strange(line: string): string | null {
  const before = line.split(/\s(?:--|\||#|<|>|&&)(?:\s|$)/)[0] ?? '';
  const [, ...argv] = before.trim().match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const { rest, error } = takeGlobals(argv);
  if (error) return error.message;
  if (rest[0] === 'help') return rest[1] === undefined || TOPICS.has(rest[1]) ? null : 'no such topic';
  let command: Command | undefined = program;
  for (const word of rest) {
    if (word.startsWith('-') && word !== '-') {
      const name = word.split('=')[0];
      // Flags of "models" are also those of "models list", and the other way round.
      const near = [command, command.parent, ...command.commands];
      const known = near.some((one) =>
        one?.options.some(({ long, short }) => long === name || short === name),
      );
      const isNumber = /^-\d+$/.test(word);
      if (!known && !isNumber && name !== '--help' && name !== '-V')
        return `${command.name()} has no ${name}`;
    } else {
      const part: Command | undefined = command.commands.find((one) => one.name() === word);
      if (!part && command === program) return `no command ${word}`;
      command = part ?? command;
    }
  }
  return null;
}

it.each(commandsOf(program))(
  'the help of "$words" begins with examples that the program knows',
  ({ command }) => {
    const help = helpOf(command);
    expect(help).toMatch(/^Examples:\n {2}unorouter \S/);
    const examples = help.slice(0, help.indexOf('\n\n')).match(/^ {2}unorouter .*$/gm) ?? [];
    for (const example of examples) expect(strange(example.split(/ {3,}/)[0] ?? ''), example).toBeNull();
  },
);

/** Lines to be typed: those of shell blocks, behind a prompt, and whole commands inside sentences. */
const typed = [
  ...[...README.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line.startsWith('unorouter ')),
  ),
  ...(README.match(/(?<=^\$ )unorouter .*$/gm) ?? []),
  ...(README.match(/(?<=`)unorouter [^`\n]+(?=`)/g) ?? []).filter((line) => !/[[|<]|\.\.\./.test(line)),
];

it.each([...new Set(typed)])('the README names a command that there is: %s', (line) => {
  expect(strange(line)).toBeNull();
});

it('the README explains only error codes that there are', () => {
  const known = new Set(ERROR_CODES.map(({ code }) => code));
  const named = [...README.matchAll(/^\| `\[(\w+)\]`/gm)].map(([, code = '']) => code);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((code) => !known.has(code))).toEqual([]);
});
