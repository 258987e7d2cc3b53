/** Responses, the fields we touch. https://platform.openai.com/docs/api-reference/responses and .../responses-streaming */

/** An output item. */
export interface WireItem {
  id?: string;
  type?: string;
  status?: string;
  content?: unknown;
  summary?: unknown;
  encrypted_content?: string | null;
  call_id?: string;
  name?: string;
  namespace?: string;
  arguments?: string;
  input?: string;
  result?: string | null;
}

/** A response, whole or inside an event. */
export interface WireResponse {
  id?: string;
  model?: string;
  status?: string;
  error?: unknown;
  incomplete_details?: { reason?: string } | null;
  output?: WireItem[];
  usage?: unknown;
  service_tier?: unknown;
}

/** The fields that events carry, whatever their type. */
export interface WireEvent {
  type?: string;
  response?: WireResponse;
  item?: WireItem;
  output_index?: number;
  item_id?: string;
  content_index?: number;
  annotation?: unknown;
  logprobs?: unknown;
  delta?: string;
  error?: unknown;
  message?: string;
  code?: string;
}

/** JSON of ours on its way out. */
export type Json = Record<string, unknown>;
