import {
  type AssistantPart,
  asArray,
  asObject,
  asText,
  defined,
  flatToolName,
  type JsonObject,
  type PivotMessage,
  type ToolCallPart,
  type ToolResultPart,
  type VendorPart,
} from '../../../pivot/index.ts';
import { unsealReasoning } from '../seal.ts';
import { contentIn, systemContent, userContent, WIRE } from './content-in.ts';
import { TOOL_SEARCH, toolsIn } from './tools-in.ts';
import { inWords } from './words.ts';

/** The conversation while its items are read. */
interface Conversation {
  messages: PivotMessage[];
  /** Calls by id: what they are named, and the message that they stand in. */
  calls: Map<string, { name: string; message: PivotMessage }>;
  lastCall?: ToolCallPart;
  /** Calls and results without an id so far: they are told apart by their places. */
  nameless: { calls: number; results: number };
  /** Lists of tools that items define. */
  tools: unknown[];
}

type Handler = (conversation: Conversation, item: JsonObject) => void;

/** Adds to the assistant's turn: its items follow one another, however many they are. */
function say({ messages }: Conversation, ...parts: AssistantPart[]): PivotMessage | undefined {
  if (parts.length === 0) return undefined;
  const last = messages.at(-1);
  if (last?.role === 'assistant') {
    last.content.push(...parts);
    return last;
  }
  const message: PivotMessage = { role: 'assistant', content: parts };
  messages.push(message);
  return message;
}

const message: Handler = (conversation, { role, content }) => {
  if (role === 'assistant') {
    const parts = contentIn(content);
    say(conversation, ...parts.filter((part) => part.type !== 'document'));
  } else if (role === 'system' || role === 'developer') {
    const parts = systemContent(content);
    if (parts.length > 0) conversation.messages.push({ role: 'system', from: role, content: parts });
  } else {
    const parts = userContent(content);
    if (parts.length > 0) conversation.messages.push({ role: 'user', content: parts });
  }
};

function call(conversation: Conversation, item: JsonObject, part: Omit<ToolCallPart, 'type' | 'id'>): void {
  const id = asText(item.call_id) ?? `call_${conversation.nameless.calls++}`;
  const made: ToolCallPart = { type: 'tool-call', id, ...part };
  conversation.lastCall = made;
  const said = say(conversation, made);
  if (said) conversation.calls.set(id, { name: flatToolName(part.namespace, part.name), message: said });
}

const calls =
  (kind: 'function' | 'custom'): Handler =>
  (conversation, item) => {
    const name = asText(item.name);
    if (name === undefined) return;
    const args = kind === 'custom' ? item.input : item.arguments;
    call(
      conversation,
      item,
      defined<Omit<ToolCallPart, 'type' | 'id'>>({
        name,
        namespace: asText(item.namespace),
        kind,
        arguments: jsonText(args),
      }),
    );
  };

const searchCall: Handler = (conversation, item) => {
  if (item.execution === 'server') return vendor(conversation, item);
  call(conversation, item, { name: TOOL_SEARCH, kind: 'function', arguments: jsonText(item.arguments) });
};

function jsonText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value ?? undefined) ?? '');
}

/** Puts a result behind its call: clients write developer messages between the two, and most wires take none there. */
function answer(
  conversation: Conversation,
  item: JsonObject,
  rest: Pick<ToolResultPart, 'kind' | 'content'>,
): void {
  const { messages, calls: known, nameless } = conversation;
  const id = asText(item.call_id) ?? `call_${nameless.results++}`;
  const asked = known.get(id);
  const part = defined<ToolResultPart>({
    type: 'tool-result',
    id,
    name: asked?.name,
    isError: asObject(item.output).success === false ? true : undefined,
    ...rest,
  });
  const behind = asked ? messages.lastIndexOf(asked.message) + 1 : messages.length;
  const place = messages[behind] ?? messages.at(-1);
  if (place?.role === 'tool') place.content.push(part);
  else messages.splice(behind, 0, { role: 'tool', content: [part] });
}

const outputs =
  (kind: 'function' | 'custom'): Handler =>
  (conversation, item) => {
    const output = Array.isArray(item.output) ? item.output : (asObject(item.output).content ?? item.output);
    answer(conversation, item, { kind, content: userContent(output) });
  };

/** Tools that a search found: from now on they are offered; the model is told their names. */
const searchOutput: Handler = (conversation, item) => {
  conversation.tools.push(item.tools);
  if (item.execution === 'server') return vendor(conversation, item);
  const found = toolsIn(item.tools).flatMap((tool) =>
    tool.kind === 'server' ? [] : [flatToolName(tool.namespace, tool.name)],
  );
  const text = JSON.stringify({ tools: found });
  answer(conversation, item, { kind: 'function', content: [{ type: 'text', text }] });
};

/** What was thought: a summary, or with open models the text itself; sealed for whoever made it. */
const reasoning: Handler = (conversation, item) => {
  const text = [...asArray(item.summary), ...asArray(item.content)]
    .flatMap((part) => asText(asObject(part).text) ?? [])
    .join('\n\n');
  const seal = asText(item.encrypted_content);
  if (seal === undefined) {
    if (text !== '') say(conversation, { type: 'reasoning', text });
    return;
  }
  const { kind, ...opaque } = unsealReasoning(seal);
  if (kind !== 'call') say(conversation, { type: 'reasoning', text, sealed: { kind, ...opaque } });
  else if (conversation.lastCall) conversation.lastCall.signature = opaque;
};

/** Items whose sender is the client. */
const FROM_CLIENT = /_output$|^mcp_approval_response$|^compaction_trigger$/;

/** An item of this wire alone: built-in tools, references, compacted history ... */
function vendor(conversation: Conversation, item: JsonObject): void {
  const name = asText(item.type) ?? 'item_reference';
  const part: VendorPart = { type: 'vendor', origin: WIRE, name, value: item, ...inWords(name, item) };
  if (FROM_CLIENT.test(name)) conversation.messages.push({ role: 'user', content: [part] });
  else say(conversation, part);
}

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['message', message],
  // Codex' agents write to each other: for the model it is what a user says.
  ['agent_message', (conversation, item) => message(conversation, { role: 'user', content: item.content })],
  ['reasoning', reasoning],
  ['function_call', calls('function')],
  ['custom_tool_call', calls('custom')],
  ['function_call_output', outputs('function')],
  ['custom_tool_call_output', outputs('custom')],
  ['tool_search_call', searchCall],
  ['tool_search_output', searchOutput],
  ['additional_tools', ({ tools }, item) => tools.push(item.tools)],
]);

/** The conversation in `instructions` and `input`, and the lists of tools that stand among its items. */
export function messagesIn(instructions: unknown, input: unknown): Pick<Conversation, 'messages' | 'tools'> {
  const conversation: Conversation = {
    messages: [],
    calls: new Map(),
    nameless: { calls: 0, results: 0 },
    tools: [],
  };
  const told = systemContent(instructions);
  if (told.length > 0) conversation.messages.push({ role: 'system', from: 'instructions', content: told });
  for (const value of typeof input === 'string' ? [{ role: 'user', content: input }] : asArray(input)) {
    const item = asObject(value);
    const type = asText(item.type) ?? (item.role === undefined ? '' : 'message');
    const handle = HANDLERS.get(type);
    if (handle) handle(conversation, item);
    else if (type !== '' || asText(item.id) !== undefined) vendor(conversation, item);
  }
  return conversation;
}
