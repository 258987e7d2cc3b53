import { openaiBodyUsage } from '../openai-usage.ts';
import type { Protocol } from '../protocol.ts';
import { decodeVendorError } from '../vendor-error.ts';
import { canCite } from './citations.ts';
import { createDecoder, decodeBody } from './decode.ts';
import { createEncoder, encodeBody } from './encode.ts';
import { parseRequest } from './request/parse.ts';
import { renderRequest } from './request/render.ts';
import { encodeError, encodeStreamError } from './response.ts';

/** OpenAI Responses. */
export const openaiResponses: Protocol = {
  id: 'openai-responses',
  family: 'openai',
  path: () => '/responses',
  parseRequest,
  renderRequest,
  encodeTokenCount: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  createDecoder,
  decodeBody,
  decodeError: decodeVendorError,
  decodeUsage: openaiBodyUsage,
  createEncoder,
  carries(event) {
    if (event.type === 'media') return event.url !== undefined || event.mediaType.startsWith('image/');
    return event.type === 'citation' && canCite(event.citation);
  },
  encodeBody,
  encodeError,
  encodeStreamError,
};
