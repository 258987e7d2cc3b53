import { EXIT, UserError } from '../errors.ts';

/** A flag or an argument that makes no sense: exit 2. Without a fix it points to the help. */
export function usageError(message: string, ...fix: string[]): UserError {
  return new UserError({
    code: 'usage',
    exit: EXIT.usage,
    message,
    fix: fix.length > 0 ? fix : ['{cmd} --help'],
  });
}
