import {
  type AssistantPart,
  asArray,
  asObject,
  asText,
  type ContentPart,
  knownTool,
  mapToolId,
  type PivotMessage,
  parseJson,
  type RefusalPart,
  type TextPart,
  type ToolCallPart,
  type ToolIdRule,
  type ToolResultPart,
  type VendorPart,
  wrapInput,
} from '../../../pivot/index.ts';
import { sealReasoning } from '../seal.ts';
import type { Json } from '../wire.ts';
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
  return messages.flatMap((message) => {
    if (message.role === 'system') return systemOut(rendering, message);
    if (message.role === 'user') return userOut(rendering, message.content);
    if (message.role === 'assistant') return assistantOut(rendering, message.content);
    return message.content.map((result) => resultOut(rendering, result));
  });
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
  const flush = (): void => {
    if (texts.length > 0) items.push({ type: 'message', role: 'assistant', content: texts });
    texts = [];
  };
  for (const [index, part] of parts.entries()) {
    const text = spoken(rendering, part);
    if (text) texts.push(text);
    else {
      const silent = silentItems(rendering, part, parts[index + 1], parts[index - 1]);
      if (silent.length > 0) flush();
      items.push(...silent);
    }
  }
  flush();
  return items;
}
