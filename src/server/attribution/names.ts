import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from '../../exchange.ts';
import type { Admission } from '../guard.ts';

/** User-Agent beginnings to agent names; first match wins. */
const USER_AGENTS: readonly (readonly [RegExp, string])[] = [
  [/^claude-cli\//i, 'claude'],
  [/^codex[_-]?(cli|exec|tui)?/i, 'codex'],
  [/opencode/i, 'opencode'],
  [/^geminicli|^gemini-cli/i, 'gemini'],
  [/^qwen-?code/i, 'qwen'],
  [/aider|litellm/i, 'aider'],
  [/cline/i, 'cline'],
  [/roo-?code/i, 'roo'],
  [/^continue/i, 'continue'],
  [/^pi\//i, 'pi'],
  [/copilot/i, 'copilot'],
  [/zed/i, 'zed'],
  [/^curl\//i, 'curl'],
  [/^anthropic\//i, 'sdk-anthropic'],
  [/^openai\//i, 'sdk-openai'],
  [/google-genai-sdk/i, 'sdk-genai'],
];

/** Headers in which agents name their session, strongest first. */
const SESSION_HEADERS: readonly string[] = [
  'x-unorouter-session',
  'x-claude-code-session-id',
  'session-id',
  'session_id',
  'thread-id',
  'x-session-id',
];

const MAX_NAME = 100;

function header(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME) : null;
}

/** Who asks, and how that is known. */
export type Names = Pick<Exchange, 'agent' | 'agentSource' | 'project' | 'projectSource' | 'session'>;

/** Who asks: the token's label, else our own headers, else the User-Agent. */
export function attribute(headers: IncomingHttpHeaders, admission: Admission): Names {
  const declaredAgent = header(headers, 'x-unorouter-agent');
  const agent = admission.agent ?? declaredAgent ?? agentOf(header(headers, 'user-agent'));
  const project = admission.project ?? header(headers, 'x-unorouter-project');
  const session = SESSION_HEADERS.map((name) => header(headers, name)).find((value) => value !== null);
  return {
    agent,
    agentSource: admission.agent ? 'label' : declaredAgent ? 'header' : agent ? 'user-agent' : null,
    project,
    projectSource: admission.project ? 'label' : project ? 'header' : null,
    session: session ?? null,
  };
}

function agentOf(userAgent: string | null): string | null {
  if (userAgent === null) return null;
  return USER_AGENTS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
}
