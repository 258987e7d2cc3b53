import {
  asObject,
  type ContentPart,
  defined,
  type JsonObject,
  type Source,
  type VendorPart,
} from '../../../pivot/index.ts';
import { isGoogleFile, isVideoPage, mediaTypeOf } from '../media.ts';
import { NO_WORD, type Rendering } from './context.ts';

/** A part that is no text: what is shown or heard. */
export type Media = Exclude<ContentPart, { type: 'text' | 'vendor' }>;

/** Pictures that the API answers with a 400. https://ai.google.dev/gemini-api/docs/image-understanding */
const REFUSED: ReadonlySet<string> = new Set([
  'image/gif',
  'image/svg+xml',
  'image/bmp',
  'image/tiff',
  'image/avif',
]);

/** Models that fetch nothing but what lies with Google. */
const FETCHES_NOTHING = /gemini-(?:1|2\.0)/;

/** What a link is taken for when nothing says it: the API wants a type. */
const USUAL: Readonly<Record<Media['type'], string>> = {
  image: 'image/jpeg',
  document: 'application/pdf',
  media: 'video/mp4',
};

/** A picture, document, sound or video. What the target cannot have is named in words. */
export function writeMedia(part: Media, rendering: Rendering): JsonObject {
  const { source } = part;
  if (part.type === 'document' && part.citations) rendering.lose('citations', NO_WORD);
  if (source.kind === 'text') return { text: documentText(part, source.text) };
  if (source.kind === 'base64') {
    if (!REFUSED.has(source.mediaType))
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    rendering.lose(source.mediaType, 'gemini refuses pictures of this kind');
    return { text: `[${source.mediaType} left out]` };
  }
  return linked(part, source, rendering);
}

function linked(part: Media, source: Source & { kind: 'url' | 'file' }, rendering: Rendering): JsonObject {
  const uri = source.kind === 'url' ? source.url : source.id;
  if (source.kind === 'file' && source.origin !== 'gemini') {
    rendering.lose('file', `kept by ${source.origin}`);
    return { text: `[${part.type} ${uri}]` };
  }
  const own = source.kind === 'file' || isGoogleFile(uri) || isVideoPage(uri);
  if (!own && (!uri.startsWith('https://') || FETCHES_NOTHING.test(rendering.target.model))) {
    rendering.lose(`${part.type} link`, 'the target does not fetch it');
    return { text: `[${part.type}: ${uri}]` };
  }
  const guess = own ? mediaTypeOf(uri) : (mediaTypeOf(uri) ?? USUAL[part.type]);
  return { fileData: defined<JsonObject>({ mimeType: source.mediaType ?? guess, fileUri: uri }) };
}

/** A part of one wire's own: here it is what it was, elsewhere what it says, if it says anything. */
export function writeVendor(part: VendorPart, rendering: Rendering): JsonObject[] {
  if (part.origin === 'gemini') return [asObject(part.value)];
  const text = vendorText(part, rendering);
  return text === undefined ? [] : [{ text }];
}

/** What a foreign part says in words; a loss when it says nothing. */
export function vendorText(part: VendorPart, rendering: Rendering): string | undefined {
  if (part.text === undefined || part.text === '') rendering.lose(part.name, `only ${part.origin} knows it`);
  return part.text || undefined;
}

function documentText(part: Media, text: string): string {
  const { name, context } = part.type === 'document' ? part : {};
  const said = context === undefined ? text : `${context}\n\n${text}`;
  return name === undefined ? said : `<document name=${JSON.stringify(name)}>\n${said}\n</document>`;
}
