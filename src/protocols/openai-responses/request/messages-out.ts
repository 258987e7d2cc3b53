import {
  type AssistantPart,
  asArray,
  asObject,
  asText,
  type ContentPart,
  EARLIER_THOUGHTS,
  knownTool,
  mapToolId,
  type Opaque,
  type PivotMessage,
  type PivotTool,
  parseJson,
  type ReasoningPart,
  sourcesAt,
  type TextPart,
  type ToolCallPart,
  type ToolIdRule,
  type ToolResultPart,
  wrapInput,
} from '../../../pivot/index.ts';
import type { Json } from '../wire.ts';
import { WIRE } from './content-in.ts';
import { contentOut, vendorItem, vendorPart } from './content-out.ts';
import { NO_WORD, type Rendering } from './target.ts';
import { asFunctions, toolsOut, wireName } from './tools-out.ts';

const FAMILY = 'openai';

/** Claude Code's first system block: it varies, spoils prompt caches, and means nothing to other vendors. */
const BILLING = /^x-anthropic-billing-header:/;

type System = PivotMessage & { role: 'system' };

/** What the system says, without what only Anthropic's billing reads. */
export function systemTexts({ content }: System): TextPart[] {
  return content.flatMap((part) =>
    part.type === 'text' && part.text !== '' && !BILLING.test(part.text) ? [part] : [],
  );
}

/** The conversation as input items. Ids of items are never written: they are names in somebody's store. */
export function itemsOut(rendering: Rendering, messages: readonly PivotMessage[]): Json[] {
  const calls = new Set<string>();
  return messages.flatMap((message) => {
    if (message.role === 'system') return systemOut(rendering, message);
    if (message.role === 'user') return userOut(rendering, message.content);
    if (message.role === 'tool')
      return message.content.map((result) =>
        calls.has(result.id) || isElsewhere(rendering)
          ? resultOut(rendering, result)
          : orphan(rendering, result),
      );
    for (const part of message.content) if (part.type === 'tool-call') calls.add(part.id);
    return assistantOut(rendering, message.content);
  });
}

/** The calls may lie in a store, or be items that only this wire knows. */
function isElsewhere({ request }: Rendering): boolean {
  if (request.previousResponseId !== undefined) return true;
  return request.messages.some(({ content }) =>
    content.some((part) => part.type === 'vendor' && vendorItem(part) !== undefined),
  );
}

/** A result whose call is not there (a history that was cut) is refused as such, but worth to be read. */
function orphan(rendering: Rendering, { id, name, content }: ToolResultPart): Json {
  rendering.lose('tool result', 'it answers no call');
  const head: TextPart = { type: 'text', text: `Result of ${name ?? 'a tool call'} (${id}):` };
  const said = contentOut(rendering, content);
  const text = said.length === 0 ? [{ type: 'input_text', text: '(empty)' }] : said;
  return { type: 'message', role: 'user', content: [...contentOut(rendering, [head]), ...text] };
}

function systemOut(rendering: Rendering, message: System): Json[] {
  const vendors = message.content.filter((part) => part.type === 'vendor');
  const own = vendors.flatMap((part) => vendorPart(rendering, part) ?? []);
  const content = [...contentOut(rendering, systemTexts(message)), ...own];
  // `instructions` in the middle of a conversation are a developer's.
  const role = message.from === 'system' ? 'system' : 'developer';
  return content.length === 0 ? [] : [{ type: 'message', role, content }];
}

function userOut(rendering: Rendering, parts: readonly ContentPart[]): Json[] {
  const items: Json[] = [];
  const rest = parts.filter((part) => {
    const item = part.type === 'vendor' ? vendorItem(part) : undefined;
    if (item) items.push(item);
    return !item;
  });
  const content = contentOut(rendering, rest);
  if (content.length > 0) items.push({ type: 'message', role: 'user', content });
  return items;
}

/** The assistant's turn: every call and thought is an item, texts side by side are one message. */
function assistantOut(rendering: Rendering, parts: readonly AssistantPart[]): Json[] {
  const items: Json[] = [];
  let texts: Json[] = [];
  const add = (more: Json[]): void => {
    if (more.length === 0) return;
    if (texts.length > 0) items.push({ type: 'message', role: 'assistant', content: texts });
    texts = [];
    items.push(...more);
  };
  for (const [index, part] of parts.entries()) {
    add(thoughtsBefore(rendering, part, parts[index - 1]));
    const text = spoken(rendering, part);
    if (text) texts.push(text);
    else add(itemOf(rendering, part, parts[index + 1]));
  }
  if (texts.length > 0) items.push({ type: 'message', role: 'assistant', content: texts });
  return items;
}

function spoken(rendering: Rendering, part: AssistantPart): Json | undefined {
  if (part.type === 'text')
    return part.text === ''
      ? undefined
      : { type: 'output_text', text: part.text, annotations: sourcesAt(WIRE, part) };
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text };
  return part.type === 'vendor' && !vendorItem(part) ? vendorPart(rendering, part, 'output_text') : undefined;
}

