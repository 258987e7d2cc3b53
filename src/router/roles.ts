import type { Asking } from './asking.ts';
import { matchesGlob } from './globs.ts';

/** What a request is for: the conversation itself, or an agent's background work (titles, summaries, searches). */
export type Role = 'main' | 'small';

/**
 * Agents that send their background work to a small model of their own choice, and how those models are called. An agent
 * that is not here, or a user who works with such a model, says it in the header `x-unorouter-role`.
 */
const BACKGROUND_MODELS: ReadonlyMap<string, readonly string[]> = new Map([
  ['claude', ['*haiku*']],
  ['gemini', ['*flash-lite*']],
  ['opencode', ['*haiku*', '*-nano*', '*flash-lite*']],
]);

/** The role of a request: as its header says, else by the name that was asked for, else by the agent and its habits. */
export function roleOf({ request, state }: Asking): Role {
  const said = request.headers?.['x-unorouter-role'];
  if (said === 'main' || said === 'small') return said;
  if (request.model === 'small' && !state.config.aliases.has('small')) return 'small';
  const habits = BACKGROUND_MODELS.get(request.agent ?? '') ?? [];
  return habits.some((pattern) => matchesGlob(pattern, request.model)) ? 'small' : 'main';
}
