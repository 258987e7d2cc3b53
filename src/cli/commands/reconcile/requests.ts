import type { Provider, Surface } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Exchange } from '../../../exchange.ts';
import { compare, type DayUse, type Drift, type OurUse, SOURCES } from '../../../reconcile/index.ts';
import { flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { day, plural, ulidTail } from '../../render/index.ts';
import type { Shelves } from '../../shelves.ts';
import { answersOf, type Days } from './ask.ts';

/** So many requests are asked about, the newest first. */
const MOST_REQUESTS = 500;
/** Examples of requests that differ. */
const MOST_NAMED = 5;

/** One billed attempt, and what the provider calls its answer. */
interface Attempted {
  id: string;
  ours: OurUse;
  answerId: string;
}

/** One billed attempt, as both sides have it. */
interface Compared extends Omit<Attempted, 'answerId'> {
  theirs: DayUse | null;
}

/**
 * Request by request: what the provider says of each answer whose id the ledger has, beside what it has itself.
 * @throws UserError `no_reports` (exit 9), `no_provider_key` (exit 4), `bill_unreadable` (exit 7)
 */
export async function compareRequests(
  context: Context,
  shelves: Shelves,
  provider: Provider,
  days: Days,
): Promise<Drift[]> {
  const report = SOURCES.get(provider.id)?.answers;
  const [surface] = provider.surfaces;
  if (!report || !surface) throw noAnswers(provider);
  const key = ordinaryKey(shelves, provider, surface);
  const { newest: asked, all } = await readAttempts(context, provider, days);
  const said = await answersOf(
    context,
    shelves,
    { provider, surface, key },
    report,
    asked.map(({ answerId }) => answerId),
  );
  const compared = asked.map(({ id, ours }, i): Compared => {
    const one = said[i] ?? null;
    return { id, ours, theirs: one && { ...ours, ...one } };
  });
  tell(context, compared, all);
  const known = compared.filter(({ theirs }) => theirs !== null);
  return compare(
    known.map(({ ours }) => ours),
    known.flatMap(({ theirs }) => theirs ?? []),
    (model) => model,
  );
}

function ordinaryKey({ keys }: Shelves, provider: Provider, surface: Surface): string {
  const found = keys.get(provider, surface.url);
  if (found.ok) return found.value;
  throw new UserError({
    code: 'no_provider_key',
    exit: EXIT.key,
    message: `no API key for ${provider.id}`,
    why: `looked in ${found.lookedIn}`,
    fix: [`{cmd} keys add ${provider.id}`],
  });
}

/** The newest billed attempts, and how many there are in all. */
async function readAttempts(
  context: Context,
  provider: Provider,
  days: Days,
): Promise<{ newest: Attempted[]; all: number }> {
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  try {
    let newest: Attempted[] = [];
    let all = 0;
    for (const page of reader?.pages({ ...days, billedBy: provider.id, limit: Infinity }) ?? []) {
      const found = page.flatMap((exchange) => attemptsOf(exchange, provider));
      all += found.length;
      newest = [...newest, ...found].slice(-MOST_REQUESTS);
    }
    return { newest: newest.reverse(), all };
  } finally {
    reader?.close();
  }
}

/** The billed attempts at a provider that said what it calls its answer. */
function attemptsOf({ id, time, attempts }: Exchange, provider: Provider): Attempted[] {
  return attempts.flatMap(({ provider: asked, model, answerId, billed }) => {
    if (asked !== provider.id || answerId === undefined || !billed) return [];
    const { usage, cost } = billed;
    const counts = {
      nanoUsd: cost.nanoUsd,
      requests: 1,
      input: usage.input ?? null,
      output: usage.output ?? null,
    };
    const ours = { day: day(time, true), model, ...counts, unpriced: cost.state === 'unknown' ? 1 : 0 };
    return [{ id, answerId, ours }];
  });
}

/** What a table of days and models cannot say. */
function tell(context: Context, compared: readonly Compared[], all: number): void {
  const unknown = compared.filter(({ theirs }) => theirs === null).length;
  const differ = compared.filter(({ ours, theirs }) => theirs !== null && theirs.nanoUsd !== ours.nanoUsd);
  const tails = ulidTail(differ.map(({ id }) => id));
  const named = differ.slice(0, MOST_NAMED).map(({ id }) => tails.get(id) ?? id);
  const examples = named.length > 0 ? `: ${context.prefix} logs show ${named.join(', ')}` : '';
  hint(
    context,
    [
      `${plural(compared.length, 'request')} asked about`,
      ...(all > compared.length ? [`the newest of ${all}`] : []),
      ...(unknown > 0 ? [`${unknown} not known there`] : []),
      `${differ.length} of another cost${examples}`,
    ].join(', '),
  );
}

function noAnswers({ id }: Provider): UserError {
  const known = [...SOURCES].flatMap(([name, { answers }]) => (answers ? [name] : []));
  return new UserError({
    code: 'no_reports',
    exit: EXIT.nothingFound,
    message: `${id} does not tell of single requests`,
    why: `known to do so: ${known.join(', ')}`,
    fix: [`{cmd} reconcile ${id}     day by day`],
  });
}
