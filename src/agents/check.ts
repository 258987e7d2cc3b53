import { findAgentProgram } from './detect.ts';
import { loadFormat } from './formats/index.ts';
import { textOf } from './known/shared.ts';
import { AGENTS } from './registry.ts';
import type { Agent, Place, Pointer } from './types.ts';

/** A place that says where an agent sends its requests. */
export interface FoundPointer {
  /** null = a variable of the environment. */
  file: string | null;
  /** Counted from 1; null for the environment. */
  line: number | null;
  /** `env.ANTHROPIC_BASE_URL`, `$ANTHROPIC_BASE_URL` */
  setting: string;
  url: string;
  /** It is this unorouter's address. */
  ours: boolean;
}

/** How one agent stands on this machine. */
export interface AgentState {
  id: string;
  name: string;
  /** Its program; null = not found, or it has none. */
  program: string | null;
  /** What was found, the strongest first: only the first counts. */
  pointers: readonly FoundPointer[];
  /** The place that decides is ours. */
  connected: FoundPointer | null;
  /** We are written down, but this stronger place wins. */
  overriddenBy: FoundPointer | null;
  /** Files that could not be read, with the reason. */
  unreadable: readonly { file: string; why: string }[];
}

/**
 * Looks where every agent sends its requests: their files and the environment. Nothing is started or written.
 * @param urls addresses of this unorouter: `http://127.0.0.1:8667`
 */
export function checkAgents(
  place: Place,
  urls: readonly string[],
  agents: readonly Agent[] = AGENTS,
): Promise<AgentState[]> {
  return Promise.all(agents.map((agent) => checkAgent(agent, place, urls)));
}

async function checkAgent(agent: Agent, place: Place, urls: readonly string[]): Promise<AgentState> {
  const pointers: FoundPointer[] = [];
  const unreadable: { file: string; why: string }[] = [];
  for (const pointer of agent.pointers(place)) {
    const found = await readPointer(pointer, place);
    const file = pointer.file ?? '';
    if (typeof found === 'string') {
      if (!unreadable.some((one) => one.file === file)) unreadable.push({ file, why: found });
    } else if (found) pointers.push({ ...found, ours: isOneOf(found.url, urls) });
  }
  const [first] = pointers;
  const ours = pointers.find((pointer) => pointer.ours);
  return {
    id: agent.id,
    name: agent.name,
    program: findAgentProgram(agent, place),
    pointers,
    connected: first?.ours ? first : null,
    overriddenBy: ours && first && !first.ours ? first : null,
    unreadable,
  };
}

/** null = it says nothing; a string = why it cannot be read. */
async function readPointer(
  { file, format, path }: Pointer,
  { env }: Place,
): Promise<Omit<FoundPointer, 'ours'> | string | null> {
  if (file === null) {
    const [name = ''] = path;
    const url = env[name];
    return url ? { file, line: null, setting: `$${name}`, url } : null;
  }
  const text = textOf(file);
  if (text === null) return null;
  const { problem, get, line } = await loadFormat(format);
  const why = problem(text);
  if (why !== null) return why;
  const url = get(text, path);
  return typeof url === 'string' ? { file, line: line(text, path), setting: path.join('.'), url } : null;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Whether two addresses lead to one server: names of this machine are alike, and the path does not matter. */
function isOneOf(text: string, urls: readonly string[]): boolean {
  const key = addressOf(text);
  return key !== null && urls.some((url) => addressOf(url) === key);
}

function addressOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port } = new URL(text);
  return `${protocol}//${LOOPBACK.has(hostname) ? 'loopback' : hostname}:${port}`;
}
