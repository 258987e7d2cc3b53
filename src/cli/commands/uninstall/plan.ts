import { existsSync } from 'node:fs';
import { type JournalEntry, planUndo, readJournal, type UndoStep } from '../../../agents/index.ts';
import { UserError } from '../../../errors.ts';
import { homeRemains } from '../../../home/index.ts';
import { type Client, findClient } from '../../client.ts';
import type { Context } from '../../context.ts';
import { type KeyRoom, openKeyRoom, readKeys } from '../keys/room.ts';
import { type Manager, managerOf } from '../service/managers.ts';

/** The setups of one agent, and what undoing them makes of its files; or why that cannot be. */
export interface AgentUndo {
  agent: string;
  entries: readonly JournalEntry[];
  steps: readonly UndoStep[];
  problem: UserError | null;
}

/** Everything of ours on this machine. */
export interface Plan {
  agents: readonly AgentUndo[];
  service: { manager: Manager; file: string } | null;
  server: Client | null;
  /** null = the list of them cannot be read, so none is removed. */
  keys: { room: KeyRoom; stored: readonly { provider: string; label: string }[] } | null;
  /** Files and directories. */
  data: readonly string[];
}

/** Looks; nothing is changed. */
export async function readPlan(context: Context): Promise<Plan> {
  const entries = readJournal(context.paths.stateDir);
  const ids = [...new Set(entries.map(({ agent }) => agent))];
  const agents = await Promise.all(
    ids.map((id) =>
      undoOf(
        id,
        entries.filter(({ agent }) => agent === id),
      ),
    ),
  );
  const manager = managerOf(process.platform);
  const file = manager?.file(context) ?? '';
  return {
    agents,
    service: manager && existsSync(file) ? { manager, file } : null,
    server: context.url === null ? await findClient(context) : null,
    keys: await storedKeys(context),
    data: homeRemains(context.paths, !context.env.UNOROUTER_CONFIG),
  };
}

async function undoOf(agent: string, entries: readonly JournalEntry[]): Promise<AgentUndo> {
  try {
    return { agent, entries, steps: await planUndo(entries), problem: null };
  } catch (problem) {
    if (!(problem instanceof UserError)) throw problem;
    return { agent, entries, steps: [], problem };
  }
}

/** A configuration or a list that is broken must not keep anybody from leaving. */
async function storedKeys(context: Context): Promise<Plan['keys']> {
  try {
    const room = await openKeyRoom(context);
    await readKeys(room);
    return { room, stored: room.keys.stored() };
  } catch (problem) {
    if (problem instanceof UserError) return null;
    throw problem;
  }
}
