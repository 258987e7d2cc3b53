import { asArray, type JsonObject } from '../../../pivot/index.ts';
import { contentValue, textPart } from './parts-out.ts';

/**
 * For templates that want system text only at the start, and then user and assistant in turns: later system text is said
 * by the user, and neighbours of one role become one message.
 */
export function alternating(messages: readonly JsonObject[]): JsonObject[] {
  const start = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const merged: JsonObject[] = [];
  for (const [i, message] of messages.entries()) {
    const late = start >= 0 && i > start && (message.role === 'system' || message.role === 'developer');
    const next = late ? { ...message, role: 'user' } : message;
    const last = merged.at(-1);
    if (last && last.role === next.role && mayGoOn(last)) merged[merged.length - 1] = join(last, next);
    else merged.push(next);
  }
  return merged;
}

/** Results stay apart, and behind calls come theirs. */
function mayGoOn({ role, tool_calls: calls }: JsonObject): boolean {
  return role !== 'tool' && calls === undefined;
}

function join(a: JsonObject, b: JsonObject): JsonObject {
  return { ...b, ...a, content: contentValue([...partsOf(a.content), ...partsOf(b.content)], '\n\n') };
}

function partsOf(content: unknown): JsonObject[] {
  if (typeof content === 'string') return [textPart(content)];
  return asArray(content) as JsonObject[];
}
