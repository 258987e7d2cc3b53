import { claude } from './known/claude.ts';
import type { Agent } from './types.ts';

/** Every agent that we know how to point here, in the order of tables. */
export const AGENTS: readonly Agent[] = [claude];

const BY_ID: ReadonlyMap<string, Agent> = new Map(AGENTS.map((agent) => [agent.id, agent]));

/** An agent by the name that people type. */
export const findAgent = (id: string): Agent | undefined => BY_ID.get(id);
