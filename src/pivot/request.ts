import type { Opaque } from './events.ts';
import type { JsonObject } from './json.ts';

/**
 * A request in the one shape between the four wires: a superset of what they can say. `undefined` = the client did not
 * say. What only one wire knows travels as `vendor` values with their origin, and comes back on that wire alone.
 */
export interface PivotRequest {
  /** The model's name; the target's own id by the time it is rendered. */
  model: string;
  stream: boolean;
  /** In the order of the conversation; system text may stand anywhere. */
  messages: PivotMessage[];
  tools: PivotTool[];
  toolChoice?: ToolChoice;
  /** false = at most one call in an answer. */
  parallelToolCalls?: boolean;
  sampling: Sampling;
  reasoning?: ReasoningWish;
  /** Absent = plain text. */
  format?: OutputFormat;
  /** How wordy the answer shall be; OpenAI's word for it. */
  verbosity?: string;
  /** Kinds of output besides text (`image`, `audio`). */
  modalities?: ('text' | 'image' | 'audio')[];
  /** OpenAI's key that keeps one conversation on one cache. */
  cacheKey?: string;
  /** OpenAI's `previous_response_id`: the conversation so far lies with whoever gave the id. */
  previousResponseId?: string;
  /** Whether the provider may keep the answer for later reference. */
  store?: boolean;
  serviceTier?: string;
  /** Fields that the pivot has no word for, by their names on the wire they came from. */
  vendor?: VendorFields;
}

/** Members of a request that only their own wire understands (metadata, user ids, betas, safety settings ...). */
export interface VendorFields {
  origin: Origin;
  fields: JsonObject;
}

/** The wire that something came from. */
export type Origin = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini';

/** Who speaks. `tool` messages hold tool results only. */
export type PivotMessage =
  | { role: 'system'; from: 'system' | 'developer' | 'instructions'; content: (TextPart | VendorPart)[] }
  | { role: 'user'; content: ContentPart[] }
  | { role: 'assistant'; content: AssistantPart[] }
  | { role: 'tool'; content: ToolResultPart[] };

/** A prompt-cache breakpoint behind a part (Anthropic `cache_control`). */
export interface CacheMark {
  /** Default 5 minutes. */
  ttl?: '5m' | '1h';
}

/** Where bytes are: in the request (base64, without a data: prefix), at a URL, or as a file that one vendor keeps. */
export type Source =
  | { kind: 'base64'; mediaType: string; data: string }
  | { kind: 'url'; url: string; mediaType?: string }
  | { kind: 'file'; origin: Origin; id: string; mediaType?: string };

export interface TextPart {
  type: 'text';
  text: string;
  cache?: CacheMark;
  /** Gemini signs text parts, too. */
  signature?: Opaque;
  /** Where an answer of before has it from, in the words of the wire that said so, for that wire alone. */
  sources?: { origin: Origin; values: JsonObject[] };
}

export interface ImagePart {
  type: 'image';
  source: Source;
  /** OpenAI: low, high, auto. */
  detail?: string;
  cache?: CacheMark;
}

/** PDF, plain text and other documents. `text` = the document's text lies in the request itself. */
export interface DocumentPart {
  type: 'document';
  source: Source | { kind: 'text'; text: string };
  /** File name or title. */
  name?: string;
  /** What the client says about the document (Messages); not shown as a part of it. */
  context?: string;
  /** Whether answers shall cite it (Messages). */
  citations?: boolean;
  cache?: CacheMark;
}

/** Audio and video. The media type says which. */
export interface MediaPart {
  type: 'media';
  source: Source;
  cache?: CacheMark;
}

/** A part of one wire's own (server tool results, item references, container uploads ...). */
export interface VendorPart {
  type: 'vendor';
  origin: Origin;
  /** The wire's word for it, for losses: `web_search_tool_result`. */
  name: string;
  value: unknown;
  /** What it says to those who cannot read it: other wires send this as text, without a loss. */
  text?: string;
}

/** What a user message holds. */
export type ContentPart = TextPart | ImagePart | DocumentPart | MediaPart | VendorPart;

/** What was thought. `sealed` = the opaque original (signature, redacted or encrypted block), for its own family only. */
export interface ReasoningPart {
  type: 'reasoning';
  /** Readable text; empty when there is only an opaque one. */
  text: string;
  /** `signature`: seals the text; `redacted`: stands for text that nobody may read. */
  sealed?: Opaque & { kind: 'signature' | 'redacted' };
}

