import {
  type AssistantPart,
  type ContentPart,
  flatToolName,
  type JsonObject,
  type PivotMessage,
  type PivotRequest,
  type ToolCallPart,
  type ToolResultPart,
  wrapInput,
} from '../../../pivot/index.ts';
import { alternating } from './alternating.ts';
import { NO_WORD, type Notes } from './notes.ts';
import { contentValue, EMPTY, renderParts, textPart } from './parts-out.ts';
import { callSignature, renderThoughts, taggedThoughts } from './reasoning-out.ts';
import { matchResults, type Results } from './results.ts';
import { toolIds } from './tool-ids-out.ts';

const ORIGIN = 'openai-chat';

type Of<R extends PivotMessage['role']> = Extract<PivotMessage, { role: R }>;

/** What the messages of one request share while they are written. */
interface Writing {
  notes: Notes;
  results: Results;
  idOf(id: string): string;
}

/** The messages. What is written for earlier ones does not change when later ones are added. */
export function renderMessages({ messages }: PivotRequest, notes: Notes): JsonObject[] {
  const writing: Writing = { notes, results: matchResults(messages), idOf: toolIds(notes) };
  // An interrupted turn: somebody spoke before all of its calls were answered.
  const spoken = messages.findLastIndex(({ role }) => role !== 'tool');
  const written = messages.flatMap((message, i) => renderMessage(message, i < spoken, writing));
  return notes.has('alternating-roles') ? alternating(written) : written;
}

function renderMessage(message: PivotMessage, interrupted: boolean, writing: Writing): JsonObject[] {
  switch (message.role) {
    case 'system':
      return systemMessage(message, writing.notes);
    case 'user':
      return userMessage(message.content, writing.notes);
    case 'assistant':
      return assistantTurn(message, interrupted, writing);
    case 'tool':
      return orphans(message, writing);
  }
}

function systemMessage({ content }: Of<'system'>, notes: Notes): JsonObject[] {
  const parts = renderParts(content, notes);
  // OpenAI refuses requests that mix the two.
  const role = notes.has('developer-role') ? 'developer' : 'system';
  return parts.length === 0 ? [] : [{ role, content: contentValue(parts, '\n\n') }];
}

/** Who speaks, where this wire's client said it. */
function speakerOf(content: readonly (ContentPart | AssistantPart)[], notes: Notes): JsonObject {
  const name = content.find((part) => part.type === 'vendor' && part.name === 'name');
  if (name && notes.has('no-names')) {
    notes.refuse('name');
    return {};
  }
  return name?.type === 'vendor' && name.origin === ORIGIN ? { name: name.value } : {};
}

function userMessage(content: readonly ContentPart[], notes: Notes): JsonObject[] {
  const parts = renderParts(content, notes);
  // Left out, the others would still read well, but a model would answer an older question.
  if (parts.length === 0) parts.push(textPart(EMPTY));
  return [{ role: 'user', ...speakerOf(content, notes), content: contentValue(parts, '\n\n') }];
}

/** An assistant message, the results of its calls, and behind them the pictures that neither of them can hold. */
function assistantTurn({ content }: Of<'assistant'>, interrupted: boolean, writing: Writing): JsonObject[] {
  const { notes, results, idOf } = writing;
  const calls = content.filter((part) => part.type === 'tool-call');
  const message = assistantMessage(content, calls, writing);
  const later: JsonObject[] = ownPictures(content, notes);
  const answers = calls.flatMap((call): JsonObject[] => {
    const result = results.of(call);
    if (result) return [toolMessage(result, idOf(call.id), later, notes)];
    if (!interrupted) return [];
    notes.lose('tool call', 'it has no result');
    return [{ role: 'tool', tool_call_id: idOf(call.id), content: '(no result)' }];
  });
  return [...message, ...answers, ...(later.length === 0 ? [] : [{ role: 'user', content: later }])];
}

