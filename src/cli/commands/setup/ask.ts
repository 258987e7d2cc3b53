import type { Context } from '../../context.ts';
import { usageError } from '../../usage-error.ts';

/**
 * Asks whether to go on; `-y` is a yes.
 * @param command what to type instead where nobody can be asked
 * @throws UserError (exit 2) where nobody can be asked
 */
export async function askFirst(context: Context, message: string, command: string): Promise<boolean> {
  if (context.yes) return true;
  if (!context.interactive) throw usageError('this asks first, and there is nobody to ask', command);
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({
    message,
    initialValue: false,
    input: context.stdin,
    output: context.stderr.stream,
  });
  return answer === true;
}
