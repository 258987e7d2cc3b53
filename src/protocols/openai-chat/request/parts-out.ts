import {
  type CacheMark,
  type ContentPart,
  type DocumentPart,
  type ImagePart,
  type JsonObject,
  type MediaPart,
  objectOrNothing,
  type Source,
  type VendorPart,
} from '../../../pivot/index.ts';
import { NO_WORD, type Notes } from './notes.ts';

const ORIGIN = 'openai-chat';

/** Stands for a content that is empty: many servers refuse one. */
export const EMPTY = '(empty)';

/** A text part. */
export function textPart(text: string): JsonObject {
  return { type: 'text', text };
}

function dataUri({ mediaType, data }: Source & { kind: 'base64' }): string {
  return `data:${mediaType};base64,${data}`;
}

/** URL or data URI; a file that another vendor keeps is lost. */
function urlOf(source: Source, what: string, notes: Notes): string | undefined {
  if (source.kind === 'base64') return dataUri(source);
  if (source.kind === 'url') return source.url;
  notes.lose(what, `the file lies with ${source.origin}`);
  return undefined;
}

function imagePart({ source, detail }: ImagePart, notes: Notes): JsonObject | undefined {
  if (source.kind === 'url' && notes.has('no-image-urls')) {
    notes.lose('image', `${notes.target.provider} takes pictures only inside the request`);
    return textPart(`Image: ${source.url}`);
  }
  const url = urlOf(source, 'image', notes);
  if (url === undefined) return undefined;
  return { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } };
}

const AUDIO: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/x-wav': 'wav',
};

function mediaPart({ source }: MediaPart, notes: Notes): JsonObject | undefined {
  const type = source.mediaType ?? '';
  if (source.kind === 'base64' && type.startsWith('audio/')) {
    const format = AUDIO[type] ?? type.slice('audio/'.length);
    return { type: 'input_audio', input_audio: { data: source.data, format } };
  }
  // OpenRouter's word, which Qwen, GLM and vLLM share.
  if (type.startsWith('video/') && (notes.has('reasoning-object') || notes.has('enable-thinking'))) {
    const url = urlOf(source, 'video', notes);
    return url === undefined ? undefined : { type: 'video_url', video_url: { url } };
  }
  notes.lose(type.split('/')[0] || 'media', NO_WORD);
  return undefined;
}

/** Text in base64, as UTF-8; undefined when it is neither. */
function decodeText(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function titled(name: string | undefined, text: string): JsonObject {
  return textPart(name === undefined ? text : `${name}\n\n${text}`);
}

function documentPart(part: DocumentPart, notes: Notes): JsonObject | undefined {
  const { source, name } = part;
  if (source.kind === 'text') return titled(name, source.text);
  if (source.kind === 'file') {
    if (source.origin === ORIGIN) return { type: 'file', file: { file_id: source.id } };
    notes.lose('document', `the file lies with ${source.origin}`);
    return undefined;
  }
  if (source.kind === 'url') return documentAt(source.url, name, notes);
  const text = /^text\/|[/+](json|xml)$/.test(source.mediaType) ? decodeText(source.data) : undefined;
  if (text !== undefined) return titled(name, text);
  const filename = name ?? `document.${source.mediaType.split('/')[1] ?? 'pdf'}`;
  if (notes.has('document-url')) return documentUrl(dataUri(source), filename);
  if (notes.has('no-files')) {
    notes.lose('document', `${notes.target.provider} takes none`);
    return textPart(`Document: ${filename} (left out)`);
  }
  return { type: 'file', file: { filename, file_data: dataUri(source) } };
}

/** https://docs.mistral.ai/capabilities/document_ai/document_qna */
function documentUrl(url: string, name: string): JsonObject {
  return { type: 'document_url', document_url: url, document_name: name };
}

function documentAt(url: string, name: string | undefined, notes: Notes): JsonObject {
  const filename = name ?? 'document.pdf';
  // OpenRouter fetches files, OpenAI does not.
  if (notes.has('reasoning-object')) return { type: 'file', file: { filename, file_data: url } };
  if (notes.has('document-url')) return documentUrl(url, filename);
  notes.lose('document', 'openai-chat takes files only inside the request');
  return textPart(`Document: ${url}`);
}

function renderPart(part: ContentPart, notes: Notes): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' ? undefined : textPart(part.text);
    case 'image':
      return imagePart(part, notes);
    case 'document':
      return documentPart(part, notes);
    case 'media':
      return mediaPart(part, notes);
    case 'vendor':
      return vendorPart(part, notes);
  }
}

/** A part of this wire as it came; one of another wire in words, or not at all. */
function vendorPart({ origin, name, value, text }: VendorPart, notes: Notes): JsonObject | undefined {
  if (origin === ORIGIN) return objectOrNothing(value);
  if (text === undefined) notes.lose(name, `only ${origin} knows it`);
  return text === undefined || text === '' ? undefined : textPart(text);
}

/** A cache mark as it stands on parts and tools; only where the target keeps such marks. It is a hint: no loss. */
export function cacheField(cache: CacheMark | undefined, notes: Notes): JsonObject {
  if (!cache || !notes.has('cache-control')) return {};
  return { cache_control: { type: 'ephemeral', ...cache } };
}

/** Parts as the wire takes them. */
export function renderParts(parts: readonly ContentPart[], notes: Notes): JsonObject[] {
  return parts.flatMap((part) => {
    if (part.type === 'document' && part.citations) notes.lose('citations', NO_WORD);
    if (part.type === 'text' && part.signature)
      notes.lose('thinking signature', `made by ${part.signature.origin}`);
    const rendered = renderPart(part, notes);
    if (!rendered) return [];
    if (part.type === 'vendor') return [rendered];
    const context = part.type === 'document' && part.context ? [textPart(part.context)] : [];
    return [...context, { ...rendered, ...cacheField(part.cache, notes) }];
  });
}

/** One string where the parts are only text, since every server understands that; else the list. */
export function contentValue(parts: JsonObject[], joint: string): string | JsonObject[] {
  const plain = parts.every((part) => part.type === 'text' && part.cache_control === undefined);
  return plain ? parts.map(({ text }) => text).join(joint) : parts;
}
