import {
  type Agent,
  applyChanges,
  type FileChange,
  planChanges,
  type Scope,
  type SetupPlan,
} from '../../../agents/index.ts';
import { EXIT } from '../../../errors.ts';
import { labelToken, loadToken } from '../../../home/index.ts';
import { addressToUse } from '../../address.ts';
import { chooseModels, connectionOf, placeOf } from '../../agent-connection.ts';
import { askFirst } from '../../ask.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { jsonFields, jsonText, lookOf, pad, plural, safeText, wrap } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { projectOf } from '../run/environment.ts';
import { homeShort } from '../use/show.ts';
import { diffText } from './diff.ts';
import type { SetupFlags } from './flags.ts';
import { reachedBy } from './reach.ts';

/** Everything that a setup of one agent is about. */
interface Setup {
  agent: Agent;
  scope: Scope;
  plan: SetupPlan;
  changes: readonly FileChange[];
  url: string;
  token: string;
}

/** Shows what would change, asks, backs up, writes and checks; or only shows it. */
export async function connectAgent(context: Context, agent: Agent, flags: SetupFlags): Promise<void> {
  const setup = await prepare(context, agent, flags);
  if (flags.print) return print(context, setup);
  if (!context.json) show(context, setup);
  const write = setup.changes.length > 0 && !flags.dryRun;
  if (write && !(await askFirst(context, 'Write?', `{cmd} setup ${agent.id} -y`))) {
    hint(context, 'Nothing was written.');
    context.exit(EXIT.failed);
    return;
  }
  const { scope, changes } = setup;
  const backup = write
    ? applyChanges(context.paths.stateDir, { agent: agent.id, scope, time: context.now(), changes })
    : null;
  const reached = flags.dryRun || setup.plan.edits.length === 0 ? null : await reachedBy(setup);
  if (context.json) printJson(context, setup, { written: write, backup, reached });
  else if (!flags.dryRun) tell(context, setup, backup, reached);
}

async function prepare(context: Context, agent: Agent, flags: SetupFlags): Promise<Setup> {
  const scope = scopeOf(agent, flags.scope);
  const choice = await chooseModels(context, agent, flags.model);
  const url = await addressToUse(context);
  const secret = loadToken(context.paths, context.env).token;
  const token = labelToken(secret, agent.id, scope === 'project' ? projectOf(context.cwd) : null);
  const plan = agent.setup?.(connectionOf(choice, url, token), placeOf(context), scope);
  if (!plan) throw usageError(`there is nothing to set up for ${agent.name}`, '{cmd} setup');
  return { agent, scope, plan, url, token, changes: await planChanges(plan.edits) };
}

function scopeOf({ id, name, scopes }: Agent, asked: string | undefined): Scope {
  const [usual = 'user'] = scopes;
  const scope = asked === undefined ? usual : scopes.find((one) => one === asked);
  if (scope !== undefined) return scope;
  throw usageError(
    `${name} has no scope "${asked}", only ${scopes.join(' and ')}`,
    `{cmd} setup ${id}     a project's own files would carry the token into its repository`,
  );
}

/** The whole texts, for a hand or a script. */
function print(context: Context, { plan, changes }: Setup): void {
  if (context.json) {
    const files = changes.map(({ file, after }) => ({ file, text: after }));
    context.stdout.write(jsonText(jsonFields([{ files, fields: plan.fields }], context.json)[0]));
    return;
  }
  for (const { file, after } of changes)
    context.stdout.write(`# ${homeShort(file, context.env)}\n${after}${after.endsWith('\n') ? '' : '\n'}\n`);
  fields(context, plan);
  if (plan.edits.length > 0 && changes.length === 0) hint(context, 'Its files say all of it already.');
}

function fields(context: Context, { fields: list, where }: SetupPlan): void {
  if (list.length === 0) return;
  const { width } = lookOf(context, context.stdout);
  const label = Math.max(...list.map((field) => field.label.length)) + 2;
  const head = where === undefined ? [] : wrap(where, width);
  const lines = list.map((field) => `  ${pad(field.label, label)}${field.value}`);
  context.stdout.write(`${[...head, '', ...lines, ''].join('\n')}\n`);
}

function show(context: Context, { agent, plan, changes }: Setup): void {
  const look = lookOf(context, context.stdout);
  fields(context, plan);
  if (plan.edits.length === 0) return;
  if (changes.length === 0) {
    context.stdout.write(`${agent.name} says all of it already.\n`);
    return;
  }
  const would = `${plural(changes.length, 'file')} would change`;
  context.stdout.write(`${agent.name}: ${would}\n\n${diffText(changes, context.env, look)}\n`);
}

function tell(
  context: Context,
  { agent, plan }: Setup,
  backup: string | null,
  reached: boolean | null,
): void {
  const { glyphs, width } = lookOf(context, context.stderr);
  const checked =
    reached === null
      ? null
      : reached
        ? `${glyphs.dot} Done and checked: the token in its file reaches this unorouter.`
        : `${glyphs.dot} Done; not checked, as no unorouter runs at that address: ${context.prefix} serve`;
  const lines = [
    checked,
    `Start it: ${plan.start}`,
    backup === null ? null : `Backup: ${homeShort(backup, context.env)}`,
    backup === null ? null : `Undo: ${context.prefix} setup ${agent.id} --undo`,
  ].filter((line) => line !== null);
  for (const line of lines.flatMap((text) => wrap(safeText(text), width))) hint(context, line);
}

function printJson(
  context: Context,
  { agent, scope, plan, changes, url }: Setup,
  done: { written: boolean; backup: string | null; reached: boolean | null },
): void {
  const answer = {
    agent: agent.id,
    scope,
    url,
    files: changes.map(({ file, before }) => ({ file, new: before === null })),
    fields: plan.fields,
    start: plan.start,
    ...done,
  };
  context.stdout.write(jsonText(jsonFields([answer], context.json ?? [])[0]));
}
