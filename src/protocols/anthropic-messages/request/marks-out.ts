import { asArray, asObject, type CacheMark, type JsonObject } from '../../../pivot/index.ts';
import type { Notes } from './notes.ts';

/** The API takes so many. https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching */
const MAX_MARKS = 4;

/** `cache_control` for a part that carries a mark. */
export function writeMark(cache: CacheMark | undefined): JsonObject {
  return cache ? { cache_control: { type: 'ephemeral', ...cache } } : {};
}

/** Blocks that must not carry a mark. */
const UNMARKABLE: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking']);

/** What marks may stand on: objects of the body, in the order in which the cache sees them. */
interface Markable {
  tools: JsonObject[];
  system: JsonObject[];
  turns: { role: string; blocks: JsonObject[] }[];
}

/**
 * Sets the cache marks of a finished body, in place. Caching has to be asked for on this wire alone, so a conversation
 * whose client knows no marks gets them at the ends of what stays the same next time: the tools, the system prompt and
 * the last two user turns. A client's own marks stay as they are, the last four of them.
 */
export function settleMarks(body: JsonObject, notes: Notes): void {
  const place = markable(body);
  const all = [...place.tools, ...place.system, ...place.turns.flatMap(({ blocks }) => blocks)];
  const marked = all.flatMap(carriers).filter((one) => one.cache_control !== undefined);
  for (const one of marked.slice(0, Math.max(0, marked.length - MAX_MARKS))) {
    delete one.cache_control;
    notes.lose('cache_control', `no more than ${MAX_MARKS} marks`);
  }
  if (marked.length === 0) markEnds(place);
}

function markable(body: JsonObject): Markable {
  const objects = (value: unknown): JsonObject[] => asArray(value).map(asObject);
  return {
    tools: objects(body.tools),
    system: objects(body.system),
    turns: objects(body.messages).map(({ role, content }) => ({
      role: String(role),
      blocks: objects(content),
    })),
  };
}

/** A block and, in a tool's result, the blocks inside: marks on all of them count. */
function carriers(block: JsonObject): JsonObject[] {
  return [...asArray(block.content).map(asObject), block];
}

function markEnds({ tools, system, turns }: Markable): void {
  const users = turns.filter(({ role }) => role === 'user').slice(-2);
  for (const list of [tools, system, ...users.map(({ blocks }) => blocks)]) {
    const last = list.findLast((one) => !UNMARKABLE.has(one.type) && one.defer_loading !== true);
    if (last) last.cache_control = { type: 'ephemeral' };
  }
}
