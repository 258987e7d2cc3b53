import {
  asArray,
  asObject,
  asText,
  type Blocks,
  type Citation,
  defined,
  type JsonObject,
  objectOrNothing,
  readSpan,
} from '../../pivot/index.ts';
import type { ChatChunk } from './wire.ts';

const ORIGIN = 'openai-chat';

/** The sources of one answer while its chunks come. */
export interface Sources {
  /** `annotations` of a message or a delta. */
  annotations(value: unknown): void;
  /** What a chunk lists beside its choices. */
  listed(chunk: ChatChunk): void;
  /** Tells the lists; the last is complete. */
  end(): void;
}

/**
 * OpenAI and OpenRouter annotate places in the text (https://platform.openai.com/docs/guides/tools-web-search); Perplexity
 * lists its sources in every chunk anew, as addresses (`citations`) and with titles (`search_results`).
 */
export function createSources(blocks: Blocks): Sources {
  return new OneAnswersSources(blocks);
}

const NONE: readonly unknown[] = [];

class OneAnswersSources implements Sources {
  private readonly blocks: Blocks;
  /** Addresses that were told. */
  private known: Set<string> | null = null;
  private list = NONE;
  private results = NONE;

  constructor(blocks: Blocks) {
    this.blocks = blocks;
  }

  annotations(value: unknown): void {
    for (const one of asArray(value)) {
      const citation = readAnnotation(asObject(one));
      if (!citation) continue;
      this.known ??= new Set();
      this.known.add(citation.url ?? '');
      this.blocks.cite(citation);
    }
  }

  listed(chunk: ChatChunk): void {
    if (asArray(chunk.citations).length > 0) this.list = asArray(chunk.citations);
    if (asArray(chunk.search_results).length > 0) this.results = asArray(chunk.search_results);
  }

  end(): void {
    for (const one of [...this.results, ...this.list]) {
      const citation = readListed(typeof one === 'string' ? { url: one } : asObject(one));
      if (citation?.url === undefined || this.known?.has(citation.url)) continue;
      this.known ??= new Set();
      this.known.add(citation.url);
      this.blocks.cite(citation);
    }
  }
}

function readAnnotation(wire: JsonObject): Citation | undefined {
  // Some servers leave the inner object out.
  const said = objectOrNothing(wire.url_citation) ?? wire;
  const url = asText(said.url);
  if (url === undefined) return undefined;
  return defined<Citation>({
    url,
    title: asText(said.title),
    quote: asText(said.content),
    span: readSpan(said.start_index, said.end_index),
    native: { origin: ORIGIN, value: wire },
  });
}

function readListed(wire: JsonObject): Citation | undefined {
  const url = asText(wire.url);
  if (url === undefined) return undefined;
  const title = asText(wire.title) ?? url;
  const quote = asText(wire.snippet);
  const said = { url, title, ...(quote === undefined ? {} : { content: quote }) };
  const annotation = { type: 'url_citation', url_citation: said };
  return defined<Citation>({ url, title, quote, native: { origin: ORIGIN, value: annotation } });
}

/** A source as an annotation; undefined = it has no address. */
export function annotationOf({ url, title, span, native }: Citation): JsonObject | undefined {
  if (native.origin === ORIGIN) return native.value;
  if (url === undefined) return undefined;
  const { start, end } = span ?? { start: 0, end: 0 };
  return {
    type: 'url_citation',
    url_citation: { url, title: title ?? url, start_index: start, end_index: end },
  };
}
