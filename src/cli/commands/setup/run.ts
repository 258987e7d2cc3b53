import { AGENTS, type Agent, findAgent } from '../../../agents/index.ts';
import { closest } from '../../../catalog/index.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../usage-error.ts';
import { unsupported } from '../run/missing.ts';
import { connectAgent } from './connect.ts';
import type { SetupFlags } from './flags.ts';
import { listAgents } from './list.ts';
import { undoSetup } from './undo.ts';

/** One of these decides what is done; two of them make no sense. */
const MODES = ['print', 'dryRun', 'check', 'undo'] as const;

/**
 * `setup` in all its forms.
 * @throws UserError usage (exit 2), `agent_unsupported`, `setup_overridden`, `undo_conflict`, `agent_file_unreadable`
 */
export async function runSetup(context: Context, name: string | undefined, flags: SetupFlags): Promise<void> {
  if (MODES.filter((mode) => flags[mode]).length > 1)
    throw usageError('--print, --dry-run, --check and --undo exclude each other', '{cmd} setup --help');
  const agent = name === undefined ? undefined : agentNamed(name);
  if (flags.undo) return undoSetup(context, agent);
  if (flags.check || agent === undefined) return listAgents(context, agent, flags.check === true);
  if (agent.refusal) throw unsupported(agent);
  return connectAgent(context, agent, flags);
}

function agentNamed(name: string): Agent {
  const agent = findAgent(name.toLowerCase());
  if (agent) return agent;
  const ids = AGENTS.map(({ id }) => id);
  const [near] = closest(name, ids, 1);
  throw usageError(
    `"${name}" is no agent that setup knows`,
    near === undefined ? `known: ${ids.join(', ')}` : `did you mean ${near}?     known: ${ids.join(', ')}`,
    'any other client: {cmd} env',
  );
}
