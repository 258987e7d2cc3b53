import { checkAgents, readJournal } from '../../../agents/index.ts';
import type { BudgetStanding } from '../../../budget/index.ts';
import { UserError } from '../../../errors.ts';
import type { ServerStatus, Today } from '../../../server/index.ts';
import { wantedAddress } from '../../address.ts';
import { placeOf } from '../../agent-connection.ts';
import { readBudgets } from '../../budgets.ts';
import { findClient } from '../../client.ts';
import type { Context } from '../../context.ts';

/** What is known when no server runs: what the ledger says of today; null = there is no ledger, or it cannot be read. */
interface Stopped {
  running: false;
  today: Today | null;
  budgets: BudgetStanding[];
}

/** A coding agent of this machine: installed, or set up. */
export interface AgentStanding {
  id: string;
  name: string;
  installed: boolean;
  /** Its files send it here. */
  connected: boolean;
  /** `setup` wrote to its files. */
  setUp: boolean;
  /** The setting that beats ours; null = none does. */
  overriddenBy: string | null;
}

export type State = (ServerStatus | Stopped) & { agents: readonly AgentStanding[] };

/** Asks the running server, else the ledger. @throws UserError `token_refused` and the like */
export async function readState(context: Context): Promise<State> {
  return withAgents(context, (await askServer(context)) ?? (await readStopped(context)));
}

async function withAgents(context: Context, state: ServerStatus | Stopped): Promise<State> {
  const setUp = new Set(readJournal(context.paths.stateDir).map(({ agent }) => agent));
  const url = state.running ? state.url : `http://127.0.0.1:${(await wantedAddress(context)).port}`;
  const place = placeOf(context);
  // Of the user alone: what lies in a directory that somebody works in is for `setup` and `doctor` to read.
  const own = { ...place, cwd: place.home };
  const agents = (await checkAgents(own, [url])).map(
    (agent): AgentStanding => ({
      id: agent.id,
      name: agent.name,
      installed: agent.program !== null,
      connected: agent.connected !== null,
      setUp: setUp.has(agent.id),
      overriddenBy: agent.overriddenBy && (agent.overriddenBy.file ?? agent.overriddenBy.setting),
    }),
  );
  return { ...state, agents: agents.filter((one) => one.installed || one.connected || one.setUp) };
}

async function readStopped(context: Context): Promise<Stopped> {
  return { running: false, today: await readToday(context), budgets: await knownBudgets(context) };
}

/** A file or a ledger that is not in order is told by the commands that are about it. */
async function knownBudgets(context: Context): Promise<BudgetStanding[]> {
  try {
    return await readBudgets(context);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/** null = none runs. */
async function askServer(context: Context): Promise<ServerStatus | null> {
  try {
    return (await (await findClient(context))?.status()) ?? null;
  } catch (error) {
    if (error instanceof UserError && error.code === 'not_running') return null;
    throw error;
  }
}

const POLL_MS = 100;

/** The same, but gives a server this time to come up. */
export async function waitForServer(context: Context, withinMs: number): Promise<State> {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    const status = await askServer(context);
    if (status) return withAgents(context, status);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return readState(context);
}

async function readToday(context: Context): Promise<Today | null> {
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  try {
    const reader = await openLedgerReader(context.paths.ledgerFile);
    const now = context.now();
    const today = reader?.todayTotals(midnightBefore(now, context.utc), now + 1) ?? null;
    reader?.close();
    return today;
  } catch (error) {
    // A damaged ledger is told by the commands that are about it; this one says that nothing runs.
    if (error instanceof UserError) return null;
    throw error;
  }
}

function midnightBefore(time: number, utc: boolean): number {
  const date = new Date(time);
  if (utc) date.setUTCHours(0, 0, 0, 0);
  else date.setHours(0, 0, 0, 0);
  return date.getTime();
}

/** Both states with the same keys, for programs. */
export function stateJson(state: State): Record<string, unknown> {
  if (state.running) return { ...state };
  return {
    running: false,
    pid: null,
    url: null,
    version: null,
    startedAt: null,
    auth: null,
    demo: null,
    bodies: null,
    private: null,
    default: null,
    keys: [],
    local: [],
    today: state.today,
    budgets: state.budgets,
    health: [],
    agents: state.agents,
    session: null,
    live: [],
    refused: null,
    problems: [],
  };
}
