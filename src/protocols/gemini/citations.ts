import {
  asArray,
  asObject,
  asText,
  type Blocks,
  type Citation,
  codePoints,
  defined,
  type JsonObject,
  type Span,
  spanText,
  unitAt,
} from '../../pivot/index.ts';
import { camel } from './camel.ts';
import type { WireCandidate } from './wire.ts';

const ORIGIN = 'gemini';
/** More text than this is not kept to find places in: sources then stand for all of it. */
const MAX_TEXT = 4 * 1024 * 1024;

/** The sources of one answer while its chunks come. */
export interface Grounding {
  text(text: string): void;
  /** Sources lie beside the parts of a candidate; later ones replace earlier ones. */
  hear(candidate: WireCandidate): void;
  end(): void;
}

/** https://ai.google.dev/gemini-api/docs/google-search and https://ai.google.dev/api/generate-content#citationmetadata */
export function createGrounding(blocks: Blocks): Grounding {
  let said = '';
  let grounding: JsonObject = {};
  let recited: unknown[] = [];
  return {
    text(text) {
      if (said.length < MAX_TEXT) said += text;
    },
    hear(candidate) {
      const metadata = camel(candidate.groundingMetadata);
      if (asArray(metadata.groundingChunks).length > 0) grounding = metadata;
      const { citationSources, citations } = camel(candidate.citationMetadata);
      const sources = [...asArray(citationSources), ...asArray(citations)];
      if (sources.length > 0) recited = sources;
    },
    end() {
      for (const one of [
        ...groundedIn(grounding, said),
        ...recited.flatMap((source) => recitation(source, said)),
      ])
        blocks.cite(one);
    },
  };
}

/** What the text is grounded in: each supported place with each of its sources, then the sources that support none. */
function groundedIn({ groundingChunks, groundingSupports }: JsonObject, said: string): Citation[] {
  const chunks = asArray(groundingChunks).map(chunkOf);
  const used = new Set<number>();
  const supported = asArray(groundingSupports).flatMap((one) => {
    const { segment, groundingChunkIndices } = camel(one);
    return asArray(groundingChunkIndices).flatMap((index): Citation[] => {
      const chunk = chunks[Number(index)];
      if (!chunk) return [];
      used.add(Number(index));
      return [defined<Citation>({ ...chunk, span: placeOf(camel(segment), said) })];
    });
  });
  return [...supported, ...chunks.filter((_, index) => !used.has(index))];
}

function chunkOf(value: unknown): Citation {
  const wire = asObject(value);
  const [source] = Object.values(wire);
  const { uri, sourceUri, title, text } = camel(source);
  return defined<Citation>({
    url: asText(uri) ?? asText(sourceUri),
    title: asText(title),
    quote: asText(text),
    native: { origin: ORIGIN, value: wire },
  });
}

function recitation(value: unknown, said: string): Citation[] {
  const wire = camel(value);
  const url = asText(wire.uri);
  if (url === undefined) return [];
  const title = asText(wire.title);
  const chunk = { web: { uri: url, ...(title === undefined ? {} : { title }) } };
  const native = { origin: ORIGIN, value: chunk };
  return [defined<Citation>({ url, title, span: placeOf(wire, said), native })];
}

/**
 * A place is told in bytes of UTF-8, of the whole text as clients put it together. Its words, where they are there, are
 * the better witness.
 */
function placeOf({ startIndex, endIndex, text }: JsonObject, said: string): Span | undefined {
  if (typeof endIndex !== 'number') return undefined;
  const start = unitAtByte(said, typeof startIndex === 'number' ? startIndex : 0);
  const end = unitAtByte(said, endIndex);
  const words = asText(text);
  const at = words === undefined || said.slice(start, end) === words ? start : said.indexOf(words);
  const until = words === undefined ? end : at + words.length;
  if (at < 0 || until <= at) return undefined;
  return { start: codePoints(said.slice(0, at)), end: codePoints(said.slice(0, until)) };
}

function widthOf(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

function unitAtByte(text: string, byte: number): number {
  let unit = 0;
  for (let at = 0; at < byte && unit < text.length; ) {
    const point = text.codePointAt(unit) ?? 0;
    at += widthOf(point);
    unit += point > 0xffff ? 2 : 1;
  }
  return unit;
}

function byteLength(text: string): number {
  let bytes = 0;
  for (const one of text) bytes += widthOf(one.codePointAt(0) ?? 0);
  return bytes;
}

/** The inverse: what a candidate says of the sources of `said`; undefined = it has none. */
export function groundingOf(citations: readonly Citation[], said: string): JsonObject | undefined {
  if (citations.length === 0) return undefined;
  const chunks = new Map<string, JsonObject>();
  const indexes = new Map<string, number>();
  const supports = citations.flatMap(({ span, ...citation }) => {
    const chunk = chunkFor(citation);
    const key = JSON.stringify(chunk);
    const index = indexes.get(key) ?? chunks.size;
    indexes.set(key, index);
    chunks.set(key, chunk);
    return span ? [{ segment: segmentOf(span, said), groundingChunkIndices: [index] }] : [];
  });
  return {
    groundingChunks: [...chunks.values()],
    ...(supports.length === 0 ? {} : { groundingSupports: supports }),
  };
}

function segmentOf(span: Span, said: string): JsonObject {
  const text = spanText(said, span);
  const start = byteLength(said.slice(0, unitAt(said, span.start)));
  return { startIndex: start, endIndex: start + byteLength(text), text };
}

function chunkFor({ url, title, quote, native }: Omit<Citation, 'span'>): JsonObject {
  if (native.origin === ORIGIN) return native.value;
  if (url !== undefined) return { web: { uri: url, title: title ?? url } };
  return { retrievedContext: defined({ title, text: quote }) };
}
