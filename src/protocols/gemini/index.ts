import { asObject } from '../../pivot/index.ts';
import type { Protocol } from '../protocol.ts';
import { decodeVendorError } from '../vendor-error.ts';
import { createDecoder, decodeBody, readUsage } from './decode.ts';
import { createEncoder, encodeBody } from './encode.ts';
import { encodeError, encodeStreamError } from './encode-error.ts';

import { parseRequest } from './request/parse.ts';
import { renderRequest } from './request/render.ts';

const encoded = (model: string): string => model.split('/').map(encodeURIComponent).join('/');

/** Google's generateContent and streamGenerateContent. */
export const gemini: Protocol = {
  id: 'gemini',
  family: 'google',
  path: (model, stream) =>
    `/models/${encoded(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  countPath: (model) => `/models/${encoded(model)}:countTokens`,
  parseRequest,
  renderRequest,
  encodeTokenCount: (tokens) => ({ totalTokens: tokens }),
  candidates: 'candidates',
  createDecoder,
  decodeBody,
  decodeError: decodeVendorError,
  decodeUsage: (json) => readUsage(asObject(json).usageMetadata),
  createEncoder,
  carries: (event) => event.type !== 'transcript',
  encodeBody,
  encodeError: (error) => encodeError(error),
  encodeStreamError: (error, context) => encodeStreamError(error, context),
};
