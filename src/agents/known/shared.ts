import { readdirSync, readFileSync } from 'node:fs';
import type { AgentModel, Connection, LaunchFacts } from '../types.ts';

/** In which the token travels where an agent reads the name of a variable. */
export const TOKEN_VARIABLE = 'UNOROUTER_AGENT_TOKEN';

/** What any client understands that follows the three vendors' own variables. */
export function usualVariables({ url, token }: Pick<Connection, 'url' | 'token'>): Record<string, string> {
  return {
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_BASE: `${url}/v1`,
    OPENAI_API_KEY: token,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_AUTH_TOKEN: token,
    GOOGLE_GEMINI_BASE_URL: url,
    GEMINI_API_KEY: token,
  };
}

/** Tokens that are assumed where nobody knows: what most models of today have at least. */
export const USUAL_CONTEXT = 128_000;
export const USUAL_OUTPUT = 8_192;

/** What is known of the model that was chosen; null without one. */
export const chosenModel = ({ model, models }: Connection): AgentModel | null =>
  models.find(({ id }) => id === model) ?? null;

/** Whether the user's own arguments hold one of these flags, as `-m x`, `--model x` or `--model=x`. */
export const hasFlag = ({ args }: Pick<LaunchFacts, 'args'>, ...flags: readonly string[]): boolean =>
  args.some((argument) => flags.some((flag) => argument === flag || argument.startsWith(`${flag}=`)));

/** JSON as a file has it. */
export const jsonFile = (data: unknown): string => `${JSON.stringify(data, null, 2)}\n`;

/** A file of an agent; null = there is none that we may read, which says nothing to the agent either. */
export function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** What lies in a directory; nothing where there is none. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
