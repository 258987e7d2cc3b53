import { UserError } from '../../../errors.ts';
import type { Exchange } from '../../../exchange.ts';
import type { FeedEvent } from '../../../feed/index.ts';
import { findServer } from '../../../home/index.ts';
import { type Client, connect } from '../../client.ts';
import type { Context } from '../../context.ts';
import { createLogView, logForm } from '../../log-view.ts';
import { safeText } from '../../render/index.ts';
import type { FooterFacts } from '../../render/log/footer.ts';
import type { LogView } from '../../render/log/view.ts';
import { usageError } from '../../usage-error.ts';
import { countOf, type Filters, type LogOptions, matches, readFilters } from './filters.ts';

const DEFAULT_ROWS = 10;

/** `logs -f`: the last rows, then what the running server does, until it ends or Ctrl-C. */
export async function followLogs(context: Context, options: LogOptions): Promise<void> {
  if (options.csv) throw usageError('-f prints no CSV', '{cmd} logs -f --json', '{cmd} logs --csv');
  const { filters } = readFilters(options, { now: context.now(), utc: context.utc });
  const limit = countOf(options.n, DEFAULT_ROWS);
  const client = await connect(context);
  const view = await openView(context, client);
  const stopped = untilStopped();
  const stream = createJoin(view, filters);
  const events = client.events(stream.event, stopped.signal);
  const history = past(context, client, { ...filters, limit }).then(stream.history);
  const byHand = await Promise.all([events, history])
    .then(() => stopped.signal.aborted)
    .finally(() => {
      // Also when the past could not be had: an open connection would keep the process alive.
      stopped.abort();
      view.end();
    });
  if (!byHand && !context.quiet) context.stderr.write('unorouter has stopped.\n');
}

/** The view of `serve`, fed from afar. The sums of its footer are asked for after each request. */
async function openView(context: Context, client: Client): Promise<LogView> {
  const { createCatalog } = await import('../../../catalog/index.ts');
  const form = logForm(context, undefined, '{cmd} help environment');
  let footer: FooterFacts = { today: NOTHING, budgets: [], problems: [], demo: 0 };
  const view = createLogView(context, {
    form,
    fields: context.json ?? [],
    provider: createCatalog().provider,
    show: () => true,
    footer: () => footer,
    warn: (text) => context.stderr.write(`${text}\n`),
  });
  if (form !== 'live') return view;
  const ask = async (): Promise<void> => {
    const { today, budgets, problems } = await client.status();
    footer = { today, budgets, problems, demo: 0 };
    view.above(() => undefined);
  };
  // A server that is about to end answers no more: the last sums stay.
  const refresh = (): void => void ask().catch(() => undefined);
  await ask();
  context.stdout.stream.on('resize', view.resized);
  return {
    ...view,
    event(event) {
      view.event(event);
      if (event.type === 'finish') refresh();
    },
    end() {
      context.stdout.stream.off('resize', view.resized);
      view.end();
    },
  };
}

const NOTHING: FooterFacts['today'] = {
  requests: 0,
  errors: 0,
  fallbacks: 0,
  costNanoUsd: 0,
  unpriced: 0,
  estimated: 0,
  input: 0,
  cacheRead: 0,
};

/** Ctrl-C is how following ends: quietly, and with success. */
function untilStopped(): AbortController {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller;
}

/**
 * What comes while the past is still being read waits for it, and what is in both is shown once. The server has us
 * among its listeners before it answers the flush that is asked after, so nothing falls between.
 */
function createJoin(view: Pick<LogView, 'event'>, filters: Filters) {
  const early: FeedEvent[] = [];
  let isPast = false;

  function show(event: FeedEvent): void {
    if (matches(event.exchange, filters)) view.event(event);
  }

  return {
    event(event: FeedEvent): void {
      if (isPast) show(event);
      else early.push(event);
    },
    /** @param exchanges oldest first */
    history(exchanges: readonly Exchange[]): void {
      const shown = new Set(exchanges.map(({ id }) => id));
      for (const exchange of exchanges) view.event({ type: 'finish', exchange });
      isPast = true;
      for (const event of early) if (!shown.has(event.exchange.id)) show(event);
    },
  };
}

/** The last finished ones that match, oldest first. A ledger that cannot be read is no reason not to watch. */
async function past(
  context: Context,
  client: Client,
  query: Filters & { limit: number },
): Promise<Exchange[]> {
  if (query.limit === 0 || (await isElsewhere(context, client))) return [];
  try {
    await client.flush();
    return await lastFinished(context, query);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    context.stderr.write(`${safeText(error.message)}; what comes is shown all the same.\n`);
    return [];
  }
}

async function lastFinished(context: Context, query: Filters & { limit: number }): Promise<Exchange[]> {
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  const reader = await openLedgerReader(context.paths.ledgerFile);
  if (!reader) return [];
  try {
    const rows = reader.exchanges({ ...query, limit: query.limit + MOST_OPEN });
    return rows
      .filter(({ outcome }) => outcome !== 'open')
      .slice(0, query.limit)
      .reverse();
  } finally {
    reader.close();
  }
}

/** Open rows are among the newest, and are shown when they finish. */
const MOST_OPEN = 100;

/** A server that `--url` names may be of another home: its past is not in our ledger. */
async function isElsewhere(context: Context, client: Client): Promise<boolean> {
  return context.url !== null && (await findServer(context.paths))?.url !== client.url;
}
