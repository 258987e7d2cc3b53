import { applyUndo } from '../../../agents/index.ts';
import { EXIT, type UserError } from '../../../errors.ts';
import { removeRemains } from '../../../home/index.ts';
import { keyName } from '../../../keys/index.ts';
import { askFirst } from '../../ask.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { lookOf } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { removeService } from '../service/run.ts';
import { diffText } from '../setup/diff.ts';
import { stopAndWait } from '../stop/run.ts';
import { type Plan, readPlan } from './plan.ts';
import { type Done, printJson, tellDone, tellPlan } from './tell.ts';

/** Flags of `uninstall`. */
export interface UninstallFlags {
  keepData?: true;
  dryRun?: true;
}

/**
 * Takes back everything that was done outside of our own directories, then, if wanted, deletes these and the keys.
 * While a file of an agent could not be restored the data stays: the backup lies there.
 * @throws UserError usage (exit 2) where nobody can be asked, `cancelled`, `undo_conflict` (exit 1) at the end
 */
export async function runUninstall(context: Context, flags: UninstallFlags): Promise<void> {
  const plan = await readPlan(context);
  if (!context.json) tellPlan(context, plan);
  const done: Done = { agents: [], service: false, server: false, keys: [], data: [] };
  if (!flags.dryRun && !(await carryOut(context, plan, done, flags.keepData === true))) {
    hint(context, 'Nothing was changed.');
    context.exit(EXIT.failed);
    return;
  }
  if (context.json) printJson(context, plan, done);
  else if (!flags.dryRun) tellDone(context, plan, done);
  const problem = plan.agents.find((one) => one.problem !== null)?.problem;
  if (problem && !flags.dryRun) throw problem;
}

/** false = the first question was answered with no. */
async function carryOut(context: Context, plan: Plan, done: Done, keepData: boolean): Promise<boolean> {
  if (!context.yes && !context.interactive) throw nobodyToAsk();
  if (isOutside(plan)) {
    showEdits(context, plan);
    if (!(await askFirst(context, 'Undo all of this?', COMMAND))) return false;
    await undoOutside(context, plan, done);
  }
  if (!keepData) await deleteOwn(context, plan, done);
  return true;
}

const COMMAND = '{cmd} uninstall --keep-data -y';

function nobodyToAsk(): UserError {
  return usageError(
    'uninstall asks first, and there is nobody to ask',
    COMMAND,
    '{cmd} uninstall --dry-run     only shows what would be done',
  );
}

const isOutside = ({ agents, service, server }: Plan): boolean =>
  agents.length > 0 || service !== null || server !== null;

/** Files that somebody changed after us: what is taken out of them is seen before. */
function showEdits(context: Context, { agents }: Plan): void {
  const edited = agents.flatMap(({ steps }) => steps.filter((step) => step.edited));
  if (edited.length === 0) return;
  const look = lookOf(context, context.stderr);
  context.stderr.write(
    `\nChanged since; only what is ours goes:\n\n${diffText(edited, context.env, look)}\n`,
  );
}

const STOP_MS = 30_000;

async function undoOutside(context: Context, { agents, service, server }: Plan, done: Done): Promise<void> {
  for (const { agent, entries, steps, problem } of agents) {
    if (problem) continue;
    applyUndo(steps, entries);
    done.agents.push(agent);
  }
  if (service) {
    removeService(service.manager, service.file);
    done.service = true;
  }
  if (server) done.server = await stopAndWait(context, server, STOP_MS);
}

/** Keys and files of ours, each after its own question. */
async function deleteOwn(context: Context, { agents, server, keys, data }: Plan, done: Done): Promise<void> {
  if (keys && keys.stored.length > 0) {
    const names = keys.stored.map(keyName).join(', ');
    if (await askFirst(context, `Delete the stored keys (${names})?`, COMMAND))
      for (const key of keys.stored) {
        await keys.room.keys.remove(key.provider, key.label);
        done.keys.push(keyName(key));
      }
  }
  const held = agents.some(({ problem }) => problem !== null) || (server !== null && !done.server);
  const left = (keys?.stored.length ?? 0) > done.keys.length;
  // Without our list nobody would find the keys in the keychain again.
  if (held || left || data.length === 0) return;
  if (!(await askFirst(context, 'Delete configuration, ledger and lists of models?', COMMAND))) return;
  removeRemains(context.paths, data);
  done.data.push(...data);
}
