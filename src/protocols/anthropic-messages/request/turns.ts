import { asArray, asObject, asString, type JsonObject } from '../../../pivot/index.ts';
import { type Notes, textBlock } from './notes.ts';

/** One message of the wire. */
export interface Turn {
  role: 'user' | 'assistant';
  blocks: JsonObject[];
}

/**
 * Makes any list of turns one that the API accepts: speakers take turns, the user is first, a call has its result in the
 * next turn, results come first there, thinking comes first in its turn.
 */
export function lawful(turns: readonly Turn[], notes: Notes): Turn[] {
  const merged = merge(turns.filter(({ blocks }) => blocks.length > 0));
  const answered = answerCalls(merged, notes).map(inOrder);
  const first =
    answered[0]?.role === 'user' ? [] : [{ role: 'user' as const, blocks: [textBlock('(continue)')] }];
  return trimEnd([...first, ...answered]);
}

function merge(turns: readonly Turn[]): Turn[] {
  const merged: Turn[] = [];
  for (const { role, blocks } of turns) {
    const last = merged.at(-1);
    if (last?.role === role) last.blocks = [...last.blocks, ...blocks];
    else merged.push({ role, blocks });
  }
  return merged;
}

const isCall = ({ type }: JsonObject): boolean => type === 'tool_use';
const isResult = ({ type }: JsonObject): boolean => type === 'tool_result';
/** Thinking in either form. */
export const isThinking = ({ type }: JsonObject): boolean =>
  type === 'thinking' || type === 'redacted_thinking';

/** Calls without a result (an interrupted turn) and results without a call (a cut history) are both refused. */
function answerCalls(turns: readonly Turn[], notes: Notes): Turn[] {
  const answered = turns.flatMap((turn, i): Turn[] => {
    if (turn.role === 'user') return [resultsOf(turns[i - 1], turn, notes)];
    const missing = turn.blocks.filter(isCall).some(() => turns[i + 1] === undefined);
    return missing ? [turn, resultsOf(turn, { role: 'user', blocks: [] }, notes)] : [turn];
  });
  return answered;
}

/** A user turn with exactly one result for each call of the turn before. */
function resultsOf(before: Turn | undefined, turn: Turn, notes: Notes): Turn {
  const open = new Set(
    (before?.role === 'assistant' ? before.blocks : []).filter(isCall).map(({ id }) => id),
  );
  const blocks = turn.blocks.map((block) => {
    if (!isResult(block) || open.delete(block.tool_use_id)) return block;
    notes.lose('tool result', 'it answers no call');
    return textBlock(`Result of a tool call:\n${resultText(block.content)}`);
  });
  const missing = [...open].map((id) => {
    notes.lose('tool call', 'it has no result');
    return { type: 'tool_result', tool_use_id: id, content: '(no result)', is_error: true };
  });
  return { role: 'user', blocks: [...missing, ...blocks] };
}

function resultText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asArray(content)
    .map((block) => asString(asObject(block).text) || `(${asString(asObject(block).type)})`)
    .join('\n');
}

function inOrder({ role, blocks }: Turn): Turn {
  const leads = role === 'user' ? isResult : isThinking;
  const [first] = blocks;
  // Thinking between calls stays between them as long as thinking leads.
  if (role === 'assistant' && first && isThinking(first)) return { role, blocks };
  return { role, blocks: [...blocks.filter(leads), ...blocks.filter((block) => !leads(block))] };
}

/** An answer that the model shall go on with must not end in blanks. */
function trimEnd(turns: Turn[]): Turn[] {
  const last = turns.at(-1);
  const block = last?.blocks.at(-1);
  if (last?.role !== 'assistant' || block?.type !== 'text') return turns;
  const blocks = [...last.blocks.slice(0, -1), { ...block, text: asString(block.text).trimEnd() }];
  return [...turns.slice(0, -1), { ...last, blocks }];
}

/**
 * Whether the API lets a model think on from here: the answer that goes on (a tool's loop, or an answer that was begun)
 * must start with thinking. A fresh question always allows it.
 */
export function mayThink(turns: readonly Turn[]): boolean {
  const asked = turns.findLastIndex(({ role, blocks }) => role === 'user' && !blocks.some(isResult));
  const answer = turns.slice(asked + 1).filter(({ role }) => role === 'assistant');
  const starts = (turn: Turn | undefined): boolean =>
    turn?.blocks[0] !== undefined && isThinking(turn.blocks[0]);
  // Models that think once think before the first call of a loop; those that think between calls, before the last, too.
  return answer.length === 0 || starts(answer[0]) || starts(answer.at(-1));
}
