import { estimateTokenCount } from 'tokenx';
import type { ProtocolId } from '../protocols/protocol.ts';

/** What the demo models look at in a request. */
export interface DemoRequest {
  /** Text of the last user message. */
  lastUser: string;
  /** Everything before it, for the prompt cache. */
  prefix: string;
  promptTokens: number;
  tools: number;
  maxTokens: number | null;
  stop: string[];
  /** JSON Schema that the answer must follow; `true` = any JSON object. */
  schema: Record<string, unknown> | true | null;
}

type Json = Record<string, unknown>;

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text of a content value: a string, or parts with `text`. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map((part) => object(part).text)
    .filter((text) => typeof text === 'string')
    .join('');
}

function strings(value: unknown): string[] {
  return (typeof value === 'string' ? [value] : list(value)).filter(
    (s): s is string => typeof s === 'string',
  );
}

function count(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : null;
}

/** Where each protocol keeps what we look at. */
interface Reader {
  messages(body: Json): { user: boolean; text: string }[];
  tools(body: Json): number;
  maxTokens(body: Json): unknown;
  stop(body: Json): unknown;
  /** The schema, `true` for JSON without one, or nothing. */
  schema(body: Json): unknown;
}

const chatLike = (messages: unknown): { user: boolean; text: string }[] =>
  list(messages).map((m) => ({ user: object(m).role === 'user', text: textOf(object(m).content) }));

const READERS: Record<ProtocolId, Reader> = {
  'openai-chat': {
    messages: (body) => chatLike(body.messages),
    tools: (body) => list(body.tools).length,
    maxTokens: (body) => body.max_completion_tokens ?? body.max_tokens,
    stop: (body) => body.stop,
    schema: (body) => {
      const format = object(body.response_format);
      return format.type === 'json_schema'
        ? object(format.json_schema).schema
        : format.type === 'json_object';
    },
  },
  'openai-responses': {
    messages: (body) =>
      typeof body.input === 'string' ? [{ user: true, text: body.input }] : chatLike(body.input),
    tools: (body) => list(body.tools).length,
    maxTokens: (body) => body.max_output_tokens,
    stop: () => [],
    schema: (body) => {
      const format = object(object(body.text).format);
      return format.type === 'json_schema' ? format.schema : format.type === 'json_object';
    },
  },
  'anthropic-messages': {
    messages: (body) => chatLike(body.messages),
    tools: (body) => list(body.tools).length,
    maxTokens: (body) => body.max_tokens,
    stop: (body) => body.stop_sequences,
    schema: (body) => object(object(body.output_config).format).schema,
  },
  gemini: {
    messages: (body) =>
      list(body.contents).map((c) => ({ user: object(c).role !== 'model', text: textOf(object(c).parts) })),
    tools: (body) =>
      list(body.tools).reduce<number>((n, t) => n + list(object(t).functionDeclarations).length, 0),
    maxTokens: (body) => object(body.generationConfig).maxOutputTokens,
    stop: (body) => object(body.generationConfig).stopSequences,
    schema: (body) => {
      const config = object(body.generationConfig);
      return (
        config.responseJsonSchema ?? config.responseSchema ?? config.responseMimeType === 'application/json'
      );
    },
  },
};

/** Reads what matters to the demo from a request of any protocol; nonsense reads as empty. */
export function readDemoRequest(protocol: ProtocolId, bytes: Buffer): DemoRequest {
  let body: Json = {};
  try {
    body = object(JSON.parse(bytes.toString('utf8')));
  } catch {
    // The server has checked the structure; what still fails here is answered as an empty prompt.
  }
  const reader = READERS[protocol];
  const messages = reader.messages(body);
  const lastAt = messages.findLastIndex((m) => m.user && m.text !== '');
  const schema = reader.schema(body);
  return {
    lastUser: messages[lastAt]?.text ?? '',
    prefix: JSON.stringify(messages.slice(0, Math.max(lastAt, 1))),
    promptTokens: Math.max(
      1,
      estimateTokenCount(bytes.subarray(0, 200_000).toString('utf8')) +
        Math.ceil(Math.max(0, bytes.length - 200_000) / 4),
    ),
    tools: reader.tools(body),
    maxTokens: count(reader.maxTokens(body)),
    stop: strings(reader.stop(body)),
    schema: schema === true ? true : typeof schema === 'object' && schema !== null ? object(schema) : null,
  };
}
