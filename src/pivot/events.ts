import type { Citation } from './citation.ts';
import type { TokenChoice } from './logprobs.ts';
import type { Usage } from './usage.ts';

/** Why an answer ended, in one vocabulary. The vendor's own word travels beside it as `raw`. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

/** An opaque value (signature, encrypted reasoning) with the family that made it: only that family gets it back. */
export interface Opaque {
  origin: string;
  value: string;
}

/**
 * What went wrong, in one vocabulary. The first group are failures of an upstream; `config` and `budget` are problems
 * that only the user can fix (they get shapes that agents show at once and do not retry); `client` is a request that
 * we refuse; `internal` is our bug.
 */
export type FailureKind =
  | 'auth'
  | 'quota'
  | 'rate-limit'
  | 'overloaded'
  | 'context-too-long'
  | 'bad-request'
  | 'not-found'
  | 'network'
  | 'timeout'
  | 'malformed'
  | 'config'
  | 'budget'
  | 'client'
  | 'internal';

/** An error on its way to a client, before a protocol gives it its shape. */
export interface PivotError {
  kind: FailureKind;
  /** HTTP status to answer with. A protocol may map it (529 exists only on Anthropic Messages). */
  status: number;
  /** One sentence, no newline. For our own errors it begins with `unorouter: ` and ends with a command to run. */
  message: string;
  /** Stable machine-readable code: ours (`no_provider_key`) or the vendor's. */
  code?: string;
  /** The vendor's own type word (`overloaded_error`), kept when the same protocol answers. */
  type?: string;
  /** The request field at fault. */
  param?: string;
  /** Milliseconds to wait, when the upstream said so. */
  retryAfterMs?: number;
}

/** An event, and whose it is: `candidate` numbers further answers to the same request from 1 (see `candidates.ts`). */
export type PivotEvent = EventKind & { candidate?: number };

/**
 * One event of an answer. A whole (non-streamed) answer is the same list at once. `block` numbers the blocks of an answer from 0
 * in order of their start; a block that starts ends exactly once (see `blocks.ts`).
 */
type EventKind =
  | { type: 'start'; id?: string; model?: string }
  | { type: 'text-start'; block: number }
  /** With the tokens that it is made of, where the client asked for their probabilities; its text may then be empty. */
  | { type: 'text-delta'; block: number; text: string; logprobs?: TokenChoice[] }
  /** Gemini signs texts, too. */
  | { type: 'text-end'; block: number; signature?: Opaque }
  | { type: 'refusal-start'; block: number }
  | { type: 'refusal-delta'; block: number; text: string; logprobs?: TokenChoice[] }
  | { type: 'refusal-end'; block: number }
  | { type: 'reasoning-start'; block: number; redacted?: Opaque }
  | { type: 'reasoning-delta'; block: number; text: string }
  | { type: 'reasoning-end'; block: number; signature?: Opaque }
  | {
      type: 'tool-call-start';
      block: number;
      id: string;
      name: string;
      kind: 'function' | 'custom' | 'server';
    }
  | { type: 'tool-call-delta'; block: number; text: string }
  /** Gemini signs calls; the signature must come back with the call. */
  | { type: 'tool-call-end'; block: number; signature?: Opaque }
  /** What the sounds of the answer say. */
  | { type: 'transcript'; text: string }
  | { type: 'media'; block: number; mediaType: string; data?: string; url?: string }
  /** Comes before the end of its text block. */
  | { type: 'citation'; block: number; citation: Citation }
  /** Something that only its own wire can say (results of the provider's own tools); its name, so that the loss has one. */
  | { type: 'vendor'; origin: string; name: string }
  /** Totals so far: each field named replaces what was said before. */
  | { type: 'usage'; usage: Usage }
  | { type: 'finish'; reason: FinishReason; raw: string | null }
  | { type: 'error'; error: PivotError }
  /** The wire's own end marker ([DONE], message_stop, response.completed, finishReason on Gemini). Exactly one of `end` and `truncated` closes a list. */
  | { type: 'end' }
  /** The bytes stopped before the wire said that the answer was over. */
  | { type: 'truncated' };
