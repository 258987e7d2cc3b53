import { AGENTS, type AgentState, checkAgents } from '../../../../agents/index.ts';
import { addressToUse } from '../../../address.ts';
import { placeOf } from '../../../agent-connection.ts';
import type { Context } from '../../../context.ts';
import { overridden } from '../../setup/overridden.ts';
import { type Facts, type Finding, ok } from '../finding.ts';

/** Agents that shall come here and are sent elsewhere by a stronger setting, and files of theirs that cannot be read. */
export async function agents({ context, agent }: Facts): Promise<Finding[]> {
  const asked = AGENTS.filter(({ id }) => agent === null || agent === id);
  const states = await checkAgents(placeOf(context), [await addressToUse(context)], asked);
  const wrong = states.flatMap((state) => [...unreadable(state), ...beaten(context, state)]);
  if (wrong.length > 0) return wrong;
  const here = states.filter(({ connected }) => connected !== null).map(({ name }) => name);
  return [ok(here.length > 0 ? `connected: ${here.join(', ')}` : 'no agent is connected for good')];
}

function unreadable({ name, unreadable: files }: AgentState): Finding[] {
  return files.map(({ file, why }) => ({
    state: 'warn',
    text: `${name} has a file that cannot be read: ${file}`,
    why,
    fix: `mend ${file}`,
  }));
}

function beaten(context: Context, state: AgentState): Finding[] {
  if (state.overriddenBy === null) return [];
  const { message, why, fix } = overridden(context, state);
  return [{ state: 'bad', text: message, ...(why ? { why } : {}), ...(fix[0] ? { fix: fix[0] } : {}) }];
}
