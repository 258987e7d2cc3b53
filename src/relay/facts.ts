import type { EndpointId } from '../exchange.ts';
import type { JsonObject, PivotRequest } from '../pivot/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { RequestFacts } from '../router/index.ts';
import { estimateTokens } from './estimate.ts';
import { readRequest } from './translate/request.ts';
import type { Inbound } from './types.ts';
import { estimateInput } from './usage.ts';

/** No text has more tokens than one for two bytes of its JSON; pictures and files count less by far. */
const BYTES_PER_TOKEN_AT_LEAST = 2;

/** Endpoints whose requests are text. */
const TEXT: ReadonlySet<EndpointId> = new Set<EndpointId>([
  'generate',
  'count-tokens',
  'completions',
  'embeddings',
]);
/** Endpoints whose requests the pivot has words for. */
const READ: ReadonlySet<EndpointId> = new Set<EndpointId>(['generate', 'count-tokens']);

/** Words by which all four wires announce a picture or a file. Where none stands, there is neither. */
const HINTS: readonly string[] = [
  'image',
  'input_image',
  'document',
  'file',
  'input_file',
  'inlineData',
  'inline_data',
].map((word) => `"${word}`);

/** More input tokens than this a request cannot have. */
export function mostInputTokens({ bytes, endpoint }: Inbound): number {
  return TEXT.has(endpoint) ? Math.ceil(bytes.length / BYTES_PER_TOKEN_AT_LEAST) : 0;
}

/**
 * What routing may ask about a request. Every answer is worked out when it is asked for, and once; a body that makes no
 * sense has none of the things that are asked about (whoever serves it says what is wrong with it).
 */
export function requestFacts(inbound: Inbound, protocol: Protocol): RequestFacts {
  const request = once(() => parsed(inbound, protocol));
  const hinted = once(() => HINTS.some((hint) => inbound.bytes.includes(hint)));
  const has = (type: 'image' | 'document'): boolean => {
    const pivot = hinted() ? request() : null;
    return (pivot?.messages ?? []).some(({ content }) => content.some((part) => holds(part, type)));
  };
  const tokens = once(() => tokensOf(inbound, request));
  const images = once(() => has('image'));
  const documents = once(() => has('document'));
  return {
    get inputTokens() {
      return tokens();
    },
    get images() {
      return images();
    },
    get documents() {
      return documents();
    },
    tools: offersTools(inbound),
  };
}

function once<T>(work: () => T): () => T {
  let done: { value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}

function parsed(inbound: Inbound, protocol: Protocol): PivotRequest | null {
  if (!READ.has(inbound.endpoint) || !inbound.scanned) return null;
  try {
    return readRequest(inbound, protocol);
  } catch {
    // Whoever serves the request tells the client what is wrong with it.
    return null;
  }
}

function tokensOf(inbound: Inbound, request: () => PivotRequest | null): number {
  if (!TEXT.has(inbound.endpoint)) return 0;
  const pivot = request();
  return pivot ? estimateTokens(pivot).tokens : estimateInput(inbound.bytes);
}

type Part = PivotRequest['messages'][number]['content'][number];

/** Results of tools may hold pictures, too. A document whose text lies in the request is text. */
function holds(part: Part, type: 'image' | 'document'): boolean {
  if (part.type === 'tool-result') return part.content.some((inner) => holds(inner, type));
  if (part.type === 'document') return type === 'document' && part.source.kind !== 'text';
  return part.type === type;
}

/** Names under which the wires offer tools; `functions` is Chat's old one. */
const TOOL_MEMBERS: readonly (keyof JsonObject & string)[] = ['tools', 'functions'];

/** A list that is not empty. */
function offersTools({ bytes, scanned }: Inbound): boolean {
  return TOOL_MEMBERS.some((name) => {
    const member = scanned?.members.get(name);
    return (
      member !== undefined &&
      /^\[\s*[^\s\]]/.test(bytes.toString('latin1', member.start, Math.min(member.end, member.start + 200)))
    );
  });
}
