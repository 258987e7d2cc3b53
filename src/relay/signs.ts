import type { ProtocolId } from '../protocols/protocol.ts';

/** What each client takes as a sign of life. Gemini CLI fails on comment lines (reliability rule R8b). */
export const KEEP_ALIVE: Record<ProtocolId, string> = {
  'openai-chat': ': keep-alive\n\n',
  'openai-responses': ': keep-alive\n\n',
  'anthropic-messages': 'event: ping\ndata: {"type":"ping"}\n\n',
  gemini: '',
};

/** What ends a stream whose finish reason was told before; the other wires tell both in one. */
export const END_MARKER: Record<ProtocolId, string> = {
  'openai-chat': 'data: [DONE]\n\n',
  'openai-responses': '',
  'anthropic-messages': 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  gemini: '',
};
