import { openLedgerReader } from '../../../ledger/index.ts';
import { addExchange, emptyTally } from '../../../server/index.ts';
import type { Client } from '../../client.ts';
import type { Context } from '../../context.ts';
import { isOfRun, type Session } from './words.ts';

/** More than any session has; beyond it the closing line would say too little. */
const MOST_REQUESTS = 100_000;

/** What a run's label asked for since a moment (ms since 1970), from the ledger. */
export async function readSession(
  context: Context,
  client: Client,
  since: number,
  label: { agent: string; project: string | null },
): Promise<Session> {
  await client.flush().catch(() => undefined);
  const session: Session = { sums: emptyTally(), demo: 0 };
  const reader = await openLedgerReader(context.paths.ledgerFile);
  const rows = reader?.exchanges({ limit: MOST_REQUESTS, since, agent: label.agent }) ?? [];
  reader?.close();
  for (const row of rows.filter((one) => isOfRun(one, label))) {
    if (row.demo) session.demo++;
    addExchange(session.sums, row);
  }
  return session;
}
