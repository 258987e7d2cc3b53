import {
  editConfig,
  getIn,
  insertEntry,
  invalidConfig,
  loadConfig,
  moveEntry,
  removeEntry,
} from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { jsonText, lookOf, safeText } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { tildePath } from '../config/places.ts';
import { changedLines } from './diff.ts';
import { readHeader } from './question.ts';

/** Where a rule goes. */
export interface PlaceFlags {
  first?: true;
  last?: true;
  before?: string;
  after?: string;
}

/** Flags of `routes add` as they were typed. */
export interface AddFlags extends PlaceFlags {
  name: string;
  agent?: string;
  project?: string;
  model?: string;
  role?: string;
  input?: string;
  image?: boolean;
  tools?: boolean;
  protocol?: string;
  header: string[];
  time?: string;
  day?: string;
  to: string;
  strict?: true;
}

/** A rule as it stands in the file. */
type Written = Readonly<Record<string, unknown>>;

/** `routes add`: writes a rule. @throws UserError `config_invalid` (exit 3) when it is none, exit 2 for its place */
export async function addRoute(context: Context, flags: AddFlags): Promise<void> {
  await edit(context, (source, rules) => {
    if (rules.some((rule, i) => nameOf(rule, i) === flags.name))
      throw usageError(
        `there is a rule "${flags.name}" already`,
        `{cmd} routes rm ${flags.name}`,
        '{cmd} config edit',
      );
    const at = placeAmong(rules, flags) ?? rules.length;
    return insertEntry(source, 'routes', at, ruleOf(flags));
  });
}

/** `routes rm`: removes one. @throws UserError `no_such_rule` (exit 9) */
export async function removeRoute(context: Context, which: string): Promise<void> {
  await edit(context, (source, rules) => removeEntry(source, 'routes', indexOf(rules, which)));
}

/** `routes move`: puts one elsewhere. @throws UserError `no_such_rule` (exit 9), exit 2 without a place */
export async function moveRoute(context: Context, which: string, flags: PlaceFlags): Promise<void> {
  await edit(context, (source, rules) => {
    const from = indexOf(rules, which);
    const to = placeAmong(rules, flags);
    if (to === null)
      throw usageError(
        'where to? --first, --last, --before or --after another rule',
        `{cmd} routes move ${which} --first`,
      );
    // Places behind it move up when it leaves.
    return moveEntry(source, 'routes', from, to > from ? to - 1 : to);
  });
}

async function edit(
  context: Context,
  change: (source: string, rules: readonly Written[]) => Promise<string>,
): Promise<void> {
  const file = context.paths.configFile;
  const known = await loadConfig(file);
  if (!known.ok) throw invalidConfig(known.problems, known.source);
  const { before, after, warnings } = await editConfig(file, async (source) =>
    change(source, await rulesIn(source)),
  ).catch(unwritten);
  if (context.json) {
    context.stdout.write(jsonText({ changed: before !== after, file, routes: await rulesIn(after) }));
    return;
  }
  const { style } = lookOf(context, context.stdout);
  const paint = { '+': style.green, '-': style.red };
  for (const { sign, text } of changedLines(before, after))
    context.stdout.write(`${paint[sign](`${sign} ${safeText(text)}`)}\n`);
  const where = safeText(tildePath(context, file));
  context.stdout.write(before === after ? `nothing to change in ${where}\n` : `saved in ${where}\n`);
  if (context.quiet) return;
  for (const warning of warnings.filter((one) => !known.warnings.includes(one)))
    context.stderr.write(`${safeText(warning)}\n`);
}

/** The mistake stands in a text that was never saved. */
function unwritten(problem: unknown): never {
  if (!(problem instanceof UserError) || problem.code !== 'config_invalid' || problem.why) throw problem;
  throw new UserError({
    code: problem.code,
    exit: problem.exit,
    message: problem.message,
    why: 'the configuration file was not changed',
    fix: ['{cmd} routes add --help'],
  });
}

async function rulesIn(source: string): Promise<readonly Written[]> {
  const found = await getIn(source, ['routes']);
  return Array.isArray(found) ? (found as Written[]) : [];
}

const nameOf = (rule: Written, index: number): string => String(rule.name ?? `rule ${index + 1}`);

/** By name, else by its number in the list. */
function indexOf(rules: readonly Written[], which: string): number {
  const named = rules.findIndex((rule, i) => nameOf(rule, i) === which);
  if (named >= 0) return named;
  const number = /^#?\d+$/.test(which) ? Number(which.replace('#', '')) - 1 : -1;
  if (number >= 0 && number < rules.length) return number;
  throw new UserError({
    code: 'no_such_rule',
    exit: EXIT.nothingFound,
    message: `no rule is called "${which}"`,
    ...(rules.length > 0 ? { why: `there are: ${rules.map(nameOf).join(', ')}` } : {}),
    fix: ['{cmd} routes list'],
  });
}

/** The index in front of which a rule goes; null = nothing was said. */
function placeAmong(rules: readonly Written[], flags: PlaceFlags): number | null {
  const { first, last, before, after } = flags;
  if ([first, last, before, after].filter((one) => one !== undefined).length > 1)
    throw usageError('only one of --first, --last, --before and --after says where');
  if (first) return 0;
  if (last) return rules.length;
  if (before !== undefined) return indexOf(rules, before);
  return after === undefined ? null : indexOf(rules, after) + 1;
}

/** One is written as itself, several as a list. */
function oneOrMore(text: string): string | string[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length === 1 ? (parts[0] ?? '') : parts;
}

/** The rule as it will stand in the file; whether it is one is for the schema to say. */
function ruleOf(flags: AddFlags): Written {
  const { role, input, image, tools, time } = flags;
  const lists = { agent: flags.agent, project: flags.project, model: flags.model, protocol: flags.protocol };
  const when = defined({
    ...mapped(lists, oneOrMore),
    ...{ role, input, image, tools, time },
    day: flags.day === undefined ? undefined : oneOrMore(flags.day),
    header: flags.header.length > 0 ? Object.fromEntries(flags.header.map(readHeader)) : undefined,
  });
  return {
    name: flags.name,
    ...(Object.keys(when).length > 0 ? { when } : {}),
    to: oneOrMore(flags.to),
    ...(flags.strict ? { strict: true } : {}),
  };
}

const defined = (values: Written): Written =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const mapped = (
  values: Readonly<Record<string, string | undefined>>,
  to: (text: string) => unknown,
): Written =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, value === undefined ? value : to(value)]),
  );
