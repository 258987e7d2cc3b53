import { EXIT, UserError } from '../../../errors.ts';
import type { LedgerReader } from '../../../ledger/index.ts';
import type { SpendRequest } from './query.ts';

/**
 * The session that is meant: `last`, or any part of an id that only one of the period has.
 * @throws UserError `no_request` (exit 9), `several_requests` (exit 2)
 */
export function findSession(reader: LedgerReader, text: string, { period, demo }: SpendRequest): string {
  const { since, until } = period;
  const found =
    text === 'last' ? lastOf(reader, { since, until }, demo) : withPart(reader, text, { since, until }, demo);
  const [session] = found;
  if (session === undefined)
    throw new UserError({
      code: 'no_request',
      exit: EXIT.nothingFound,
      message:
        text === 'last' ? 'no request of that time names its session' : `no session is known as "${text}"`,
      why: 'agents name their sessions in a header; not all of them do',
      fix: ['{cmd} spend --by session'],
    });
  if (found.length > 1)
    throw new UserError({
      code: 'several_requests',
      exit: EXIT.usage,
      message: `${found.length} sessions are known as "${text}"`,
      fix: [`{cmd} spend --session ${session}`],
    });
  return session;
}

function lastOf(reader: LedgerReader, span: { since: number; until: number }, demo: boolean): string[] {
  const [newest] = reader.exchanges({ ...span, inSession: true, demo, limit: 1 });
  return newest?.session == null ? [] : [newest.session];
}

function withPart(
  reader: LedgerReader,
  part: string,
  span: { since: number; until: number },
  demo: boolean,
): string[] {
  const all = reader
    .spend({ ...span, by: ['session'], demo, dayOf: String })
    .flatMap(({ key: [session] }) => session ?? []);
  const exact = all.filter((session) => session === part);
  return exact.length > 0 ? exact : all.filter((session) => session.includes(part));
}
