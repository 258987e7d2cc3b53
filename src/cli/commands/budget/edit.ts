import {
  BUDGET_ACTIONS,
  BUDGET_SPANS,
  type BudgetScope,
  deleteIn,
  editConfig,
  getIn,
  insertEntry,
  removeEntry,
  setIn,
} from '../../../config/index.ts';
import { configuredBudgets, readBudgets } from '../../budgets.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { oneOf } from '../../log-view.ts';
import { jsonText, lookOf, wrap } from '../../render/index.ts';
import { budgetJson } from './list.ts';
import {
  NANO_PER_USD,
  noSuchBudget,
  readAmount,
  readSpan,
  type ScopeFlags,
  type SetFlags,
  sameScope,
  scopeOf,
} from './scope.ts';
import { setText } from './words.ts';

/** An entry as it stands in the file. */
type Written = Readonly<Record<string, unknown>>;

/** Where an entry stands; null = there is none. */
interface Place {
  path: readonly string[];
  entry: Written;
}

/** `budget set`. @throws UserError `config_invalid` (exit 3) when it would be none, exit 2 for the amount */
export async function setBudget(context: Context, amount: string, flags: SetFlags): Promise<void> {
  const { limitNanoUsd, span } = readAmount(amount);
  const scope = scopeOf(flags);
  if (flags.action !== undefined) oneOf(BUDGET_ACTIONS, '--action', flags.action, '{cmd} budget set --help');
  const said = defined({
    [span]: limitNanoUsd / NANO_PER_USD,
    warn: flags.warn,
    action: flags.action,
    to: flags.to,
  });
  await editConfig(context.paths.configFile, async (source) => {
    const place = await placeOf(source, scope);
    return place ? changed(source, place, said) : added(source, scope, said);
  });
  const budgets = (await readBudgets(context)).filter(({ of }) => sameScope(of, scope));
  if (context.json) {
    context.stdout.write(jsonText(budgets.map(budgetJson)));
    return;
  }
  const { width } = lookOf(context, context.stdout);
  for (const one of budgets) context.stdout.write(`${wrap(setText(one), width).join('\n')}\n`);
  if (budgets.some(({ action }) => action === 'block'))
    hint(
      context,
      'At the limit agents get a clear error and stop; requests already streaming finish. ' +
        `Raise it for today: ${context.prefix} budget raise 5`,
    );
}

/** `budget rm`. @throws UserError `no_such_budget` (exit 9) */
export async function removeBudget(
  context: Context,
  spanText: string | undefined,
  flags: ScopeFlags,
): Promise<void> {
  const span = spanText === undefined ? null : readSpan(spanText);
  const scope = scopeOf(flags);
  const before = await configuredBudgets(context);
  const removed = before.filter((one) => sameScope(one.of, scope) && (span === null || one.span === span));
  if (removed.length === 0) throw noSuchBudget(before);
  await editConfig(context.paths.configFile, async (source) => {
    const place = await placeOf(source, scope);
    if (!place) throw noSuchBudget(before);
    const others = BUDGET_SPANS.some((one) => one !== span && place.entry[one] !== undefined);
    return span !== null && others ? deleteIn(source, [...place.path, span]) : withoutEntry(source, place);
  });
  const names = removed.map(({ name }) => name);
  if (context.json) context.stdout.write(jsonText({ removed: names }));
  else context.stdout.write(`${names.map((name) => `removed the ${name}`).join('\n')}\n`);
}

function withoutEntry(source: string, { path }: Place): Promise<string> {
  const [key = '', index] = path;
  return index === undefined ? deleteIn(source, path) : removeEntry(source, key, Number(index));
}

/** The entry of a scope; everybody's is `budget`. */
async function placeOf(source: string, scope: BudgetScope): Promise<Place | null> {
  if (Object.keys(scope).length === 0) {
    const entry = await getIn(source, ['budget']);
    if (typeof entry === 'string') return { path: ['budget'], entry: shortHand(entry) };
    return isWritten(entry) ? { path: ['budget'], entry } : null;
  }
  const entries = await getIn(source, ['budgets']);
  if (!Array.isArray(entries)) return null;
  const index = entries.findIndex((entry: unknown) => isWritten(entry) && sameScope(entry, scope));
  return index < 0 ? null : { path: ['budgets', String(index)], entry: entries[index] as Written };
}

const isWritten = (entry: unknown): entry is Written => typeof entry === 'object' && entry !== null;

/** `15/day` in the file. */
function shortHand(text: string): Written {
  const [amount, span = 'day'] = text.split('/');
  return { [span]: Number(amount) };
}

/** What was not said stays as it is; where to send is forgotten with its action. */
async function changed(source: string, { path, entry }: Place, said: Written): Promise<string> {
  const stays = said.action === undefined || said.action === 'downgrade';
  const asMapping = isWritten(await getIn(source, path));
  if (!asMapping) return setIn(source, path, { ...entry, ...said });
  let text = source;
  for (const [key, value] of Object.entries(said)) text = await setIn(text, [...path, key], value);
  return stays ? text : deleteIn(text, [...path, 'to']);
}

async function added(source: string, scope: BudgetScope, said: Written): Promise<string> {
  if (Object.keys(scope).length === 0) return setIn(source, ['budget'], said);
  const entries = await getIn(source, ['budgets']);
  return insertEntry(source, 'budgets', Array.isArray(entries) ? entries.length : 0, { ...scope, ...said });
}

const defined = (values: Written): Written =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
