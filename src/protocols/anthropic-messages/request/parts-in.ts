import {
  asArray,
  asObject,
  asString,
  asText,
  type ContentPart,
  type DocumentPart,
  defined,
  type JsonObject,
  objectOrNothing,
  type Source,
  type TextPart,
  type VendorPart,
} from '../../../pivot/index.ts';
import { readMark } from './marks-in.ts';

const ORIGIN = 'anthropic-messages';

type Reader = (block: JsonObject) => ContentPart[];

const READERS: ReadonlyMap<unknown, Reader> = new Map<unknown, Reader>([
  ['text', (block) => readText(block)],
  ['image', (block) => readImage(block)],
  ['document', (block) => readDocument(block)],
]);

/** A block of a user message or of a tool's result. Types without a word in the pivot stay as they are. */
export function readContent(block: JsonObject): ContentPart[] {
  const read = READERS.get(block.type);
  if (read) return read(block);
  return asText(block.type) === undefined ? [] : [vendorPart(block)];
}

/** Text where nothing else can stand: a string or text blocks (`system`). */
export function readTexts(content: unknown): (TextPart | VendorPart)[] {
  if (typeof content === 'string') return readText({ text: content });
  return asArray(content).flatMap((one): (TextPart | VendorPart)[] => {
    const block = asObject(one);
    if (block.type === 'text') return readText(block);
    return asText(block.type) === undefined ? [] : [vendorPart(block)];
  });
}

function readText(block: JsonObject): TextPart[] {
  const text = asString(block.text);
  return text === '' ? [] : [{ type: 'text', text, ...readMark(block) }];
}

function readImage(block: JsonObject): ContentPart[] {
  const source = readSource(asObject(block.source));
  return source ? [{ type: 'image', source, ...readMark(block) }] : [];
}

/** https://docs.anthropic.com/en/api/messages (base64, url, file) */
function readSource(source: JsonObject): Source | undefined {
  const mediaType = asText(source.media_type);
  const [url, id, data] = [asText(source.url), asText(source.file_id), asText(source.data)];
  if (source.type === 'url' && url !== undefined)
    return defined<Source & { kind: 'url' }>({ kind: 'url', url, mediaType });
  if (source.type === 'file' && id !== undefined)
    return defined<Source & { kind: 'file' }>({ kind: 'file', origin: ORIGIN, id, mediaType });
  if (source.type !== 'base64' || data === undefined) return undefined;
  return { kind: 'base64', mediaType: mediaType ?? 'application/octet-stream', data };
}

/** A document; pictures inside a `content` source follow it as parts of their own. */
function readDocument(block: JsonObject): ContentPart[] {
  const source = asObject(block.source);
  const inner =
    typeof source.content === 'string' ? [{ type: 'text', text: source.content }] : source.content;
  const pictures = asArray(inner).flatMap((one) =>
    asObject(one).type === 'image' ? readImage(asObject(one)) : [],
  );
  const read = documentSource(source, inner);
  if (!read) return pictures;
  const document = defined<DocumentPart>({
    type: 'document',
    source: read,
    name: asText(block.title),
    context: asText(block.context),
    citations: asObject(block.citations).enabled === true ? true : undefined,
    cache: readMark(block).cache,
  });
  return [document, ...pictures];
}

function documentSource(source: JsonObject, inner: unknown): DocumentPart['source'] | undefined {
  const text = source.type === 'text' ? asText(source.data) : undefined;
  if (text !== undefined) return { kind: 'text', text };
  const texts = source.type === 'content' ? textsOf(inner) : '';
  return texts === '' ? readSource(source) : { kind: 'text', text: texts };
}

function textsOf(blocks: unknown): string {
  return asArray(blocks)
    .flatMap((block) => asText(asObject(block).text) ?? [])
    .join('\n');
}

/** What blocks of this wire's own say in plain words. */
const WORDS: ReadonlyMap<unknown, (block: JsonObject) => string> = new Map([
  ['tool_reference', (block) => `The tool ${asString(block.tool_name)} can be called now.`],
  [
    'search_result',
    (block) =>
      [asString(block.title), asString(block.source), textsOf(block.content)].filter(Boolean).join('\n'),
  ],
]);

/** A block that only this wire knows. */
export function vendorPart(block: JsonObject): VendorPart {
  return defined<VendorPart>({
    type: 'vendor',
    origin: ORIGIN,
    name: asString(block.type),
    value: objectOrNothing(block),
    text: WORDS.get(block.type)?.(block),
  });
}
