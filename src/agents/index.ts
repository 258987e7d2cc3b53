export { type AgentState, checkAgents, type FoundPointer } from './check.ts';
export { findAgentProgram, findProgram } from './detect.ts';
export { usualVariables } from './known/shared.ts';
export { AGENTS, agentOfCommand, findAgent } from './registry.ts';
export type * from './types.ts';
