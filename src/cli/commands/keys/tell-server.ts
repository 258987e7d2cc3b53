import { UserError } from '../../../errors.ts';
import { findClient } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint, say } from './say.ts';

/** Lets a running server read the keys again, and says so with `taken`. Its trouble is a warning: the keys are stored. */
export async function tellServer(context: Context, taken: string): Promise<void> {
  const client = await findClient(context);
  if (!client) return;
  try {
    await client.reloadKeys();
    hint(context, taken);
  } catch (error) {
    const why = error instanceof UserError ? error.message : String(error);
    say(context, context.stderr, 'warn', `The running unorouter did not hear of it: ${why}`);
  }
}
