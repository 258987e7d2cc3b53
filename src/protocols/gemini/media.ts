import {
  asString,
  asText,
  type ContentPart,
  defined,
  type JsonObject,
  type Source,
} from '../../pivot/index.ts';
import { camel } from './camel.ts';

/** Media types by the ending of a file's name, for links that say none. */
const BY_ENDING: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['html', 'text/html'],
  ['csv', 'text/csv'],
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
  ['ogg', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['webm', 'video/webm'],
]);

/** What kind of file a link leads to, by the ending of its path. */
export function mediaTypeOf(url: string): string | undefined {
  const path = url.replace(/[?#].*$/s, '');
  return BY_ENDING.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase());
}

/** Links that Google resolves itself: its file store, its cloud storage. */
export function isGoogleFile(uri: string): boolean {
  return /^(?:gs:\/\/|files\/|https:\/\/generativelanguage\.googleapis\.com\/)/.test(uri);
}

/** Videos may be named by their page; the page has no media type. */
export function isVideoPage(uri: string): boolean {
  return /^https:\/\/(?:www\.)?(?:youtube\.com|youtu\.be)\//.test(uri);
}

/** `inlineData` or `fileData` as a part; undefined when there is nothing in it. */
export function mediaPart(part: JsonObject): Exclude<ContentPart, { type: 'text' | 'vendor' }> | undefined {
  const inline = camel(part.inlineData);
  const file = camel(part.fileData);
  const data = asString(inline.data);
  const uri = asString(file.fileUri);
  if (data !== '') {
    const mediaType = asText(inline.mimeType) ?? 'application/octet-stream';
    return partOf({ kind: 'base64', mediaType, data }, mediaType, asText(inline.displayName));
  }
  if (uri === '') return undefined;
  const mediaType = asText(file.mimeType);
  const kind = mediaType ?? (isVideoPage(uri) ? 'video/*' : mediaTypeOf(uri));
  const source: Source = isGoogleFile(uri)
    ? defined<Source & { kind: 'file' }>({ kind: 'file', origin: 'gemini', id: uri, mediaType })
    : defined<Source & { kind: 'url' }>({ kind: 'url', url: uri, mediaType });
  return partOf(source, kind ?? '', asText(file.displayName));
}

function partOf(
  source: Source,
  mediaType: string,
  name: string | undefined,
): Exclude<ContentPart, { type: 'text' | 'vendor' }> {
  if (mediaType.startsWith('image/')) return { type: 'image', source };
  if (/^(?:audio|video)\//.test(mediaType)) return { type: 'media', source };
  return { type: 'document', source, ...(name === undefined ? {} : { name }) };
}
