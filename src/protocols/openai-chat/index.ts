import { encodeError } from '../openai-error.ts';
import { openaiBodyUsage } from '../openai-usage.ts';
import type { Protocol } from '../protocol.ts';
import { decodeVendorError } from '../vendor-error.ts';
import { createDecoder, decodeBody } from './decode.ts';
import { createEncoder, encodeBody, encodeStreamError } from './encode.ts';

/** OpenAI Chat Completions, the most widely spoken protocol. */
export const openaiChat: Protocol = {
  id: 'openai-chat',
  createDecoder,
  decodeBody,
  decodeError: decodeVendorError,
  decodeUsage: openaiBodyUsage,
  createEncoder,
  encodeBody,
  encodeError: (error) => encodeError(error),
  encodeStreamError: (error) => encodeStreamError(error),
};
