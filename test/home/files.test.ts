import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensurePrivateDir, readOwned, writePrivate } from '../../src/home/index.ts';
import { temporaryDirectory } from '../config/temporary.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** Runs something with a umask that hides nothing. */
function openly(work: () => void): void {
  const before = process.umask(0);
  try {
    work();
  } finally {
    process.umask(before);
  }
}

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

describe('a private directory', () => {
  test('is 0700 whatever the umask, with all that had to be made above it', () => {
    const directory = join(temporaryDirectory(), 'a', 'b');
    openly(() => ensurePrivateDir(directory));
    expect(modeOf(directory)).toBe(0o700);
    expect(modeOf(join(directory, '..'))).toBe(0o700);
  });

  test('that others could enter is closed', () => {
    const directory = join(temporaryDirectory(), 'a');
    mkdirSync(directory);
    chmodSync(directory, 0o755);
    ensurePrivateDir(directory);
    expect(modeOf(directory)).toBe(0o700);
  });

  test('is refused when it is a link or a file', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'real'));
    symlinkSync('real', join(directory, 'link'));
    symlinkSync('nowhere', join(directory, 'dangling'));
    writeFileSync(join(directory, 'file'), '');
    for (const name of ['link', 'dangling', 'file'])
      expect(() => ensurePrivateDir(join(directory, name))).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/unsafe_file|cannot_write/), exit: 1 }),
      );
    expect(lstatSync(join(directory, 'link')).isSymbolicLink()).toBe(true);
  });

  test('that cannot be made is an error of the user, not a bug', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), '');
    expect(() => ensurePrivateDir(join(directory, 'file', 'x'))).toThrow(
      expect.objectContaining({ code: 'cannot_write', exit: 1 }),
    );
  });

  test.runIf(isRoot)('of another user is refused', () => {
    const directory = join(temporaryDirectory(), 'theirs');
    mkdirSync(directory);
    chownSync(directory, NOBODY, NOBODY);
    expect(() => ensurePrivateDir(directory)).toThrow(expect.objectContaining({ code: 'unsafe_file' }));
  });
});

describe('a private file', () => {
  test('is 0600 whatever the umask, replaces what was there, and leaves nothing beside it', () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'x');
    writeFileSync(file, 'old', { mode: 0o644 });
    openly(() => writePrivate(file, 'new'));
    expect([readFileSync(file, 'utf8'), modeOf(file)]).toEqual(['new', 0o600]);
    expect(readdirSync(directory)).toEqual(['x']);
  });

  test('replaces a link, and not what it points to', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'other'), 'theirs');
    symlinkSync('other', join(directory, 'x'));
    writePrivate(join(directory, 'x'), 'mine');
    expect(readFileSync(join(directory, 'other'), 'utf8')).toBe('theirs');
    expect(lstatSync(join(directory, 'x')).isFile()).toBe(true);
  });

  test('holds large texts and bytes as they are', () => {
    const file = join(temporaryDirectory(), 'x');
    const large = 'ü'.repeat(3_000_000);
    writePrivate(file, large);
    expect(readFileSync(file, 'utf8') === large).toBe(true);
    writePrivate(file, new Uint8Array([0, 255, 10]));
    expect([...readFileSync(file)]).toEqual([0, 255, 10]);
  });

  test('that cannot be put in place is an error that leaves nothing behind', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'x', 'full'), { recursive: true });
    expect(() => writePrivate(join(directory, 'x'), 'new')).toThrow(
      expect.objectContaining({ code: 'cannot_write', exit: 1 }),
    );
    expect(readdirSync(directory)).toEqual(['x']);
  });
});

describe('a file that steers the program', () => {
  test('is read when it is a regular file; a missing one is null', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'x'), 'text');
    expect(readOwned(join(directory, 'x'))).toBe('text');
    expect(readOwned(join(directory, 'none'))).toBeNull();
    expect(readOwned(join(directory, 'x', 'below'))).toBeNull();
  });

  test('is refused when it is a link or a directory', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'x'), 'text');
    symlinkSync('x', join(directory, 'link'));
    for (const path of [join(directory, 'link'), directory])
      expect(() => readOwned(path)).toThrow(expect.objectContaining({ code: 'unsafe_file', exit: 1 }));
  });

  test.runIf(isRoot)('is refused when it belongs to another user', () => {
    const file = join(temporaryDirectory(), 'x');
    writeFileSync(file, 'text');
    chownSync(file, NOBODY, NOBODY);
    expect(() => readOwned(file)).toThrow(
      expect.objectContaining({ code: 'unsafe_file', why: 'it belongs to another user' }),
    );
  });
});
