import { openaiBodyUsage } from '../openai-usage.ts';
import type { Protocol } from '../protocol.ts';
import { decodeVendorError } from '../vendor-error.ts';
import { createDecoder, decodeBody } from './decode.ts';
import { createEncoder, encodeBody } from './encode.ts';
import { encodeError, encodeStreamError } from './response.ts';

/** OpenAI Responses. */
export const openaiResponses: Protocol = {
  id: 'openai-responses',
  createDecoder,
  decodeBody,
  decodeError: decodeVendorError,
  decodeUsage: openaiBodyUsage,
  createEncoder,
  encodeBody,
  encodeError,
  encodeStreamError,
};
