import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, UserError } from '../../errors.ts';

const PRIVATE = 0o600;
const OWNERS = 0o700;
const PERMISSIONS = 0o777;

/** Permissions of a file; null = there is none. */
export function modeOf(file: string): number | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? stat.mode & PERMISSIONS : null;
}

/**
 * Replaces a file of an agent by a rename, so that nobody ever reads half of it; what a link points to is what is replaced.
 * Without a mode nobody but its owner may read it: it holds the token.
 * @throws UserError `cannot_write`
 */
export function replaceFile(file: string, text: string, mode?: number): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: OWNERS });
    const real = realOf(file);
    const temporary = join(dirname(real), `.${randomBytes(6).toString('hex')}.tmp`);
    const wanted = mode ?? (modeOf(real) ?? PRIVATE) & OWNERS;
    try {
      const fd = openSync(temporary, 'wx', PRIVATE);
      try {
        writeFileSync(fd, text);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      chmodSync(temporary, wanted);
      renameSync(temporary, real);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw new UserError({
      code: 'cannot_write',
      exit: EXIT.failed,
      message: `cannot write ${file}`,
      why: error instanceof Error ? error.message : String(error),
      fix: [`look at it: ls -ld ${file}`],
    });
  }
}

function realOf(file: string): string {
  return modeOf(file) === null ? file : realpathSync(file);
}
