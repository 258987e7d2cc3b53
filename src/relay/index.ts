export { mostInputTokens, requestFacts } from './facts.ts';
export { createRelay, type Relay } from './relay.ts';
export type { Client, Inbound, RelayDeps } from './types.ts';
export { estimateInput } from './usage.ts';