function assistantMessage(
  content: readonly AssistantPart[],
  calls: readonly ToolCallPart[],
  { notes, idOf }: Writing,
): JsonObject[] {
  const texts = [...taggedThoughts(content, notes), ...assistantTexts(content, notes)];
  const parts = renderParts(texts, notes);
  const audio = content.find((part) => part.type === 'vendor' && part.name === 'audio');
  const spoken = audio?.type === 'vendor' && audio.origin === ORIGIN ? { audio: audio.value } : {};
  const thoughts = renderThoughts(content, (call) => idOf(call.id), notes);
  if (parts.length + calls.length + Object.keys(spoken).length === 0) return [];
  return [
    {
      role: 'assistant',
      ...speakerOf(content, notes),
      content: parts.length === 0 ? null : contentValue(parts, ''),
      ...spoken,
      ...thoughts,
      ...(calls.length === 0
        ? {}
        : { tool_calls: calls.map((call) => toolCall(call, idOf(call.id), notes)) }),
    },
  ];
}

/** What an assistant said, in pieces that follow each other without a gap. */
function assistantTexts(content: readonly AssistantPart[], notes: Notes): ContentPart[] {
  const texts: ContentPart[] = [];
  for (const part of content) {
    const gap = texts.length === 0 ? '' : '\n';
    if (part.type === 'text') texts.push(part);
    if (part.type === 'refusal') texts.push({ type: 'text', text: gap + part.text });
    if (part.type === 'vendor' && part.origin !== ORIGIN)
      texts.push(part.text ? { ...part, text: `${gap}${part.text}\n` } : part);
    if (part.type === 'media') notes.lose('audio of earlier turns', NO_WORD);
  }
  return texts;
}

function toolCall(call: ToolCallPart, id: string, notes: Notes): JsonObject {
  const name = flatToolName(call.namespace, call.name);
  const signature = callSignature(call, notes);
  if (call.kind === 'custom' && notes.has('custom-tools'))
    return { id, type: 'custom', custom: { name, input: call.arguments }, ...signature };
  const args = call.kind === 'custom' ? wrapInput(call.arguments) : call.arguments || '{}';
  return { id, type: 'function', function: { name, arguments: args }, ...signature };
}

/** Pictures that the model made: only users may show some. */
function ownPictures(content: readonly AssistantPart[], notes: Notes): JsonObject[] {
  const pictures = renderParts(
    content.filter((part) => part.type === 'image'),
    notes,
  );
  return pictures.length === 0 ? [] : [textPart('Made by the assistant:'), ...pictures];
}

/** A result as text. What is no text goes to `later`, with a word here that says so. */
function toolMessage(result: ToolResultPart, id: string, later: JsonObject[], notes: Notes): JsonObject {
  const parts = resultParts(result, notes);
  const texts = parts.filter((part) => part.type === 'text');
  const others = parts.filter((part) => part.type !== 'text');
  if (others.length > 0) {
    later.push(textPart(`From the result of ${result.name ?? 'the tool call'} (${id}):`), ...others);
    texts.push(textPart(`(${others.length} attached in the next user message)`));
  }
  if (texts.length === 0) texts.push(textPart(EMPTY));
  return { role: 'tool', tool_call_id: id, content: contentValue(texts, '\n') };
}

/** The wire has no flag for failures: the text says it, unless it does already. */
function resultParts({ content, isError }: ToolResultPart, notes: Notes): JsonObject[] {
  const parts = renderParts(content, notes);
  const [first] = parts;
  if (!isError || /^\W*\w*error/i.test(first?.type === 'text' ? String(first.text) : '')) return parts;
  if (first?.type !== 'text') return [textPart('Error'), ...parts];
  return [{ ...first, text: `Error: ${first.text}` }, ...parts.slice(1)];
}

/** Results of calls that are not there (a history that was cut) are refused as such, but worth to be read. */
function orphans({ content }: Of<'tool'>, { notes, results }: Writing): JsonObject[] {
  return content
    .filter((result) => !results.answersCall(result))
    .map((result) => {
      notes.lose('tool result', 'it answers no call');
      const parts = resultParts(result, notes);
      const head = textPart(`Result of ${result.name ?? 'a tool call'}:`);
      return {
        role: 'user',
        content: contentValue([head, ...(parts.length === 0 ? [textPart(EMPTY)] : parts)], '\n'),
      };
    });
}
