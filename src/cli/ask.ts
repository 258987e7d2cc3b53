import { UserError } from '../errors.ts';
import type { Context } from './context.ts';
import { usageError } from './usage-error.ts';

/** 128 and the number of SIGINT, as shells count. */
const INTERRUPTED = 130;

/** Ctrl-C at a question (`cancelled`, exit 130). `what` says what became of the command: `nothing was written`. */
export function cancelled(what: string, ...fix: string[]): UserError {
  return new UserError({ code: 'cancelled', exit: INTERRUPTED, message: `cancelled; ${what}`, fix });
}

/** Whether a command was ended by Ctrl-C at one of its questions. */
export const isInterrupt = (problem: unknown): boolean =>
  problem instanceof UserError && problem.exit === INTERRUPTED;

const NOBODY = 'this asks first, and there is nobody to ask';

/**
 * Asks whether to go on; `-y` is a yes.
 * @param command what to type instead where nobody can be asked; `nobody` says that
 * @throws UserError (exit 2) where nobody can be asked, `cancelled` (exit 130) on Ctrl-C
 */
export async function askFirst(
  context: Context,
  message: string,
  command: string | readonly string[],
  { initialValue = false, nobody = NOBODY }: { initialValue?: boolean; nobody?: string } = {},
): Promise<boolean> {
  if (context.yes) return true;
  if (!context.interactive) throw usageError(nobody, ...[command].flat());
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({
    message,
    initialValue,
    input: context.stdin,
    output: context.stderr.stream,
  });
  if (isCancel(answer)) throw cancelled('nothing further was changed');
  return answer;
}
