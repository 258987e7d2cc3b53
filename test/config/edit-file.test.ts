import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deleteIn, editConfig, setIn } from '../../src/config/index.ts';
import { temporaryDirectory } from './temporary.ts';

const modeOf = (file: string): number => statSync(file).mode & 0o777;

test('a new file is private, valid, and has its JSON Schema beside it', async () => {
  const file = join(temporaryDirectory(), 'deep', 'unorouter', 'config.yaml');
  const done = await editConfig(file, (source) => setIn(source, ['default'], 'claude-sonnet-4-5'));
  expect(readFileSync(file, 'utf8')).toBe(
    '# yaml-language-server: $schema=./config.schema.json\ndefault: claude-sonnet-4-5\n',
  );
  expect(done).toMatchObject({ before: '', after: readFileSync(file, 'utf8'), warnings: [] });
  expect(done.config.default).toBe('claude-sonnet-4-5');
  expect(modeOf(file)).toBe(0o600);
  const schema = JSON.parse(readFileSync(join(file, '..', 'config.schema.json'), 'utf8'));
  expect(schema.properties.unknown_model.enum).toEqual(['error', 'default']);
});

test('an existing file keeps its permissions, and nothing is left beside it', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'config.yaml');
  writeFileSync(file, 'default: a # mine\n');
  chmodSync(file, 0o640);
  const { before, after } = await editConfig(file, (source) => setIn(source, ['default'], 'b'));
  expect([before, after]).toEqual(['default: a # mine\n', 'default: b # mine\n']);
  expect(readFileSync(file, 'utf8')).toBe('default: b # mine\n');
  expect(modeOf(file)).toBe(0o640);
  expect(readdirSync(directory)).toEqual(['config.yaml']);
});

test('a value that is not valid leaves the file as it was and says where the mistake would be', async () => {
  const file = join(temporaryDirectory(), 'config.yaml');
  writeFileSync(file, 'unknown_model: error\n');
  const edit = editConfig(file, (source) => setIn(source, ['unknown_model'], 'defalt'));
  await expect(edit).rejects.toMatchObject({ code: 'config_invalid', exit: 3 });
  await expect(edit).rejects.toThrow(
    'config.yaml:1:16: unknown_model must be one of error, default\n    1 | unknown_model: defalt\n      |                ^^^^^^ did you mean "default"?',
  );
  expect(readFileSync(file, 'utf8')).toBe('unknown_model: error\n');
});

test('a refused first setting makes no file', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'config.yaml');
  await expect(editConfig(file, (source) => setIn(source, ['defalt'], 'x'))).rejects.toMatchObject({
    exit: 3,
  });
  expect(existsSync(file)).toBe(false);
  expect(readdirSync(directory)).toEqual([]);
});

test('an edit that changes nothing does not touch the file', async () => {
  const file = join(temporaryDirectory(), 'config.yaml');
  writeFileSync(file, 'default: a\n');
  const { ino } = statSync(file);
  await editConfig(file, (source) => deleteIn(source, ['small']));
  expect(statSync(file).ino).toBe(ino);
});

test('a symbolic link is refused and stays a link', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'config.yaml');
  writeFileSync(join(directory, 'other.yaml'), 'default: a\n');
  symlinkSync('other.yaml', file);
  await expect(editConfig(file, (source) => setIn(source, ['default'], 'b'))).rejects.toThrow(
    'symbolic link',
  );
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('default: a\n');
});

test('a place that cannot be written is an error with exit code 1 that names the file', async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'file'), '');
  const file = join(directory, 'file', 'config.yaml');
  await expect(editConfig(file, (source) => setIn(source, ['default'], 'b'))).rejects.toMatchObject({
    code: 'cannot_write',
    exit: 1,
    message: `cannot write ${file}`,
  });
});
