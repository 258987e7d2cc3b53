import type { PivotError } from '../../pivot/index.ts';
import type { ProtocolId } from '../../protocols/protocol.ts';

/** By these words clients know that their conversation is too long, and shorten it (Claude Code, Codex, Gemini CLI). */
const TOO_LONG: Record<ProtocolId, { known: RegExp; words: string }> = {
  'openai-chat': {
    known: /maximum context length|context_length_exceeded/i,
    words: 'maximum context length exceeded',
  },
  'openai-responses': {
    known: /context window|context_length_exceeded/i,
    words: 'Your input exceeds the context window of this model',
  },
  'anthropic-messages': { known: /prompt is too long/i, words: 'prompt is too long' },
  gemini: {
    known: /input token count.*exceeds/i,
    words: 'The input token count exceeds the maximum number of tokens allowed',
  },
};

/**
 * An upstream's error for a client of another protocol: its kind and its words stay, what is a word of its wire alone
 * (Anthropic's type, Google's status and number) goes.
 */
export function foreignError(error: PivotError, client: ProtocolId): PivotError {
  // Our own errors are of no wire.
  if (error.message.startsWith('unorouter: ')) return error;
  const { type: _type, code, ...rest } = error;
  const named = code !== undefined && !/^\d*$/.test(code) && error.kind !== 'context-too-long';
  return { ...rest, message: tooLong(error, client), ...(named ? { code } : {}) };
}

function tooLong({ kind, message }: PivotError, client: ProtocolId): string {
  if (kind !== 'context-too-long') return message;
  const { known, words } = TOO_LONG[client];
  return known.test(message) ? message : `${words}: ${message}`;
}
