import {
  type AssistantPart,
  asObject,
  asString,
  asText,
  type ContentPart,
  type JsonObject,
  type PivotMessage,
  type TextPart,
  type ToolResultPart,
} from '../../../pivot/index.ts';
import { camel } from '../camel.ts';
import { mediaPart } from '../media.ts';
import { carried, FAMILY, readSignature } from '../seal.ts';
import { type CallIds, createCallIds } from './calls-in.ts';
import { readResult } from './results-in.ts';

/** `systemInstruction`: a content, its parts, or plain text. */
export function parseSystem(value: unknown): PivotMessage[] {
  const texts = typeof value === 'string' ? [value] : partsOf(value).map((part) => asString(part.text));
  const content = texts.filter((text) => text !== '').map((text): TextPart => ({ type: 'text', text }));
  return content.length === 0 ? [] : [{ role: 'system', from: 'system', content }];
}

/** The contents as messages: what tools gave back stands in messages of its own, before what the user says. */
export function parseContents(contents: readonly unknown[]): PivotMessage[] {
  const ids = createCallIds();
  return contents.flatMap((value, turn) => {
    const content = typeof value === 'string' ? { parts: [{ text: value }] } : camel(value);
    const parts = partsOf(content);
    if (content.role === 'system') return parseSystem(content);
    return content.role === 'model' ? modelMessages(parts, ids, turn) : userMessages(parts, ids, turn);
  });
}

function partsOf(value: unknown): JsonObject[] {
  const { parts } = camel(value);
  if (typeof parts === 'string') return [{ text: parts }];
  return (Array.isArray(value) ? value : Array.isArray(parts) ? parts : [parts]).map((part) =>
    typeof part === 'string' ? { text: part } : camel(part),
  );
}

function userMessages(parts: JsonObject[], ids: CallIds, turn: number): PivotMessage[] {
  const results: ToolResultPart[] = [];
  const content: ContentPart[] = [];
  for (const part of parts) {
    if (part.functionResponse)
      results.push(readResult(camel(part.functionResponse), ids, turn, results.length));
    else content.push(...userParts(part));
  }
  return [
    ...(results.length === 0 ? [] : [{ role: 'tool' as const, content: results }]),
    ...(content.length === 0 ? [] : [{ role: 'user' as const, content }]),
  ];
}

function userParts(part: JsonObject): ContentPart[] {
  const media = mediaPart(part);
  if (media) return [media];
  return part.text === undefined ? vendorParts(part) : textParts(part);
}

function textParts(part: JsonObject): TextPart[] {
  const text = asString(part.text);
  const signature = readSignature(part.thoughtSignature);
  if (text === '' && !signature) return [];
  return [{ type: 'text', text, ...(signature ? { signature } : {}) }];
}

/** Members of a part that say something about it and are none themselves. */
const ABOUT: ReadonlySet<string> = new Set([
  'thought',
  'thoughtSignature',
  'partMetadata',
  'videoMetadata',
  'mediaResolution',
  'mediaProcessing',
  'speechMetadata',
  'inlineData',
  'fileData',
]);

/** Parts of this wire alone: `executableCode`, `codeExecutionResult`, server-side calls, what is yet to come. */
function vendorParts(part: JsonObject): (ContentPart & { type: 'vendor' })[] {
  const name = Object.keys(part).find((key) => !ABOUT.has(key));
  if (name === undefined) return [];
  const text = inWords(part);
  return [{ type: 'vendor', origin: 'gemini', name, value: part, ...(text === undefined ? {} : { text }) }];
}

/** Code that Google ran, and what came of it: for those who cannot. */
function inWords(part: JsonObject): string | undefined {
  const code = camel(part.executableCode);
  const result = camel(part.codeExecutionResult);
  if (asText(code.code))
    return `\`\`\`${asString(code.language).toLowerCase()}\n${asString(code.code)}\n\`\`\``;
  return asText(result.output) && `Output of the code:\n${asString(result.output)}`;
}

function modelMessages(parts: JsonObject[], ids: CallIds, turn: number): PivotMessage[] {
  const content: AssistantPart[] = [];
  let calls = 0;
  /** Where the thoughts before the next call begin. */
  let start = 0;
  for (const part of parts) {
    if (part.functionCall) {
      addCall(content, part, start, (said, name) => ids.call(said, name, turn, calls++));
      start = content.length;
    } else if (part.thought === true) addThought(content, part);
    else content.push(...modelParts(part));
  }
  return content.length === 0 ? [] : [{ role: 'assistant', content }];
}

function modelParts(part: JsonObject): AssistantPart[] {
  const media = mediaPart(part);
  if (media?.type === 'document')
    return [{ type: 'vendor', origin: 'gemini', name: 'document', value: part }];
  if (media) return [media];
  return part.text === undefined ? vendorParts(part) : textParts(part);
}

/** Streams give thoughts in pieces: they are one thought until a signature ends it. */
function addThought(content: AssistantPart[], part: JsonObject): void {
  const text = asString(part.text);
  const signature = readSignature(part.thoughtSignature);
  const whole = carried(signature);
  const last = content.at(-1);
  const open = last?.type === 'reasoning' && !last.sealed ? last : undefined;
  const sealed = signature && !whole ? { sealed: { ...signature, kind: 'signature' as const } } : {};
  if (whole) content.push(...whole);
  else if (open) content.splice(-1, 1, { ...open, text: open.text + text, ...sealed });
  else if (text !== '' || signature) content.push({ type: 'reasoning', text, ...sealed });
}

function addCall(
  content: AssistantPart[],
  part: JsonObject,
  start: number,
  idOf: (said: string, name: string) => string,
): void {
  const call = camel(part.functionCall);
  const name = asString(call.name);
  const signature = readSignature(part.thoughtSignature);
  const thoughts = carried(signature);
  // All of them are in it: what the client kept beside it is there twice.
  if (thoughts)
    content.splice(start, content.length, ...thoughts, ...content.slice(start).filter(isNoForeignThought));
  content.push({
    type: 'tool-call',
    id: idOf(asText(call.id) ?? '', name),
    name,
    kind: 'function',
    arguments: typeof call.args === 'string' ? call.args : JSON.stringify(asObject(call.args)),
    ...(signature && !thoughts ? { signature } : {}),
  });
}

function isNoForeignThought(part: AssistantPart): boolean {
  return part.type !== 'reasoning' || part.sealed?.origin === FAMILY;
}
