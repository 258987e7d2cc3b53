import { asObject } from '../../pivot/index.ts';
import type { Protocol } from '../protocol.ts';
import { decodeVendorError } from '../vendor-error.ts';
import { canCite } from './citations.ts';
import { createDecoder, decodeBody } from './decode.ts';
import { createEncoder, encodeBody, encodeError, encodeStreamError } from './encode.ts';
import { parseRequest } from './request/parse.ts';
import { renderRequest } from './request/render.ts';
import { readUsage } from './usage.ts';

/** Anthropic Messages. */
export const anthropicMessages: Protocol = {
  id: 'anthropic-messages',
  family: 'anthropic',
  path: () => '/messages',
  countPath: () => '/messages/count_tokens',
  parseRequest,
  renderRequest,
  encodeTokenCount: (tokens) => ({ input_tokens: tokens }),
  createDecoder,
  decodeBody,
  decodeError: decodeVendorError,
  decodeUsage: (json) => readUsage(asObject(json).usage),
  createEncoder,
  // A link says where a picture is; the picture itself has no place.
  carries(event) {
    if (event.type === 'media') return event.url !== undefined;
    return event.type === 'citation' && canCite(event.citation);
  },
  encodeBody,
  encodeError,
  encodeStreamError: (error) => encodeStreamError(error),
};
