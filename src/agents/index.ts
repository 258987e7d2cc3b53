export { type AgentState, checkAgents, type FoundPointer } from './check.ts';
export { AGENTS, findAgent } from './registry.ts';
export type * from './types.ts';
