import {
  asArray,
  asObject,
  asText,
  type CacheMark,
  type ContentPart,
  defined,
  type JsonObject,
  type Source,
  type TextPart,
} from '../../../pivot/index.ts';
import { readUrl } from '../data-uri.ts';

const ORIGIN = 'openai-chat';

/** A `cache_control` as OpenRouter, LiteLLM and others take it on parts, messages and tools. */
export function readCache({ cache_control: value }: JsonObject): CacheMark | undefined {
  const mark = asObject(value);
  if (mark.type !== 'ephemeral') return undefined;
  return mark.ttl === '1h' || mark.ttl === '5m' ? { ttl: mark.ttl } : {};
}

/** `{ url }`, or the URL itself, as some clients write it. */
function urlOf(value: unknown): string | undefined {
  return asText(value) ?? asText(asObject(value).url);
}

/** Media types by the ends of file names, for files that come without one. */
const BY_NAME: ReadonlyMap<unknown, string> = new Map([
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['json', 'application/json'],
  ['xml', 'application/xml'],
]);

function fileSource(file: JsonObject): Source | undefined {
  const id = asText(file.file_id);
  if (id !== undefined) return { kind: 'file', origin: ORIGIN, id };
  const data = asText(file.file_data);
  if (data === undefined) return undefined;
  const ending = asText(file.filename)?.split('.').at(-1)?.toLowerCase() ?? '';
  const mediaType = BY_NAME.get(ending) ?? 'application/pdf';
  // OpenAI documents bare base64, its SDKs and everybody else write data URIs; OpenRouter takes URLs, too.
  return /^(data|https?):/i.test(data) ? readUrl(data, mediaType) : { kind: 'base64', mediaType, data };
}

const AUDIO: ReadonlyMap<unknown, string> = new Map([
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
]);

/** A part by its `type`; undefined = says nothing. */
const PARTS: Readonly<Record<string, (part: JsonObject) => ContentPart | undefined>> = {
  text: ({ text }) => textPart(text),
  input_text: ({ text }) => textPart(text),
  image_url(part) {
    const url = urlOf(part.image_url);
    if (url === undefined) return undefined;
    const detail = asText(asObject(part.image_url).detail) ?? asText(part.detail);
    return { type: 'image', source: readUrl(url, 'image/png'), ...(detail === undefined ? {} : { detail }) };
  },
  video_url(part) {
    const url = urlOf(part.video_url);
    if (url === undefined) return undefined;
    const source = readUrl(url, 'video/mp4');
    return {
      type: 'media',
      source: source.kind === 'url' ? { ...source, mediaType: 'video/mp4' } : source,
    };
  },
  input_audio(part) {
    const audio = asObject(part.input_audio);
    const data = asText(audio.data);
    const format = asText(audio.format) ?? 'wav';
    const mediaType = AUDIO.get(format) ?? `audio/${format}`;
    return data === undefined ? undefined : { type: 'media', source: { kind: 'base64', mediaType, data } };
  },
  file(part) {
    const file = asObject(part.file);
    const source = fileSource(file);
    if (!source) return undefined;
    const name = asText(file.filename);
    return { type: 'document', source, ...(name === undefined ? {} : { name }) };
  },
};

function textPart(text: unknown): TextPart | undefined {
  const said = asText(text);
  return said === undefined ? undefined : { type: 'text', text: said };
}

function readPart(value: unknown): ContentPart[] {
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value }];
  const part = asObject(value);
  const type = asText(part.type);
  if (type === undefined) return [];
  const read = Object.hasOwn(PARTS, type) ? PARTS[type] : undefined;
  if (!read) return [{ type: 'vendor', origin: ORIGIN, name: type, value: part }];
  const known = read(part);
  if (!known || known.type === 'vendor') return [];
  return [defined<ContentPart>({ ...known, cache: readCache(part) })];
}

/** The content of a message: a text or a list of parts. A mark on the message itself is one behind its last part. */
export function readContent(message: JsonObject): ContentPart[] {
  const { content } = message;
  const parts = typeof content === 'string' ? readPart(content) : asArray(content).flatMap(readPart);
  const cache = readCache(message);
  const last = parts.at(-1);
  if (cache && last && last.type !== 'vendor') parts[parts.length - 1] = { cache, ...last };
  return parts;
}
