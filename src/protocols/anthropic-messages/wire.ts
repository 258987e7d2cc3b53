/** Messages, the fields we touch. https://docs.anthropic.com/en/api/messages and .../messages-streaming */

/** A content block, whole or as it starts. */
export interface WireBlock {
  type?: string;
  text?: string;
  thinking?: string;
  signature?: string;
  data?: string;
  id?: string;
  name?: string;
  input?: unknown;
  citations?: unknown;
}

/** A message, whole or as it starts. */
export interface WireMessage {
  id?: string;
  type?: string;
  model?: string;
  content?: WireBlock[];
  stop_reason?: string | null;
  usage?: unknown;
  error?: unknown;
}

/** Everything a delta of a block can say. */
export interface WireDelta {
  type?: string;
  text?: string;
  thinking?: string;
  signature?: string;
  partial_json?: string;
  citation?: unknown;
}

/** The events of a stream. Unknown types are skipped: more of them come with every release. */
export type WireEvent =
  | { type: 'message_start'; message?: WireMessage }
  | { type: 'content_block_start'; index: number; content_block?: WireBlock }
  | { type: 'content_block_delta'; index: number; delta?: WireDelta }
  | { type: 'content_block_stop'; index: number }
  | { type: 'message_delta'; delta?: { stop_reason?: string | null }; usage?: unknown }
  | { type: 'message_stop' }
  | { type: 'ping' }
  | { type: 'error'; error?: unknown };
