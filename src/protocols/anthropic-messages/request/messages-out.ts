import {
  type AssistantPart,
  defined,
  EARLIER_THOUGHTS,
  flatToolName,
  type JsonObject,
  objectOrNothing,
  type PivotMessage,
  parseJson,
  type ReasoningPart,
  type RenderTarget,
  sourcesAt,
  type TextPart,
  type ToolCallPart,
  type ToolResultPart,
} from '../../../pivot/index.ts';
import { writeMark } from './marks-out.ts';
import { type Notes, textBlock } from './notes.ts';
import { leftOut, writeContent, writeText, writeVendor } from './parts-out.ts';
import { createToolIds, type ToolIds } from './tool-ids.ts';
import { lawful, type Turn } from './turns.ts';

const WIRE = 'anthropic-messages';
const FAMILY = 'anthropic';

/** The conversation in this wire's two places. */
export interface Written {
  system: JsonObject[];
  turns: Turn[];
}

/** Writes a conversation: the system text that it begins with, then turns that the API accepts. */
export function writeMessages(
  messages: readonly PivotMessage[],
  target: RenderTarget,
  notes: Notes,
): Written {
  const begin = messages.findIndex(({ role }) => role !== 'system');
  const head = begin < 0 ? messages : messages.slice(0, begin);
  const ids = createToolIds();
  const write = createWriter(target, ids, notes);
  const turns = messages.slice(head.length).map(write);
  return {
    system: head.flatMap((message) =>
      message.role === 'system' ? writeContent(message.content, notes) : [],
    ),
    turns: lawful(turns, notes),
  };
}

function createWriter(target: RenderTarget, ids: ToolIds, notes: Notes): (message: PivotMessage) => Turn {
  return (message) => {
    if (message.role === 'system')
      return { role: 'user', blocks: writeContent(message.content, notes).map(asInstruction) };
    if (message.role === 'user') return { role: 'user', blocks: writeContent(message.content, notes) };
    if (message.role === 'tool')
      return { role: 'user', blocks: message.content.map((part) => writeResult(part, ids, notes)) };
    return {
      role: 'assistant',
      blocks: message.content.flatMap((part) => writeAssistant(part, target, ids, notes)),
    };
  };
}

/**
 * System text in the middle of a conversation. Only the newest models take `role: "system"` there, under rules of place
 * that a foreign history need not keep; every model takes a user's text that says what it is.
 */
function asInstruction(block: JsonObject): JsonObject {
  return block.type === 'text' ? { ...block, text: `<system>\n${block.text}\n</system>` } : block;
}

function writeAssistant(part: AssistantPart, target: RenderTarget, ids: ToolIds, notes: Notes): JsonObject[] {
  switch (part.type) {
    case 'text':
      return cited(part);
    case 'refusal':
      return writeText({ type: 'text', text: part.text });
    case 'reasoning':
      return writeReasoning(part, target, notes);
    case 'tool-call':
      return [writeCall(part, ids, notes)];
    case 'vendor':
      return writeVendor(part, notes);
    default:
      return leftOut(
        part.type === 'image' ? 'image' : 'audio',
        'answers on anthropic-messages are text',
        notes,
      );
  }
}

function cited(part: TextPart): JsonObject[] {
  const citations = sourcesAt(WIRE, part);
  return writeText(part).map((block) => (citations.length === 0 ? block : { ...block, citations }));
}

/**
 * Own thinking goes back byte by byte. Foreign thinking has no place, as the API checks every signature; only servers that
 * speak this wire without checking (quirk `reasoning-content`) want its text.
 */
function writeReasoning({ text, sealed }: ReasoningPart, target: RenderTarget, notes: Notes): JsonObject[] {
  if (sealed?.origin === FAMILY) {
    return sealed.kind === 'redacted'
      ? [{ type: 'redacted_thinking', data: sealed.value }]
      : [{ type: 'thinking', thinking: text, signature: sealed.value }];
  }
  if (sealed) notes.lose('thinking signature', `made by ${sealed.origin}`);
  if (text === '') return [];
  if (target.quirks.has('reasoning-content')) return [{ type: 'thinking', thinking: text, signature: '' }];
  if (!sealed) notes.lose(EARLIER_THOUGHTS, 'without a signature it cannot go back');
  return [];
}

function writeCall(part: ToolCallPart, ids: ToolIds, notes: Notes): JsonObject {
  return {
    type: 'tool_use',
    id: ids.call(part.id),
    name: flatToolName(part.namespace, part.name),
    input: inputOf(part, notes),
    ...writeMark(part.cache),
  };
}

function inputOf({ kind, arguments: text }: ToolCallPart, notes: Notes): JsonObject {
  // Custom tools are offered here as functions of one text.
  if (kind === 'custom') return { input: text };
  if (text.trim() === '') return {};
  const input = objectOrNothing(parseJson(text));
  if (!input) notes.lose('tool arguments', 'they are no JSON object');
  return input ?? { arguments: text };
}

function writeResult(part: ToolResultPart, ids: ToolIds, notes: Notes): JsonObject {
  const blocks = writeContent(part.content, notes);
  const [only = textBlock('(empty)')] = blocks;
  // The form must not depend on a mark, which is elsewhere next time: it moves to the result itself.
  const { type, text, ...mark } = only;
  const short = blocks.length < 2 && type === 'text';
  return defined<JsonObject>({
    type: 'tool_result',
    tool_use_id: ids.result(part.id),
    content: short ? text : blocks,
    is_error: errorOf(part, blocks, notes),
    ...(short ? mark : {}),
    ...writeMark(part.cache),
  });
}

/** Only text may be an error. */
function errorOf(
  { isError }: ToolResultPart,
  blocks: readonly JsonObject[],
  notes: Notes,
): boolean | undefined {
  if (isError !== true || blocks.every(({ type }) => type === 'text')) return isError;
  notes.lose('is_error', 'a failed result holds text only');
  return undefined;
}
