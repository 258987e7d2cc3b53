import {
  asArray,
  asObject,
  asText,
  type ContentPart,
  defined,
  type JsonObject,
  objectOrNothing,
  type RefusalPart,
  type Source,
  type TextPart,
  type VendorPart,
} from '../../../pivot/index.ts';

/** This wire as the origin of what only it knows. */
export const WIRE = 'openai-responses';

type InPart = ContentPart | RefusalPart;
type Reader = (part: JsonObject) => InPart | undefined;

const text: Reader = (part) =>
  typeof part.text === 'string' && part.text !== ''
    ? { type: 'text', text: part.text, ...cacheOf(part) }
    : undefined;

/** What was said in an answer of before, with its sources. */
const said: Reader = (part) => {
  const read = text(part);
  const values = asArray(part.annotations).flatMap((one) => {
    const source = objectOrNothing(one);
    return source ? [source] : [];
  });
  return read?.type === 'text' && values.length > 0 ? { ...read, sources: { origin: WIRE, values } } : read;
};

const image: Reader = (part) => {
  const source = sourceOf(part.image_url, part.file_id);
  const detail = asText(part.detail);
  return source && { type: 'image', source, ...(detail ? { detail } : {}), ...cacheOf(part) };
};

const file: Reader = (part) => {
  const name = asText(part.filename);
  const data = asText(part.file_data);
  const source = data === undefined ? sourceOf(part.file_url, part.file_id) : fileData(data, name);
  return source && { type: 'document', source, ...(name ? { name } : {}), ...cacheOf(part) };
};

const audio: Reader = (part) => {
  const { data, format } = asObject(part.input_audio);
  if (asText(data) === undefined) return undefined;
  const mediaType = `audio/${format === 'mp3' ? 'mpeg' : (asText(format) ?? 'wav')}`;
  return { type: 'media', source: { kind: 'base64', mediaType, data: String(data) } };
};

const refusal: Reader = (part) => {
  const words = asText(part.refusal);
  return words === undefined ? undefined : { type: 'refusal', text: words };
};

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['input_text', text],
  ['output_text', said],
  ['text', text],
  ['input_image', image],
  ['input_file', file],
  ['input_audio', audio],
  ['refusal', refusal],
]);

/** The parts of a message or of a tool's output: text alone, or a list. What only this wire knows stays as it is. */
export function contentIn(content: unknown): InPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return asArray(content).flatMap((one): InPart[] => {
    const part = asObject(one);
    const type = asText(part.type);
    if (type === undefined) return [];
    const read = READERS.get(type);
    // Wrapped, so that a part and an item of this wire can be told apart when they come back.
    if (!read) return [{ type: 'vendor', origin: WIRE, name: type, value: { part } }];
    const made = read(part);
    return made ? [made] : [];
  });
}

/** What a user says: a refusal in it is text. */
export function userContent(content: unknown): ContentPart[] {
  return contentIn(content).map((part) =>
    part.type === 'refusal' ? { type: 'text', text: part.text } : part,
  );
}

/** What the system says: text; all else is this wire's own. */
export function systemContent(content: unknown): (TextPart | VendorPart)[] {
  return asArray(typeof content === 'string' ? [{ type: 'input_text', text: content }] : content).flatMap(
    (one): (TextPart | VendorPart)[] => {
      const [part] = userContent([one]);
      if (!part) return [];
      if (part.type === 'text' || part.type === 'vendor') return [part];
      const { type } = asObject(one);
      return [{ type: 'vendor', origin: WIRE, name: String(type), value: { part: one } }];
    },
  );
}

/** Newer models place cache breakpoints by hand, as Messages does. */
function cacheOf(part: JsonObject): { cache?: Record<string, never> } {
  return asObject(part.prompt_cache_breakpoint).mode === 'explicit' ? { cache: {} } : {};
}

const DATA_URI = /^data:([^;,]*)(?:;[^;,]*)*;base64,/;

function sourceOf(url: unknown, id: unknown): Source | undefined {
  const fileId = asText(id);
  const link = asText(url);
  if (link !== undefined) return dataSource(link) ?? { kind: 'url', url: link };
  return fileId === undefined ? undefined : { kind: 'file', origin: WIRE, id: fileId };
}

function dataSource(uri: string): Source | undefined {
  const [head, mediaType] = DATA_URI.exec(uri) ?? [];
  if (head === undefined) return undefined;
  return { kind: 'base64', mediaType: mediaType || 'application/octet-stream', data: uri.slice(head.length) };
}

const BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['json', 'application/json'],
  ['html', 'text/html'],
]);

/** A file in the request: a data URI, or bare base64 whose name tells what it is. */
function fileData(data: string, name: string | undefined): Source {
  const extension = name?.split('.').at(-1)?.toLowerCase() ?? '';
  const mediaType = BY_EXTENSION.get(extension) ?? 'application/pdf';
  return dataSource(data) ?? defined<Source & { kind: 'base64' }>({ kind: 'base64', mediaType, data });
}
