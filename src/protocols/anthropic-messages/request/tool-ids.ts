import { mapToolId, type PivotMessage } from '../../../pivot/index.ts';

/** https://docs.anthropic.com/en/api/messages: ids of tool_use and tool_result. */
const RULE = { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

/** Gives each call and each result of a conversation, in their order, the id that the wire takes. */
export interface ToolIds {
  call(id: string): string;
  result(id: string): string;
}

/**
 * Ids must be unique in a conversation and are not on every wire: the second call and the second result of an id find
 * each other by their number, and those without any by their place.
 */
export function createToolIds(): ToolIds {
  const calls = createNumbers();
  const results = createNumbers();
  const written = (id: string, number: number): string => {
    if (id === '') return `call_${number}`;
    return mapToolId(number === 0 ? id : `${id}:${number}`, RULE);
  };
  return {
    call: (id) => written(id, calls(id)),
    result: (id) => written(id, results(id)),
  };
}

function createNumbers(): (id: string) => number {
  const seen = new Map<string, number>();
  return (id) => {
    const number = seen.get(id) ?? 0;
    seen.set(id, number + 1);
    return number;
  };
}

/** The names of all tools that a conversation called, in the order of their first call. */
export function calledTools(
  messages: readonly PivotMessage[],
): { namespace: string | undefined; name: string }[] {
  const calls = messages.flatMap((message) =>
    message.role === 'assistant'
      ? message.content.flatMap((part) => (part.type === 'tool-call' ? [part] : []))
      : [],
  );
  const first = new Map(calls.map(({ namespace, name }) => [`${namespace}\n${name}`, { namespace, name }]));
  return [...first.values()];
}
