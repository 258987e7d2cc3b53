import type { Context } from './context.ts';
import { wrap } from './render/index.ts';

/** What is said when there is no ledger. */
export const NOTHING_YET = 'Nothing is recorded yet: no request has come through unorouter.';

/** Says something beside the answer, unless `-q`. Where both are on one terminal, a blank line parts them. */
export function hint(context: Context, text: string): void {
  if (context.quiet) return;
  const { stdout, stderr } = context;
  const blank = stdout.tty && stderr.tty ? '\n' : '';
  stderr.write(`${blank}${wrap(text, stderr.width()).join('\n')}\n`);
}
