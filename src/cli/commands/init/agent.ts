import { AGENTS, type Agent, type AgentState, checkAgents } from '../../../agents/index.ts';
import { addressToUse } from '../../address.ts';
import { placeOf } from '../../agent-connection.ts';
import { cancelled } from '../../ask.ts';
import { connectAgent } from '../setup/connect.ts';
import type { Outcome, Wizard } from './step.ts';

/** Agents of this machine, connected for good where that is wanted; each shows its changes and asks once more. */
export async function agentStep(wizard: Wizard): Promise<Outcome> {
  const found = (await look(wizard)).filter(({ program }) => program !== null);
  if (found.length === 0)
    return { done: false, text: 'none found on this machine', command: 'setup     lists those it knows' };
  const open = found.filter(({ connected, id }) => connected === null && canConnect(id));
  const chosen = wizard.asks && open.length > 0 ? await choose(wizard, open) : [];
  for (const agent of chosen) await connectAgent({ ...wizard.context, exit: () => undefined }, agent, {});
  const states = (await look(wizard)).filter(({ program }) => program !== null);
  const here = states.filter(({ connected }) => connected !== null);
  const names = states.map(({ id, connected }) => `${id}${connected ? ' (connected)' : ''}`).join(', ');
  const [first] = states;
  return here.length > 0
    ? { done: true, text: `found: ${names}`, command: null }
    : {
        done: false,
        text: `found: ${names}; for one session nothing needs to be connected`,
        command: `run -- ${first?.id}`,
      };
}

async function look({ context }: Wizard): Promise<AgentState[]> {
  return checkAgents(placeOf(context), [await addressToUse(context)]);
}

const agentOf = (id: string): Agent | undefined => AGENTS.find((agent) => agent.id === id);

const canConnect = (id: string): boolean => agentOf(id)?.setup !== undefined;

async function choose({ context }: Wizard, open: readonly AgentState[]): Promise<Agent[]> {
  const { multiselect, isCancel } = await import('@clack/prompts');
  const picked = await multiselect({
    message: 'Connect which agents for good? (space chooses, enter goes on)',
    required: false,
    options: open.map(({ id, name }) => ({ value: id, label: id, hint: name })),
    input: context.stdin,
    output: context.stderr.stream,
  });
  if (isCancel(picked)) throw cancelled('no agent was changed');
  return picked.flatMap((id) => agentOf(id) ?? []);
}
