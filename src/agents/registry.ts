import { aider } from './known/aider.ts';
import { claude } from './known/claude.ts';
import { cline } from './known/cline.ts';
import { codex } from './known/codex.ts';
import { continueDev } from './known/continue.ts';
import { copilot } from './known/copilot.ts';
import { cursor } from './known/cursor.ts';
import { gemini } from './known/gemini.ts';
import { opencode } from './known/opencode.ts';
import { pi } from './known/pi.ts';
import { qwen } from './known/qwen.ts';
import { vscode } from './known/vscode.ts';
import { zed } from './known/zed.ts';
import type { Agent } from './types.ts';

/** Every agent that we know, in the order of tables. */
export const AGENTS: readonly Agent[] = [
  claude,
  codex,
  opencode,
  gemini,
  aider,
  qwen,
  pi,
  copilot,
  continueDev,
  zed,
  cline,
  vscode,
  cursor,
];

const BY_ID: ReadonlyMap<string, Agent> = new Map(AGENTS.map((agent) => [agent.id, agent]));

/** An agent by the name that people type. */
export const findAgent = (id: string): Agent | undefined => BY_ID.get(id);

/** The agent that a command starts: by the name of its program, with or without a directory or `.exe`. */
export function agentOfCommand(command: string): Agent | undefined {
  const name = command.replace(/^.*[\\/]/, '').replace(/\.(exe|cmd|bat)$/i, '');
  return AGENTS.find(({ id, binaries }) => binaries.includes(name) || (binaries.length === 0 && id === name));
}
