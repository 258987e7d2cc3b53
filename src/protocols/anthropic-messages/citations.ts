import {
  asObject,
  asText,
  type Citation,
  defined,
  type JsonObject,
  objectOrNothing,
  sealText,
  unsealText,
} from '../../pivot/index.ts';

const ORIGIN = 'anthropic-messages';
const FAMILY = 'anthropic';
/** Who made the `encrypted_index` of our own. */
const NOBODY = 'none';

/**
 * A source as a text block names it: a place in a document of the request, a search result that the client gave, or a
 * page that the provider found. It stands for the whole block. https://docs.anthropic.com/en/docs/build-with-claude/citations
 */
export function readCitation(value: unknown): Citation | undefined {
  const wire = objectOrNothing(value);
  if (!wire) return undefined;
  return defined<Citation>({
    url: addressOf(wire),
    title: asText(wire.title) ?? asText(wire.document_title),
    fileId: asText(wire.file_id),
    quote: asText(wire.cited_text),
    native: { origin: ORIGIN, value: wire },
  });
}

/** The source of a client's own search result may be any name. */
function addressOf({ url, source }: JsonObject): string | undefined {
  const name = asText(source);
  return asText(url) ?? (name !== undefined && /^https?:/.test(name) ? name : undefined);
}

/** Whether a text block can name the source: documents are counted by their place in the request, which is not known here. */
export function canCite({ url, native }: Citation): boolean {
  return native.origin === ORIGIN || url !== undefined;
}

/**
 * The inverse. A page found elsewhere has no `encrypted_index`, without which Anthropic refuses the text in a history:
 * ours is marked as nobody's, so that such a history is rendered anew instead of passed.
 */
export function writeCitation({ url, title, quote, native }: Citation): JsonObject | undefined {
  if (native.origin === ORIGIN) return native.value;
  if (url === undefined) return undefined;
  return {
    type: 'web_search_result_location',
    cited_text: quote ?? '',
    url,
    title: title ?? null,
    encrypted_index: sealText({ origin: NOBODY, value: '' }, FAMILY),
  };
}

/** Whether we wrote a citation, of what another provider found. */
export function isOurs({ encrypted_index: index }: JsonObject): boolean {
  return unsealText(asText(index) ?? '', FAMILY).origin === NOBODY;
}

/** The name of a block that holds what one of the provider's own tools found. */
export function serverResult(block: unknown): string | undefined {
  const type = asText(asObject(block).type);
  return type !== undefined && /_tool_result$|^container_upload$/.test(type) ? type : undefined;
}