function signatureOf(part: AssistantPart | undefined): Opaque | undefined {
  return part?.type === 'text' || part?.type === 'tool-call' ? part.signature : undefined;
}

/** What a wire keeps as the signature of a text or a call is a reasoning item here, right before it. */
function thoughtsBefore(
  rendering: Rendering,
  part: AssistantPart,
  before: AssistantPart | undefined,
): Json[] {
  const signature = signatureOf(part);
  if (signature === undefined) return [];
  if (signature.origin !== FAMILY) {
    rendering.lose('thinking signature', `made by ${signature.origin}`);
    return [];
  }
  const text = before?.type === 'reasoning' && !before.sealed ? before.text : '';
  return [reasoningItem(text, signature.value)];
}

function reasoningItem(text: string, seal: string): Json {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  return { type: 'reasoning', summary, encrypted_content: seal };
}

function itemOf(rendering: Rendering, part: AssistantPart, next: AssistantPart | undefined): Json[] {
  if (part.type === 'tool-call') return [callOut(rendering, part)];
  if (part.type === 'reasoning') return reasoningOut(rendering, part, next);
  if (part.type === 'image' || part.type === 'media') {
    rendering.lose(`${part.type} in an assistant message`, NO_WORD);
    return [];
  }
  const item = part.type === 'vendor' ? vendorItem(part) : undefined;
  // A name in a store that holds nothing of this conversation: the API answers 404.
  if (item && part.type === 'vendor' && part.name === 'item_reference' && rendering.request.store === false) {
    rendering.lose(part.name, 'store is false: there is nothing to refer to');
    return [];
  }
  return item ? [item] : [];
}

/** Only what this family sealed goes back: nobody else's thinking is taken. */
function reasoningOut(
  { lose }: Rendering,
  { text, sealed }: ReasoningPart,
  next: AssistantPart | undefined,
): Json[] {
  if (sealed?.origin === FAMILY) return [reasoningItem(text, sealed.value)];
  if (sealed) lose('thinking signature', `made by ${sealed.origin}`);
  else if (text !== '' && signatureOf(next)?.origin !== FAMILY)
    lose(EARLIER_THOUGHTS, 'without a seal it cannot go back');
  return [];
}

const CALL_ID: ToolIdRule = { pattern: /./, maxLength: 64 };

/** The narrowest of the rules that the target has. */
function idRule({ target: { quirks } }: Rendering): ToolIdRule {
  if (quirks.has('short-tool-ids')) return { pattern: /^[a-zA-Z0-9]{9}$/, maxLength: 9 };
  return quirks.has('tool-ids-40') ? { ...CALL_ID, maxLength: 40 } : CALL_ID;
}

/** A tool that has item types of its own on this wire. */
function nativeOf({ request }: Rendering, name: string | undefined): string | undefined {
  const tool = name === undefined ? undefined : knownTool(request.tools, name);
  return tool?.kind === 'function' ? tool.native : undefined;
}

function callOut(rendering: Rendering, part: ToolCallPart): Json {
  const call_id = mapToolId(part.id, idRule(rendering));
  const native = nativeOf(rendering, part.namespace === undefined ? part.name : undefined);
  if (native !== undefined) {
    const args = asObject(parseJson(part.arguments));
    return { type: `${native}_call`, call_id, execution: 'client', status: 'completed', arguments: args };
  }
  const call = { call_id, ...wireName(part) };
  if (part.kind === 'function')
    return {
      type: 'function_call',
      ...call,
      arguments: part.arguments.trim() === '' ? '{}' : part.arguments,
    };
  return asFunctions(rendering)
    ? { type: 'function_call', ...call, arguments: wrapInput(part.arguments) }
    : { type: 'custom_tool_call', ...call, input: part.arguments };
}

function resultOut(rendering: Rendering, part: ToolResultPart): Json {
  const call_id = mapToolId(part.id, idRule(rendering));
  const native = nativeOf(rendering, part.name);
  if (native !== undefined) {
    const tools = toolsOut(rendering, foundTools(rendering, part));
    return { type: `${native}_output`, call_id, execution: 'client', status: 'completed', tools };
  }
  if (part.isError) rendering.lose('is_error', `${NO_WORD}; the text of the result stays`);
  const custom = part.kind === 'custom' && !asFunctions(rendering);
  return {
    type: custom ? 'custom_tool_call_output' : 'function_call_output',
    call_id,
    output: outputOf(contentOut(rendering, part.content)),
  };
}

/** Text alone is a string, which every server takes; an empty result is refused by some. */
function outputOf(content: Json[]): unknown {
  if (content.length === 0) return '(empty)';
  const [only, ...others] = content;
  return others.length === 0 && only?.type === 'input_text' ? only.text : content;
}

/** The result of a search holds the flat names of what it found. */
function foundTools({ request }: Rendering, { content }: ToolResultPart): PivotTool[] {
  const text = content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('');
  return asArray(asObject(parseJson(text)).tools).flatMap(
    (name) => knownTool(request.tools, asText(name) ?? '') ?? [],
  );
}
