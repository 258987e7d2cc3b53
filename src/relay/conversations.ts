import { GatewayError } from '../errors.ts';
import type { AssistantPart, CollectedBlock, PivotMessage, PivotRequest } from '../pivot/index.ts';
import { createBounded } from './bounded.ts';
import { reasoningPart } from './memory.ts';

/**
 * `previous_response_id` for providers that have no such thing: the conversation behind an answer, by the id that the
 * client was given. It lies in this process only; an id from before a restart is as unknown as one that was never given.
 */
export interface Conversations {
  /** Notes what an answer answered. */
  keep(id: string, request: PivotRequest, blocks: readonly CollectedBlock[]): void;
  /**
   * The request with the conversation before it, and without the reference.
   * @throws GatewayError `previous_response_not_found` in OpenAI's own words
   */
  resume(request: PivotRequest): PivotRequest;
}

const MAX_ENTRIES = 1_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** What Responses writes before our id. */
const PREFIX = /^resp_/;

/** Creates an empty store. */
export function createConversations(): Conversations {
  const kept = createBounded<PivotMessage[]>({ entries: MAX_ENTRIES, bytes: MAX_BYTES });
  return {
    keep(id, request, blocks) {
      const content = blocks.flatMap(partOf);
      // Instructions hold for one request; OpenAI does not carry them over either.
      const said = request.messages.filter(
        (message) => message.role !== 'system' || message.from !== 'instructions',
      );
      const messages: PivotMessage[] =
        content.length === 0 ? said : [...said, { role: 'assistant', content }];
      kept.set(id, messages, JSON.stringify(messages).length);
    },
    resume(request) {
      const { previousResponseId: id, ...rest } = request;
      if (id === undefined) return request;
      const before = kept.get(id.replace(PREFIX, ''));
      if (!before) throw notFound(id);
      const instructions = request.messages.filter(
        (message) => message.role === 'system' && message.from === 'instructions',
      );
      const added = request.messages.filter((message) => !instructions.includes(message));
      return { ...rest, messages: [...instructions, ...before, ...added] };
    },
  };
}

function notFound(id: string): GatewayError {
  return new GatewayError({
    code: 'previous_response_not_found',
    kind: 'client',
    status: 400,
    message: `Previous response with id '${id.replace(/[^\x20-\x7e]/g, '?').slice(0, 100)}' not found.`,
    param: 'previous_response_id',
  });
}

/** A block of an answer as a part of a history. */
function partOf(block: CollectedBlock): AssistantPart[] {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return block.text === '' ? [] : [{ type: block.type, text: block.text }];
    case 'reasoning':
      return [reasoningPart(block)];
    case 'tool-call': {
      const { id, name, kind, signature } = block;
      if (kind === 'server') return [];
      const args = block.arguments;
      return [{ type: 'tool-call', id, name, kind, arguments: args, ...(signature ? { signature } : {}) }];
    }
    case 'media': {
      if (block.data === undefined) return [];
      const source = { kind: 'base64' as const, mediaType: block.mediaType, data: block.data };
      return [{ type: block.mediaType.startsWith('image/') ? 'image' : 'media', source }];
    }
  }
}