export interface ToolCallPart {
  type: 'tool-call';
  id: string;
  name: string;
  /** Responses groups tools into namespaces. */
  namespace?: string;
  kind: 'function' | 'custom';
  /** JSON text for functions, raw text for custom tools. */
  arguments: string;
  /** Gemini's thoughtSignature of this call. */
  signature?: Opaque;
  cache?: CacheMark;
}

export interface RefusalPart {
  type: 'refusal';
  text: string;
}

/** What an assistant message holds. */
export type AssistantPart =
  | TextPart
  | RefusalPart
  | ReasoningPart
  | ToolCallPart
  | ImagePart
  | MediaPart
  | VendorPart;

export interface ToolResultPart {
  type: 'tool-result';
  /** Of the call that it answers. */
  id: string;
  /** The tool's name, where the wire says it (Gemini) or a call with this id stands before it. */
  name?: string;
  kind: 'function' | 'custom';
  isError?: boolean;
  content: ContentPart[];
  cache?: CacheMark;
}

/** A tool that is offered. */
export type PivotTool =
  | {
      kind: 'function';
      name: string;
      namespace?: string;
      description?: string;
      /** JSON Schema; absent = takes nothing. */
      parameters?: JsonObject;
      strict?: boolean;
      /** Type word of its wire where calls and results of it are items of their own (`tool_search`); a function elsewhere. */
      native?: string;
      /** Kept from the model until a tool search finds it. Wires without tool search offer it at once. */
      deferred?: boolean;
      cache?: CacheMark;
    }
  | {
      kind: 'custom';
      name: string;
      namespace?: string;
      description?: string;
      /** Absent = any text. */
      grammar?: { syntax: string; definition: string };
      cache?: CacheMark;
    }
  /** Run by the provider (web search, code execution ...): one wire's own. */
  | { kind: 'server'; origin: Origin; name: string; value: JsonObject };

export type ToolChoice =
  | { type: 'auto' | 'required' | 'none' }
  | { type: 'tool'; name: string; kind: 'function' | 'custom' }
  /** Only these may be called. */
  | { type: 'allowed'; mode: 'auto' | 'required'; names: string[] };

export interface Sampling {
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  stop?: string[];
  seed?: number;
  /** How many answers. */
  n?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  /** Log probabilities of so many alternatives; 0 = of the chosen tokens only. */
  logprobs?: number;
}

/** How much to think. Several may be said at once (Messages: `adaptive` with an effort). */
export interface ReasoningWish {
  /** false = do not think. */
  enabled?: boolean;
  effort?: 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  /** Tokens for thinking. */
  budgetTokens?: number;
  /** The model decides how much (Messages `adaptive`, Gemini budget -1). */
  adaptive?: boolean;
  /** Show thoughts or a summary of them in the answer. */
  show?: boolean;
}

export type OutputFormat =
  | { type: 'json' }
  | { type: 'json-schema'; name?: string; description?: string; schema: JsonObject; strict?: boolean };

/** Something that a target could not be told. Never silent: it goes to the record, the log and a header. */
export interface Loss {
  /** What: the field or part in the client's words (`top_k`, `thinking signature`). */
  what: string;
  /** Why, in a few words: `openai-chat has no word for it`, `made by another family`, `clamped to 64000`. */
  why: string;
}

/** The name of the loss of earlier thoughts, which a target does not take: nothing that it is told now is missing. */
export const EARLIER_THOUGHTS = 'reasoning of earlier turns';

/** The name of the loss of what earlier answers cited: their text itself is told. */
export const EARLIER_SOURCES = 'sources of earlier turns';

/** What rendering must know of the target beside its protocol. All of it is data of the catalog. */
export interface RenderTarget {
  /** The target's own model id. */
  model: string;
  provider: string;
  /** Named oddities of provider and model; see `Quirk` of the catalog. */
  quirks: ReadonlySet<string>;
  /** Longest answer, where known. */
  maxOutput?: number;
  /** The model thinks; undefined = not known. */
  reasons?: boolean;
}

/** A rendered request. */
export interface Rendered {
  body: JsonObject;
  losses: Loss[];
}

/** A request that cannot be read, in words for the client (400). */
export interface ParseProblem {
  problem: string;
  /** The field at fault. */
  param?: string;
}
