import type {
  JsonObject,
  ParseProblem,
  PivotError,
  PivotEvent,
  PivotRequest,
  PivotTool,
  Rendered,
  RenderTarget,
  Usage,
} from '../pivot/index.ts';

/** The four wire languages. */
export type ProtocolId = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini';

/** One SSE event (or one element of Gemini's JSON array stream) cut from the bytes. */
export interface Frame {
  event?: string;
  data: string;
}

/** Upstream frames to events. Never throws on what a wire sends: unknown is skipped, broken is an `error` event. */
export interface Decoder {
  push(frame: Frame): PivotEvent[];
  /**
   * The same as pushing a frame that differs from the one before in its text only, where that one said a `text-delta` and
   * nothing else. Absent = each frame must be pushed.
   */
  more?(text: string): void;
  /** The bytes are over: closes open blocks and says `end` or `truncated` when that was not said yet. */
  end(): PivotEvent[];
}

/** Events to the client's wire. The strings are complete frames, ready to be written. */
export interface Encoder {
  push(event: PivotEvent): string;
  /** Writing a `text-delta` changes nothing, and those of one block that come one after another differ in their text only. */
  steady?: true;
  end(): string;
}

/** What an encoder must know and events do not carry. Clock and ids arrive from outside (sans-I/O). */
export interface EncodeContext {
  /** The model name that the client asked for: answers repeat it. */
  model: string;
  /** An id to use when the upstream gave none; unique per answer, without prefix. */
  id: string;
  /** Seconds since 1970. */
  created: number;
  /** Gemini only: a JSON array instead of SSE. */
  array?: boolean;
  /** Chat only: whether the client asked for the usage chunk. */
  includeUsage?: boolean;
  /** Messages only: prompt tokens as far as they are known before the answer; the first event must say a number. */
  inputEstimate?: number;
  /** The tools that the client offered: answers give their names back as the client knows them (`knownTool`). */
  tools?: readonly PivotTool[];
}

/** An error in a protocol's own shape, before anything of the answer was sent. */
export interface EncodedError {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** One protocol: everything that the other rooms may know about a wire. */
export interface Protocol {
  id: ProtocolId;
  /** Who makes the opaque values (signatures, encrypted reasoning) of this wire: `anthropic`, `openai`, `google`. */
  family: string;
  /** Where a generation request goes behind a surface's url, query included. */
  path(model: string, stream: boolean): string;
  /** Where tokens are counted; absent = this wire has no such endpoint. */
  countPath?(model: string): string;
  /**
   * A client's request. Never throws: what cannot be read at all is a problem for the client, what is odd is passed or
   * left out. `model` and `stream` come from outside, because on Gemini they are in the path.
   */
  parseRequest(json: JsonObject, from: { model: string; stream: boolean }): PivotRequest | ParseProblem;
  /** The request for a target. What the wire or the target cannot say is a loss, never silent. */
  renderRequest(request: PivotRequest, target: RenderTarget): Rendered;
  /** The answer to a count request. */
  encodeTokenCount(tokens: number): JsonObject;
  /**
   * The member of a frame or body that lists answers which were asked for side by side, each with its `index`; the encoder
   * knows candidates, too. Absent = this wire gives one answer.
   */
  candidates?: string;
  /** Of the first candidate; see `withCandidates`. */
  createDecoder(): Decoder;
  /** A whole JSON answer as the list of events that its stream would have been (`usage`, `finish`, `end` included). */
  decodeBody(json: unknown): PivotEvent[];
  /** An upstream's error answer: status and body text (JSON, HTML, anything). Never throws. */
  decodeError(status: number, body: string): PivotError;
  /** Token counts in a whole answer of any endpoint of this vendor family (embeddings, images, rerank ...). */
  decodeUsage(json: unknown): Usage | undefined;
  createEncoder(context: EncodeContext): Encoder;
  /** Whether an answer on this wire has a place for a picture, a sound, what it says, or a source. */
  carries(event: Extract<PivotEvent, { type: 'media' | 'transcript' | 'citation' }>): boolean;
  encodeBody(events: PivotEvent[], context: EncodeContext): unknown;
  /** E0: an error before anything was sent. `stream` matters: user-only problems on Responses streams are a 200 with `response.failed`. */
  encodeError(
    error: PivotError,
    context: { stream: boolean; id: string; model: string; created: number },
  ): EncodedError;
  /** E1: the frame that ends a stream that has already begun. Never an end marker. */
  encodeStreamError(
    error: PivotError,
    context: { id: string; model: string; created: number; array?: boolean },
  ): string;
}
