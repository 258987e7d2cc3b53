import { encodeError } from '../openai-error.ts';
import { openaiBodyUsage } from '../openai-usage.ts';
import type { Protocol } from '../protocol.ts';
import { decodeVendorError } from '../vendor-error.ts';
import { createDecoder, decodeBody } from './decode.ts';
import { createEncoder, encodeBody, encodeStreamError } from './encode.ts';

import { parseRequest } from './request/parse.ts';
import { renderRequest } from './request/render.ts';

/** OpenAI Chat Completions, the most widely spoken protocol. */
export const openaiChat: Protocol = {
  id: 'openai-chat',
  family: 'openai',
  path: () => '/chat/completions',
  parseRequest,
  renderRequest,
  encodeTokenCount: (tokens) => ({ input_tokens: tokens }),
  candidates: 'choices',
  createDecoder,
  decodeBody,
  decodeError: decodeVendorError,
  decodeUsage: openaiBodyUsage,
  createEncoder,
  carries(event) {
    if (event.type === 'media')
      return (
        /^image\//.test(event.mediaType) || (/^audio\//.test(event.mediaType) && event.data !== undefined)
      );
    return event.type === 'transcript' || event.citation.url !== undefined;
  },
  encodeBody,
  encodeError: (error) => encodeError(error),
  encodeStreamError: (error) => encodeStreamError(error),
};
