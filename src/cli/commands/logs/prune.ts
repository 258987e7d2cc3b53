import { pruneBodies } from '../../../bodies/index.ts';
import { invalidConfig, loadConfig } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { askFirst } from '../../ask.ts';
import { findClient, flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint, NOTHING_YET } from '../../hint.ts';
import { day, jsonText, plural } from '../../render/index.ts';
import { readPeriod } from '../../since.ts';
import { usageError } from '../../usage-error.ts';

/** Flags of `logs prune` as they were typed. */
export interface PruneOptions {
  olderThan?: string;
}

/** `logs prune`: asks, then deletes requests of a certain age. A running server does it itself: it alone writes the ledger. */
export async function pruneLogs(context: Context, options: PruneOptions): Promise<void> {
  const before = await beginning(context, options.olderThan);
  const found = await countBefore(context, before);
  if (found === null) hint(context, NOTHING_YET);
  const requests = found !== null && found > 0 ? found : 0;
  const date = day(before, context.utc);
  if (requests > 0 && !(await agreed(context, requests, date))) {
    hint(context, 'Nothing was deleted.');
    context.exit(EXIT.failed);
    return;
  }
  await pruneBodies(context.paths.bodiesDir, { before, maxBytes: null });
  const deleted = requests > 0 ? await prune(context, before) : 0;
  if (context.json) context.stdout.write(jsonText({ before: new Date(before).toISOString(), deleted }));
  else
    context.stdout.write(
      `Deleted ${plural(deleted, 'request')} from before ${date}; sums keep what they cost.\n`,
    );
}

/** ms since 1970 */
async function beginning(context: Context, olderThan: string | undefined): Promise<number> {
  const clock = { now: context.now(), utc: context.utc };
  if (olderThan !== undefined) return readPeriod({ since: olderThan }, clock, 'logs prune').since;
  const loaded = await loadConfig(context.paths.configFile);
  if (!loaded.ok) throw invalidConfig(loaded.problems, loaded.source);
  const { keepMs } = loaded.config.log;
  if (keepMs === 0)
    throw usageError(
      'log.keep says to keep everything: how old is old?',
      '{cmd} logs prune --older-than 90d',
    );
  return clock.now - keepMs;
}

/** null = there is no ledger. */
async function countBefore(context: Context, before: number): Promise<number | null> {
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  try {
    return reader?.count({ limit: 0, until: before }) ?? null;
  } finally {
    reader?.close();
  }
}

function agreed(context: Context, requests: number, date: string): Promise<boolean> {
  const what = `${plural(requests, 'request')} from before ${date}`;
  const command = '{cmd} logs prune --yes     deletes them without asking';
  return askFirst(context, `Delete ${what}?`, command, { nobody: `${what} would be deleted` });
}

async function prune(context: Context, before: number): Promise<number> {
  const client = await findClient(context);
  const deleted = client ? await client.prune(before) : await pruneAlone(context, before);
  if (deleted !== null) return deleted;
  throw new UserError({
    code: 'cannot_write',
    exit: EXIT.failed,
    message: `nothing can be deleted in ${context.paths.ledgerFile}`,
    fix: ['{cmd} status     says what is wrong with it'],
  });
}

async function pruneAlone(context: Context, before: number): Promise<number | null> {
  const { openLedger } = await import('../../../ledger/index.ts');
  const ledger = openLedger({
    file: context.paths.ledgerFile,
    onProblem: (text) => context.stderr.write(`${text}\n`),
  });
  try {
    return await ledger.prune({ before, maxBytes: null });
  } finally {
    await ledger.close();
  }
}
