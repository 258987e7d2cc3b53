import { anthropicMessages } from './anthropic-messages/index.ts';
import { gemini } from './gemini/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import type { Protocol, ProtocolId } from './protocol.ts';

const PROTOCOLS: Readonly<Record<ProtocolId, Protocol>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  gemini,
};

/** The protocol of an id. */
export function protocolOf(id: ProtocolId): Protocol {
  return PROTOCOLS[id];
}

export { contextOf, withCandidates } from './candidates.ts';
export type * from './protocol.ts';
