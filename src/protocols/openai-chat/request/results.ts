import type { PivotMessage, ToolCallPart, ToolResultPart } from '../../../pivot/index.ts';

/** Which result answers which call. */
export interface Results {
  of(call: ToolCallPart): ToolResultPart | undefined;
  answersCall(result: ToolResultPart): boolean;
}

/** Finds the result of each call behind it, by id; ids may come back in later turns. */
export function matchResults(messages: readonly PivotMessage[]): Results {
  const open = new Map<string, ToolCallPart[]>();
  const results = new Map<ToolCallPart, ToolResultPart>();
  const used = new Set<ToolResultPart>();
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === 'tool-call') open.set(part.id, [...(open.get(part.id) ?? []), part]);
      if (part.type !== 'tool-result') continue;
      const call = open.get(part.id)?.shift();
      if (!call) continue;
      results.set(call, part);
      used.add(part);
    }
  }
  return { of: (call) => results.get(call), answersCall: (result) => used.has(result) };
}
