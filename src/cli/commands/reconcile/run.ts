import { readFileSync } from 'node:fs';
import type { Catalog, Provider } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { compare, type DayUse, type Drift, type OurUse, usesInCsv } from '../../../reconcile/index.ts';
import { flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { day, jsonFields, jsonText, lookOf } from '../../render/index.ts';
import { loadShelves } from '../../shelves.ts';
import { readPeriod, startOfDay } from '../../since.ts';
import { usageError } from '../../usage-error.ts';
import { askProvider, type Days } from './ask.ts';
import { compareRequests } from './requests.ts';
import { driftTable } from './table.ts';

/** Flags of `reconcile` as they were typed. */
export interface ReconcileOptions {
  csv?: string;
  requests?: true;
  since: string;
  until?: string;
}

/** `reconcile`. @throws UserError `unknown_provider` (exit 9), `no_admin_key` (exit 4), `upstream` (exit 7) */
export async function reconcile(context: Context, name: string, options: ReconcileOptions): Promise<void> {
  const shelves = await loadShelves(context, { prices: false });
  const provider = shelves.catalog.provider(name);
  if (!provider)
    throw new UserError({
      code: 'unknown_provider',
      exit: EXIT.nothingFound,
      message: `unknown provider "${name}"`,
      fix: ['{cmd} keys list --all     lists them'],
    });
  if (options.requests && options.csv !== undefined)
    throw usageError(
      '--requests asks the provider, --csv reads a file',
      '{cmd} reconcile openrouter --requests',
    );
  const days = daysOf(context, options);
  if (options.requests)
    return answer(context, provider, await compareRequests(context, shelves, provider, days));
  const theirs =
    options.csv === undefined ? await askProvider(context, shelves, provider, days) : readExport(options.csv);
  const within = theirs.filter(({ day: one }) => one >= dayText(days.since) && one < dayText(days.until));
  const ours = await readOurs(context, provider, days);
  const drifts = compare(ours, within, nameIn(shelves.catalog, provider));
  answer(context, provider, drifts);
}

const dayText = (time: number): string => day(time, true);

/** Whole days of UTC: providers count in nothing else. */
function daysOf(context: Context, { since, until }: ReconcileOptions): Days {
  const clock = { now: context.now(), utc: true, wholeDays: true };
  const period = readPeriod({ since, until }, clock, 'reconcile');
  const end = Number.isFinite(period.until) ? period.until : clock.now;
  return { since: startOfDay(period.since, true), until: startOfDay(end - 1, true, 1) };
}

/** A snapshot and its model are one, and so are the spellings of two sellers. */
function nameIn(catalog: Catalog, { id }: Provider): (model: string) => string {
  return (model) => catalog.info(id, model)?.name ?? model.replace(/^.*\//, '');
}

function readExport(file: string): DayUse[] {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UserError({
      code: 'no_file',
      exit: EXIT.nothingFound,
      message: `cannot read ${file}`,
      why: error instanceof Error ? error.message : String(error),
    });
  }
  const uses = usesInCsv(text);
  if (typeof uses !== 'string') return uses;
  throw new UserError({
    code: 'no_export',
    exit: EXIT.usage,
    message: `${file} is no export of costs that can be read`,
    why: uses,
    fix: ['its first line must name the columns: date, model, cost_usd, input_tokens, output_tokens'],
  });
}

async function readOurs(context: Context, { id }: Provider, { since, until }: Days): Promise<OurUse[]> {
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  try {
    const rows =
      reader?.spend({ by: ['day', 'provider', 'model'], since, until, demo: false, dayOf: dayText }) ?? [];
    return rows
      .filter(({ key }) => key[1] === id)
      .map((row) => ({
        day: row.key[0] ?? '',
        model: row.key[2] ?? '',
        nanoUsd: row.costNanoUsd,
        requests: row.requests,
        input: row.input,
        output: row.output,
        unpriced: row.unpriced,
      }));
  } finally {
    reader?.close();
  }
}

function answer(context: Context, provider: Provider, drifts: readonly Drift[]): void {
  if (context.json) {
    context.stdout.write(
      jsonText(
        jsonFields(
          drifts.map((one) => ({ ...one })),
          context.json,
        ),
      ),
    );
    return;
  }
  if (drifts.length === 0) {
    hint(context, `Neither ${provider.id} nor the ledger knows of anything in these days.`);
    return;
  }
  context.stdout.write(driftTable(drifts, lookOf(context, context.stdout)));
  hint(
    context,
    'Days are those of UTC. What did not pass through unorouter is on their side only; figures of the last hours come late.',
  );
}
