import type {
  AssistantPart,
  ContentPart,
  JsonObject,
  PivotMessage,
  ToolResultPart,
} from '../../../pivot/index.ts';
import { type ModelTurn, writeModelTurn } from './calls-out.ts';
import type { Rendering } from './context.ts';
import { vendorText, writeMedia, writeVendor } from './media-out.ts';
import { type Called, writeMissing, writeOrphan, writeResult } from './results-out.ts';

/** The conversation as this wire has it. */
export interface Conversation {
  system: JsonObject[];
  contents: { role: 'user' | 'model'; parts: JsonObject[] }[];
}

/**
 * The messages as contents: turns of model and user in alternation, what tools gave back first in the user's. Text of
 * the system at the start is the instruction; later it is the user's, in a tag. `extra` is added to the instruction.
 */
export function writeMessages(
  messages: readonly PivotMessage[],
  extra: string | undefined,
  rendering: Rendering,
): Conversation {
  const spoken = messages.findIndex(({ role }) => role !== 'system');
  const start = spoken < 0 ? messages.length : spoken;
  const system = [
    ...messages.slice(0, start).flatMap((message) => systemTexts(message, rendering)),
    ...(extra === undefined ? [] : [extra]),
  ].map((text) => ({ text }));
  const contents = writeTurns(messages.slice(start), rendering);
  // A request must have contents: an instruction alone is one of the user.
  if (contents.length === 0)
    return {
      system: [],
      contents: [{ role: 'user', parts: system.length > 0 ? system : [{ text: '(empty)' }] }],
    };
  const [first] = contents;
  const opened = first?.role === 'model' ? [{ role: 'user' as const, parts: [{ text: '(continued)' }] }] : [];
  return { system, contents: [...opened, ...contents] };
}

/** Messages of one side that follow each other. */
interface Turn {
  model: boolean;
  messages: PivotMessage[];
}

function turnsOf(messages: readonly PivotMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const model = message.role === 'assistant';
    const last = turns.at(-1);
    if (last?.model === model) last.messages.push(message);
    else turns.push({ model, messages: [message] });
  }
  return turns;
}

function writeTurns(messages: readonly PivotMessage[], rendering: Rendering): Conversation['contents'] {
  const contents: Conversation['contents'] = [];
  let calls: readonly Called[] = [];
  for (const { model, messages: said } of turnsOf(messages)) {
    const turn = model ? modelTurn(said, rendering) : { parts: userTurn(said, calls, rendering), calls: [] };
    calls = turn.calls;
    const role = model ? 'model' : 'user';
    const last = contents.at(-1);
    if (turn.parts.length === 0) continue;
    if (last?.role === role) last.parts.push(...turn.parts);
    else contents.push({ role, parts: turn.parts });
  }
  return contents;
}

function modelTurn(messages: readonly PivotMessage[], rendering: Rendering): ModelTurn {
  const parts = messages.flatMap((one): AssistantPart[] => (one.role === 'assistant' ? one.content : []));
  return writeModelTurn(parts, rendering);
}

/** Between two turns of the model: results in the order of their calls, what belongs to them, then all else. */
function userTurn(
  messages: readonly PivotMessage[],
  calls: readonly Called[],
  rendering: Rendering,
): JsonObject[] {
  const results = messages.flatMap((one): ToolResultPart[] => (one.role === 'tool' ? one.content : []));
  const answered = new Map<string, ToolResultPart>();
  const others: ToolResultPart[] = [];
  for (const part of results) {
    const known = calls.some(({ id }) => id === part.id) && !answered.has(part.id);
    if (known) answered.set(part.id, part);
    else others.push(part);
  }
  const written = calls.map((call) => {
    const part = answered.get(call.id);
    return part ? writeResult(part, call, rendering) : { response: writeMissing(call, rendering), after: [] };
  });
  return [
    ...written.map(({ response }) => response),
    ...written.flatMap(({ after }) => after),
    ...others.flatMap((part) => writeOrphan(part, rendering)),
    ...messages.flatMap((message) => userParts(message, rendering)),
  ];
}

function userParts(message: PivotMessage, rendering: Rendering): JsonObject[] {
  if (message.role === 'system')
    return systemTexts(message, rendering).map((text) => ({ text: `<system>\n${text}\n</system>` }));
  return message.role === 'user' ? message.content.flatMap((part) => userPart(part, rendering)) : [];
}

function userPart(part: ContentPart, rendering: Rendering): JsonObject[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
  return part.type === 'vendor' ? writeVendor(part, rendering) : [writeMedia(part, rendering)];
}

/** Claude Code's first block names who pays: it changes with every request and is for Anthropic alone. */
const BILLING = 'x-anthropic-billing-header:';

function systemTexts(message: PivotMessage, rendering: Rendering): string[] {
  if (message.role !== 'system') return [];
  return message.content.flatMap((part) => {
    if (part.type === 'text') return part.text === '' || part.text.startsWith(BILLING) ? [] : [part.text];
    return vendorText(part, rendering) ?? [];
  });
}
