import type { JsonObject, ToolResultPart } from '../../../pivot/index.ts';
import type { Rendering } from './context.ts';
import { type Media, vendorText, writeMedia } from './media-out.ts';

/** A call of the model that a result answers. */
export interface Called {
  id: string;
  /** As this wire knows it. */
  name: string;
}

/** What Gemini 3 takes inside a result. https://ai.google.dev/gemini-api/docs/function-calling#multimodal */
const INSIDE: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'application/pdf',
  'text/plain',
]);

/** An empty response is taken for a missing one. */
const EMPTY = '(empty)';

/**
 * A result as a `functionResponse`; `after` are parts that must follow all responses. By the API's convention the text
 * is in `output`, or in `error` when the tool failed.
 */
export function writeResult(
  part: ToolResultPart,
  { id, name }: Called,
  rendering: Rendering,
): { response: JsonObject; after: JsonObject[] } {
  const { text, media } = readContent(part, rendering);
  const inside = media.filter((one) => rendering.modern && fitsInside(one));
  const outside = media.filter((one) => !inside.includes(one));
  const hints = outside.map(({ type }, i) => `[${type} ${i + 1} of ${name}: see below]`);
  const said = [...(text === '' ? [] : [text]), ...hints].join('\n');
  return {
    response: {
      functionResponse: {
        ...(id === '' ? {} : { id }),
        name,
        response: { [part.isError ? 'error' : 'output']: said === '' && inside.length === 0 ? EMPTY : said },
        ...(inside.length === 0 ? {} : { parts: inside.map((one) => writeMedia(one, rendering)) }),
      },
    },
    after: outside.map((one) => writeMedia(one, rendering)),
  };
}

function fitsInside({ source }: Media): boolean {
  return source.kind === 'base64' && INSIDE.has(source.mediaType);
}

/** The text of a result, and what in it is none. */
function readContent(part: ToolResultPart, rendering: Rendering): { text: string; media: Media[] } {
  const texts: string[] = [];
  const media: Media[] = [];
  for (const one of part.content) {
    if (one.type === 'text') texts.push(one.text);
    else if (one.type === 'vendor') texts.push(vendorText(one, rendering) ?? '');
    else if (one.type === 'document' && one.source.kind === 'text') texts.push(one.source.text);
    else media.push(one);
  }
  return { text: texts.filter((text) => text !== '').join('\n'), media };
}

/** The result of a call that is nowhere in the conversation: the API refuses it, so the model reads it as text. */
export function writeOrphan(part: ToolResultPart, rendering: Rendering): JsonObject[] {
  const { text, media } = readContent(part, rendering);
  rendering.lose('tool result', 'its call is not in the conversation; told as text');
  return [
    {
      text: `<tool_result${part.name === undefined ? '' : ` name=${JSON.stringify(part.name)}`}>\n${text || EMPTY}\n</tool_result>`,
    },
    ...media.map((one) => writeMedia(one, rendering)),
  ];
}

/** Stands for a result that the client does not have: the API wants as many responses as there were calls. */
export function writeMissing({ id, name }: Called, rendering: Rendering): JsonObject {
  rendering.lose('tool call', 'it has no result in the conversation; told as an error');
  return { functionResponse: { ...(id === '' ? {} : { id }), name, response: { error: '(no result)' } } };
}
