import {
  asObject,
  type ContentPart,
  type DocumentPart,
  type ImagePart,
  type MediaPart,
  type Source,
  type VendorPart,
} from '../../../pivot/index.ts';
import type { Json } from '../wire.ts';
import { WIRE } from './content-in.ts';
import { NO_WORD, type Rendering } from './target.ts';

/** The parts of a user's message or a tool's output. */
export function contentOut(rendering: Rendering, parts: readonly ContentPart[]): Json[] {
  return parts.flatMap((part): Json[] => {
    const out = partOut(rendering, part);
    return out ? [...contextOut(part), out] : [];
  });
}

function partOut(rendering: Rendering, part: ContentPart): Json | undefined {
  if (part.type === 'text') return part.text === '' ? undefined : { type: 'input_text', text: part.text };
  if (part.type === 'image') return imageOut(rendering, part);
  if (part.type === 'document') return documentOut(rendering, part);
  return part.type === 'media' ? mediaOut(rendering, part) : vendorPart(rendering, part);
}

/** A content part of this wire alone, as it came; of another wire, in words if it has any. Undefined for a whole item. */
export function vendorPart(
  { lose }: Rendering,
  { origin, name, value, text }: VendorPart,
  say: 'input_text' | 'output_text' = 'input_text',
): Json | undefined {
  if (origin !== WIRE) {
    if (text !== undefined) return { type: say, text };
    lose(name, `only ${origin} knows it`);
    return undefined;
  }
  return 'part' in asObject(value) ? asObject(asObject(value).part) : undefined;
}

/** An item of this wire alone; undefined when the part is something else. */
export function vendorItem({ origin, value }: VendorPart): Json | undefined {
  const item = asObject(value);
  return origin === WIRE && !('part' in item) ? item : undefined;
}

function dataUri({ mediaType, data }: Source & { kind: 'base64' }): string {
  return `data:${mediaType};base64,${data}`;
}

function fileId(
  { lose }: Rendering,
  { origin, id }: Source & { kind: 'file' },
  what: string,
): Json | undefined {
  if (origin === WIRE || origin === 'openai-chat') return { file_id: id };
  lose(what, `the file lies with ${origin}`);
  return undefined;
}

function imageOut(rendering: Rendering, { source, detail }: ImagePart): Json | undefined {
  const place =
    source.kind === 'file'
      ? fileId(rendering, source, 'image')
      : { image_url: source.kind === 'url' ? source.url : dataUri(source) };
  return place && { type: 'input_image', ...place, ...(detail === undefined ? {} : { detail }) };
}

function documentOut(rendering: Rendering, { source, name, citations }: DocumentPart): Json | undefined {
  if (citations) rendering.lose('citations', NO_WORD);
  if (source.kind === 'text') return { type: 'input_text', text: titled(name, source.text) };
  if (source.kind === 'url') return { type: 'input_file', file_url: source.url, ...named(name) };
  if (source.kind === 'base64')
    return { type: 'input_file', filename: name ?? fileName(source.mediaType), file_data: dataUri(source) };
  const place = fileId(rendering, source, 'document');
  return place && { type: 'input_file', ...place, ...named(name) };
}

/** What the client says about a document stands before it. */
function contextOut(part: ContentPart): Json[] {
  return part.type === 'document' && part.context !== undefined
    ? [{ type: 'input_text', text: part.context }]
    : [];
}

function titled(name: string | undefined, text: string): string {
  return name === undefined ? text : `${name}\n\n${text}`;
}

function named(name: string | undefined): Json {
  return name === undefined ? {} : { filename: name };
}

/** Data in a request must have a file name. */
function fileName(mediaType: string): string {
  return mediaType === 'application/pdf' ? 'document.pdf' : 'document.txt';
}

const AUDIO: ReadonlyMap<string, string> = new Map([
  ['audio/mpeg', 'mp3'],
  ['audio/mp3', 'mp3'],
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
]);

function mediaOut({ lose }: Rendering, { source }: MediaPart): Json | undefined {
  const format = AUDIO.get(source.mediaType ?? '');
  if (source.kind === 'base64' && format !== undefined)
    return { type: 'input_audio', input_audio: { data: source.data, format } };
  lose(source.mediaType ?? 'audio or video', NO_WORD);
  return undefined;
}
