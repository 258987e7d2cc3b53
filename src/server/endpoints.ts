import type { EndpointId } from '../exchange.ts';
import type { ProtocolId } from '../protocols/protocol.ts';

/** An HTTP path that is proxied: what it does, in which protocol, and where it goes behind a surface's url. */
export interface Endpoint {
  path: string;
  protocol: ProtocolId;
  endpoint: EndpointId;
  upstream: string;
  body: 'json' | 'json-or-multipart';
  /** No other protocol has words for it, although it generates: it is never translated. */
  asIs: boolean;
}

const AS_IS: ReadonlySet<string> = new Set(['/responses/compact']);

function row(
  path: string,
  protocol: ProtocolId,
  endpoint: EndpointId,
  body: Endpoint['body'] = 'json',
): Endpoint[] {
  const one = (prefix: string): Endpoint => ({
    path: `${prefix}${path}`,
    protocol,
    endpoint,
    upstream: path,
    body,
    asIs: AS_IS.has(path),
  });
  // With and without /v1: clients disagree on whether a base URL ends in it.
  return [one('/v1'), one('')];
}

/** Every proxied POST but Gemini's, whose paths carry the model (see `geminiCall`). */
export const ENDPOINTS: readonly Endpoint[] = [
  ...row('/chat/completions', 'openai-chat', 'generate'),
  ...row('/responses', 'openai-responses', 'generate'),
  ...row('/responses/compact', 'openai-responses', 'generate'),
  ...row('/responses/input_tokens', 'openai-responses', 'count-tokens'),
  ...row('/messages', 'anthropic-messages', 'generate'),
  ...row('/messages/count_tokens', 'anthropic-messages', 'count-tokens'),
  ...row('/embeddings', 'openai-chat', 'embeddings'),
  ...row('/completions', 'openai-chat', 'completions'),
  ...row('/images/generations', 'openai-chat', 'images'),
  ...row('/images/edits', 'openai-chat', 'images', 'json-or-multipart'),
  ...row('/images/variations', 'openai-chat', 'images', 'json-or-multipart'),
  ...row('/audio/speech', 'openai-chat', 'audio'),
  ...row('/audio/transcriptions', 'openai-chat', 'audio', 'json-or-multipart'),
  ...row('/audio/translations', 'openai-chat', 'audio', 'json-or-multipart'),
  ...row('/moderations', 'openai-chat', 'moderations'),
  ...row('/rerank', 'openai-chat', 'rerank'),
];

/** What Gemini's methods are. https://ai.google.dev/api/generate-content */
const GEMINI_METHODS: ReadonlyMap<string, { endpoint: EndpointId; stream: boolean }> = new Map([
  ['generateContent', { endpoint: 'generate', stream: false }],
  ['streamGenerateContent', { endpoint: 'generate', stream: true }],
  ['countTokens', { endpoint: 'count-tokens', stream: false }],
  ['embedContent', { endpoint: 'embeddings', stream: false }],
  ['batchEmbedContents', { endpoint: 'embeddings', stream: false }],
  ['predict', { endpoint: 'images', stream: false }],
]);

/** A Gemini call read off its path. */
export interface GeminiCall {
  model: string;
  method: string;
  endpoint: EndpointId;
  stream: boolean;
}

/** `/v1beta/models/`, `/v1/models/`; some SDKs leave `models/` out where a model's name has a slash. */
const GEMINI_PREFIX = /^\/(?:v1beta\/|v1\/)?(?:models\/)?/;

/** Reads `/v1beta/models/MODEL:method`; null when it is no call that we know. */
export function geminiCall(path: string): GeminiCall | null {
  const rest = path.replace(GEMINI_PREFIX, '');
  const colon = rest.lastIndexOf(':');
  const method = rest.slice(colon + 1);
  const known = GEMINI_METHODS.get(method);
  if (colon <= 0 || !known) return null;
  try {
    return { model: decodeURIComponent(rest.slice(0, colon)), method, ...known };
  } catch {
    // A malformed escape names no model.
    return null;
  }
}

/** The protocol whose error shape an asker of this path understands. */
export function protocolOfPath(path: string): ProtocolId {
  if (path.startsWith('/v1beta/') || geminiCall(path)) return 'gemini';
  const bare = path.startsWith('/v1/') ? path.slice(3) : path;
  const owner = ENDPOINTS.find((e) => bare === e.upstream || bare.startsWith(`${e.upstream}/`));
  return owner?.protocol ?? 'openai-chat';
}
