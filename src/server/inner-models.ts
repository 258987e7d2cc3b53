import type { EndpointId } from '../exchange.ts';
import type { Splice } from '../json-scan.ts';

/** Gemini's calls whose bodies name the model a second time, and are refused when it is not the path's. */
const REPEATED: ReadonlySet<EndpointId> = new Set<EndpointId>(['embeddings', 'count-tokens']);
/** Within a string every quote has a backslash before it, so this is a member and never text. */
const MEMBER = /(?<!\\)"model"\s*:\s*("(?:[^"\\]|\\.)*")/g;
const PREFIX = 'models/';

/**
 * The splices that rename the model inside a Gemini body: each request of a `batchEmbedContents` and the
 * `generateContentRequest` of a `countTokens` repeat it (https://ai.google.dev/api/embeddings). Other names stay.
 */
export function innerModelSplices(
  bytes: Buffer,
  endpoint: EndpointId,
  asked: string,
  model: string,
): Splice[] {
  if (!REPEATED.has(endpoint)) return [];
  // Latin-1 has one character a byte: offsets in the text are offsets in the bytes.
  return [...bytes.toString('latin1').matchAll(MEMBER)].flatMap(({ 0: member, 1: quoted = '', index }) => {
    const end = index + member.length;
    const start = end - quoted.length;
    const name = unquoted(bytes.toString('utf8', start, end));
    const prefix = name?.startsWith(PREFIX) ? PREFIX : '';
    return name === prefix + asked ? [{ start, end, text: JSON.stringify(prefix + model) }] : [];
  });
}

function unquoted(text: string): string | null {
  try {
    return String(JSON.parse(text));
  } catch {
    // A string that is not valid JSON is no name; the provider will say so.
    return null;
  }
}
