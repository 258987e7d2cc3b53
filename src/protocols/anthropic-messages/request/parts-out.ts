import {
  type ContentPart,
  type DocumentPart,
  defined,
  type ImagePart,
  type JsonObject,
  type MediaPart,
  objectOrNothing,
  type Source,
  type TextPart,
  type VendorPart,
} from '../../../pivot/index.ts';
import { writeMark } from './marks-out.ts';
import { type Notes, textBlock } from './notes.ts';

const WIRE = 'anthropic-messages';
const IMAGES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

type Writers = {
  [T in ContentPart['type']]: (part: Extract<ContentPart, { type: T }>, notes: Notes) => JsonObject[];
};

const WRITERS: Writers = {
  text: (part) => writeText(part),
  image: (part, notes) => writeImage(part, notes),
  document: (part, notes) => writeDocument(part, notes),
  media: (part, notes) => leftOut(mediaWord(part), `${WIRE} takes no sound and no video`, notes),
  vendor: (part, notes) => writeVendor(part, notes),
};

/** Parts of a user message or of a tool's result as blocks. What the wire cannot say leaves a word in its place. */
export function writeContent(parts: readonly ContentPart[], notes: Notes): JsonObject[] {
  return parts.flatMap((part) => {
    const write = WRITERS[part.type] as (part: ContentPart, notes: Notes) => JsonObject[];
    return write(part, notes);
  });
}

/** Text; blank ones are refused, so they are left out. */
export function writeText({ text, cache }: TextPart): JsonObject[] {
  return text.trim() === '' ? [] : [{ ...textBlock(text), ...writeMark(cache) }];
}

/** A block of this wire's own comes back as it was; another wire's speaks by its words or is lost. */
export function writeVendor({ origin, name, value, text }: VendorPart, notes: Notes): JsonObject[] {
  const own = origin === WIRE ? objectOrNothing(value) : undefined;
  if (own) return [structuredClone(own)];
  if (text !== undefined && text.trim() !== '') return [textBlock(text)];
  notes.lose(name, `only ${origin} knows it`);
  return [];
}

/** Stands where something was that the target must not get, so that no turn is empty and the model knows. */
export function leftOut(what: string, why: string, notes: Notes): JsonObject[] {
  notes.lose(what, why);
  return [textBlock(`(${what} left out)`)];
}

function mediaWord({ source }: MediaPart): string {
  return source.mediaType?.startsWith('video/') ? 'video' : 'audio';
}

/** A source that lies elsewhere; null when only another vendor can reach it. */
function remote(source: Exclude<Source, { kind: 'base64' }>): JsonObject | null {
  if (source.kind === 'url') return { type: 'url', url: source.url };
  return source.origin === WIRE ? { type: 'file', file_id: source.id } : null;
}

function writeImage({ source, cache }: ImagePart, notes: Notes): JsonObject[] {
  if (source.kind !== 'base64') {
    const written = remote(source);
    return written
      ? [{ type: 'image', source: written, ...writeMark(cache) }]
      : leftOut('image', 'the file lies with another vendor', notes);
  }
  const { mediaType, data } = source;
  const type = mediaType.toLowerCase() === 'image/jpg' ? 'image/jpeg' : mediaType;
  if (!IMAGES.has(type.toLowerCase())) return leftOut('image', `${WIRE} takes no ${mediaType}`, notes);
  return [{ type: 'image', source: { type: 'base64', media_type: type, data }, ...writeMark(cache) }];
}

function writeDocument(part: DocumentPart, notes: Notes): JsonObject[] {
  const source = documentSource(part.source);
  if (typeof source === 'string') return leftOut('document', source, notes);
  return [
    defined<JsonObject>({
      type: 'document',
      source,
      title: part.name,
      context: part.context,
      citations: part.citations === undefined ? undefined : { enabled: part.citations },
      ...writeMark(part.cache),
    }),
  ];
}

/** PDF and plain text are all that the wire takes. A string says why not. */
function documentSource(source: DocumentPart['source']): JsonObject | string {
  if (source.kind === 'text') return plain(source.text);
  if (source.kind !== 'base64') return remote(source) ?? 'the file lies with another vendor';
  const { mediaType, data } = source;
  if (/^application\/pdf$/i.test(mediaType)) return { type: 'base64', media_type: 'application/pdf', data };
  const text = /^text\/|[/+](?:json|xml|yaml)$/i.test(mediaType) ? decodeText(data) : undefined;
  return text === undefined ? `${WIRE} takes no ${mediaType}` : plain(text);
}

function plain(data: string): JsonObject {
  return { type: 'text', media_type: 'text/plain', data };
}

/** Base64 of UTF-8; undefined when it is neither. */
function decodeText(data: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
