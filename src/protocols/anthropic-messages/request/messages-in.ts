import {
  type AssistantPart,
  asArray,
  asObject,
  asString,
  asText,
  type ContentPart,
  defined,
  type JsonObject,
  objectOrNothing,
  type PivotMessage,
  parseJson,
  type ReasoningPart,
  type TextPart,
  type ToolCallPart,
  type ToolResultPart,
  unsealText,
  type VendorPart,
} from '../../../pivot/index.ts';
import { isOurs } from '../citations.ts';
import { readMark } from './marks-in.ts';
import { readContent, readTexts, vendorPart } from './parts-in.ts';

const WIRE = 'anthropic-messages';
const FAMILY = 'anthropic';

/** Claude Code's first system block. It differs from request to request, which spoils everybody else's prompt cache. */
const BILLING_HEADER = 'x-anthropic-billing-header:';

/** The conversation: the top-level `system` first, then `messages`. What cannot be read is left out. */
export function readMessages(json: JsonObject): PivotMessage[] {
  const names = new Map<string, string>();
  const system = readTexts(json.system).filter(
    (part) => part.type !== 'text' || !part.text.startsWith(BILLING_HEADER),
  );
  const first: PivotMessage[] =
    system.length === 0 ? [] : [{ role: 'system', from: 'system', content: system }];
  return [...first, ...asArray(json.messages).flatMap((message) => readMessage(asObject(message), names))];
}

function readMessage({ role, content }: JsonObject, names: Map<string, string>): PivotMessage[] {
  if (role === 'user') return readUser(content, names);
  if (role === 'assistant') {
    const parts = blocksOf(content).flatMap((block) => readAssistant(block, names));
    return parts.length === 0 ? [] : [{ role, content: parts }];
  }
  if (role !== 'system' && role !== 'developer') return [];
  const parts = readTexts(content);
  return parts.length === 0 ? [] : [{ role: 'system', from: role, content: parts }];
}

/** Tool results and what else the user says stand in one message here, in two in the pivot. */
function readUser(content: unknown, names: ReadonlyMap<string, string>): PivotMessage[] {
  const results: ToolResultPart[] = [];
  const parts: ContentPart[] = [];
  for (const block of blocksOf(content)) {
    if (block.type === 'tool_result') results.push(readResult(block, names));
    else parts.push(...readContent(block));
  }
  return [
    ...(results.length === 0 ? [] : [{ role: 'tool' as const, content: results }]),
    ...(parts.length === 0 ? [] : [{ role: 'user' as const, content: parts }]),
  ];
}

function readResult(block: JsonObject, names: ReadonlyMap<string, string>): ToolResultPart {
  const id = asString(block.tool_use_id);
  return defined<ToolResultPart>({
    type: 'tool-result',
    id,
    name: names.get(id),
    kind: 'function',
    isError: typeof block.is_error === 'boolean' ? block.is_error : undefined,
    content: blocksOf(block.content).flatMap(readContent),
    cache: readMark(block).cache,
  });
}

type Reader = (block: JsonObject) => (AssistantPart | TextPart | VendorPart)[];

const ASSISTANT: ReadonlyMap<unknown, Reader> = new Map<unknown, Reader>([
  ['text', (block) => readTexts([block]).map((part) => withSources(part, block))],
  ['thinking', (block) => readThinking(asString(block.thinking), asString(block.signature), 'signature')],
  ['redacted_thinking', (block) => readThinking('', asString(block.data), 'redacted')],
  ['tool_use', (block) => [readCall(block)]],
]);

/** What an answer cited comes back with its text. Sources that we wrote ourselves are nobody's. */
function withSources(part: TextPart | VendorPart, { citations }: JsonObject): TextPart | VendorPart {
  const values = asArray(citations).flatMap((one) => {
    const citation = objectOrNothing(one);
    return citation && !isOurs(citation) ? [citation] : [];
  });
  return part.type === 'text' && values.length > 0 ? { ...part, sources: { origin: WIRE, values } } : part;
}

function readAssistant(block: JsonObject, names: Map<string, string>): AssistantPart[] {
  if (block.type === 'tool_use') names.set(asString(block.id), asString(block.name));
  const read = ASSISTANT.get(block.type);
  if (read) return read(block);
  return asText(block.type) === undefined ? [] : [vendorPart(block)];
}

/** An empty text with a signature is thinking that was not shown: it goes back as it is. */
function readThinking(text: string, seal: string, kind: 'signature' | 'redacted'): ReasoningPart[] {
  const opaque = unsealText(seal, FAMILY);
  if (opaque.value === '') return text === '' ? [] : [{ type: 'reasoning', text }];
  return [{ type: 'reasoning', text, sealed: { ...opaque, kind } }];
}

function readCall(block: JsonObject): ToolCallPart {
  const { input } = block;
  const json = typeof input === 'string' ? parseJson(input) : input;
  return {
    type: 'tool-call',
    id: asString(block.id),
    name: asString(block.name),
    kind: 'function',
    arguments: JSON.stringify(objectOrNothing(json) ?? {}),
    ...readMark(block),
  };
}

/** Content as blocks; a string is short for one text block. */
function blocksOf(content: unknown): JsonObject[] {
  return typeof content === 'string'
    ? [{ type: 'text', text: content }]
    : asArray(content).flatMap((block): JsonObject[] => {
        const object = objectOrNothing(block);
        return object ? [object] : [];
      });
}
