import {
  asArray,
  asText,
  type Blocks,
  type Citation,
  defined,
  objectOrNothing,
  readSpan,
} from '../../pivot/index.ts';
import type { Json } from './wire.ts';

const ORIGIN = 'openai-responses';

/**
 * Notes annotations of a text part that begins at `from` of the answer's text: pages, files of a store, files that a
 * container made. https://platform.openai.com/docs/api-reference/responses/object
 */
export function cite(blocks: Blocks, annotations: unknown, from: number): void {
  for (const one of asArray(annotations)) {
    const wire = objectOrNothing(one);
    if (!wire) continue;
    const span = readSpan(wire.start_index, wire.end_index);
    const citation = defined<Citation>({
      url: asText(wire.url),
      title: asText(wire.title) ?? asText(wire.filename),
      fileId: asText(wire.file_id),
      span: span && { start: span.start + from, end: span.end + from },
      native: { origin: ORIGIN, value: wire },
    });
    blocks.cite(citation);
  }
}

/** Whether an annotation can name the source. */
export function canCite({ url, fileId, native }: Citation): boolean {
  return native.origin === ORIGIN || url !== undefined || fileId !== undefined;
}

/** A source as an annotation of a text part that begins at `from`; undefined = it has neither address nor file. */
export function annotationOf({ url, title, fileId, span, native }: Citation, from: number): Json | undefined {
  if (native.origin === ORIGIN) return native.value;
  const start = Math.max(0, (span?.start ?? from) - from);
  const end = Math.max(start, (span?.end ?? from) - from);
  if (url !== undefined)
    return { type: 'url_citation', url, title: title ?? url, start_index: start, end_index: end };
  if (fileId === undefined) return undefined;
  return { type: 'file_citation', file_id: fileId, filename: title ?? '', index: end };
}
