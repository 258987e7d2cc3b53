import { asObject } from '../../pivot/index.ts';
import type { Protocol } from '../protocol.ts';
import { decodeVendorError } from '../vendor-error.ts';
import { createDecoder, decodeBody, readUsage } from './decode.ts';
import { createEncoder, encodeBody, encodeError, encodeStreamError } from './encode.ts';

/** Google's generateContent and streamGenerateContent. */
export const gemini: Protocol = {
  id: 'gemini',
  createDecoder,
  decodeBody,
  decodeError: decodeVendorError,
  decodeUsage: (json) => readUsage(asObject(json).usageMetadata),
  createEncoder,
  encodeBody,
  encodeError: (error) => encodeError(error),
  encodeStreamError: (error, context) => encodeStreamError(error, context),
};
