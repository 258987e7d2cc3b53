import { EXIT, UserError } from '../../../errors.ts';
import type { RouteAnswer } from '../../../server/index.ts';

/** Exit codes of what cannot be planned; everything without its own is 1. */
const EXITS: ReadonlyMap<string, number> = new Map([
  ['no_provider_key', EXIT.key],
  ['keychain_locked', EXIT.key],
  ['no_keychain', EXIT.key],
  ['unknown_model', EXIT.nothingFound],
  ['unknown_provider', EXIT.nothingFound],
]);

/** What a client would be told, as an error of the command line. */
export function refused({ code, message }: Extract<RouteAnswer, { ok: false }>['error']): UserError {
  const [what = '', ...fixes] = message.replace(/^unorouter: /, '').split(/(?:, or)? run: /i);
  const fix = fixes.join(' ');
  // Remarks behind a command are set off by blanks.
  const [command = '', remark] = fix.split(/ {3,}/);
  return new UserError({
    code,
    exit: EXITS.get(code) ?? EXIT.failed,
    message: what.replace(/\.$/, ''),
    fix: [command, remark?.replace(/^\((.*)\)$/, '$1') ?? ''].filter((part) => part !== ''),
  });
}
