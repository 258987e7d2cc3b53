import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, UserError } from '../errors.ts';

const PRIVATE_DIR = 0o700;
const PRIVATE_FILE = 0o600;
const OTHERS = 0o077;

function isMine(uid: number): boolean {
  const mine = process.getuid?.();
  // Windows has no uid; its profile directories are private by their own rules.
  return mine === undefined || uid === mine || uid === 0;
}

function unsafe(path: string, why: string): UserError {
  return new UserError({
    code: 'unsafe_file',
    exit: EXIT.failed,
    message: `${path} is not safe to use`,
    why,
    fix: [`look at it: ls -ld ${path}`, 'or keep everything elsewhere: export UNOROUTER_HOME=…'],
  });
}

function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** A disk that is full or read-only, a directory of somebody else: the user's to solve, not a bug. */
function inaccessible(verb: 'read' | 'write', path: string, error: unknown): UserError {
  return new UserError({
    code: `cannot_${verb}`,
    exit: EXIT.failed,
    message: `cannot ${verb} ${path}`,
    why: error instanceof Error ? error.message : String(error),
    fix: [`look at it: ls -ld ${path}`, 'or keep everything elsewhere: export UNOROUTER_HOME=…'],
  });
}

/**
 * Makes a directory that only its owner can enter.
 * @throws UserError `unsafe_file` when somebody else owns it or it is a link, `cannot_write` when the system refuses
 */
export function ensurePrivateDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: PRIVATE_DIR });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw inaccessible('write', path, error);
  }
  const stat = lstatSync(path);
  if (!stat.isDirectory()) throw unsafe(path, 'it is a link or a file, and a directory is needed');
  if (!isMine(stat.uid)) throw unsafe(path, 'it belongs to another user');
  // Also under a strange umask, and for directories of older versions.
  if (process.platform === 'win32' || (stat.mode & OTHERS) === 0) return;
  try {
    chmodSync(path, PRIVATE_DIR);
  } catch (error) {
    throw inaccessible('write', path, error);
  }
}

/**
 * Writes a file for its owner's eyes: a new file beside it, then a rename, so that nobody ever sees half of it.
 * @throws UserError `cannot_write`
 */
export function writePrivate(file: string, text: string | Uint8Array): void {
  try {
    replace(file, text);
  } catch (error) {
    throw inaccessible('write', file, error);
  }
}

function replace(file: string, text: string | Uint8Array): void {
  const temporary = join(dirname(file), `.${randomBytes(6).toString('hex')}.tmp`);
  const fd = openSync(
    temporary,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
    PRIVATE_FILE,
  );
  try {
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Reads a file that may steer the program: a regular file (no link) of this user or root. `null` = there is none.
 * @throws UserError `unsafe_file`, `cannot_read`
 */
export function readOwned(file: string): string | null {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    if (errorCode(error) === 'ELOOP') throw unsafe(file, 'it is a symbolic link');
    throw inaccessible('read', file, error);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw unsafe(file, 'it is not a regular file');
    if (!isMine(stat.uid)) throw unsafe(file, 'it belongs to another user');
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}
