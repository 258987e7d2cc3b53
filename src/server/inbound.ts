import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import { memberValue, type ScannedObject, scanObject } from '../json-scan.ts';
import { SEAL_MARKS } from '../pivot/index.ts';
import type { Inbound } from '../relay/index.ts';
import type { Endpoint, GeminiCall } from './endpoints.ts';
import { innerModelSplices } from './inner-models.ts';
import { fieldSplice, multipartField } from './multipart.ts';

/** Values that another family made and we have marked: whoever is sent such a history must know. */
const SEALS = SEAL_MARKS.map((mark) => Buffer.from(mark));

/** What is read of a request besides its body. */
type Asker = Pick<IncomingMessage, 'headers' | 'url'>;

const SCAN_PROBLEMS = {
  'not-an-object': 'the body is not a JSON object',
  syntax: 'the body is not valid JSON',
  'too-deep': 'the body nests deeper than 128 levels',
} as const;

function badBody(message: string, param?: string): GatewayError {
  return new GatewayError({
    code: 'invalid_json',
    kind: 'client',
    status: 400,
    message: `unorouter: ${message}`,
    ...(param ? { param } : {}),
  });
}

function scan(bytes: Buffer): ScannedObject {
  // What a decoder would put in the place of broken bytes is nothing that anybody wrote.
  if (!isUtf8(bytes)) throw badBody('the body is not valid UTF-8');
  const scanned = scanObject(bytes, SEALS);
  if ('problem' in scanned) throw badBody(`${SCAN_PROBLEMS[scanned.problem]} (at byte ${scanned.offset})`);
  // Two models in one body: whoever parses it decides which one counts, so nobody shall.
  if (scanned.duplicates.has('model') || scanned.duplicates.has('stream'))
    throw badBody('the body names a member twice', 'model');
  return scanned;
}

/** Reads a request of one of the fixed endpoints. The bytes stay as they came. @throws GatewayError 400 */
export function readInbound(request: Asker, bytes: Buffer, endpoint: Endpoint): Inbound {
  const contentType = request.headers['content-type'] ?? 'application/json';
  const common = {
    protocol: endpoint.protocol,
    endpoint: endpoint.endpoint,
    bytes,
    contentType,
    path: () => endpoint.upstream,
    query: forwardedQuery(request.url ?? '', ['beta']),
    asIs: endpoint.asIs,
    headers: request.headers,
  };
  if (/^multipart\//i.test(contentType)) {
    const field = multipartField(bytes, contentType, 'model');
    const stream = multipartField(bytes, contentType, 'stream')?.value === 'true';
    return {
      model: modelName(field?.value),
      stream,
      scanned: null,
      modelSplices: (model) => fieldSplice(field, model),
      ...common,
    };
  }
  const scanned = scan(bytes);
  const stream = memberValue(bytes, scanned, 'stream');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    throw badBody('"stream" must be true or false', 'stream');
  return {
    model: modelName(memberValue(bytes, scanned, 'model')),
    stream: stream === true,
    scanned,
    modelSplices: (model) => {
      const member = scanned.members.get('model');
      return member ? [{ start: member.start, end: member.end, text: JSON.stringify(model) }] : [];
    },
    ...common,
  };
}

/** Reads a Gemini call: the model and the kind of answer are in the path. @throws GatewayError 400 */
export function readGeminiInbound(request: Asker, bytes: Buffer, call: GeminiCall): Inbound {
  const asked = modelName(call.model);
  const scanned = scan(bytes);
  // Google ignores it, but a name that cannot be read is no name.
  if (scanned.members.has('model') && memberValue(bytes, scanned, 'model') === undefined)
    throw badBody('"model" in the body cannot be read', 'model');
  return {
    protocol: 'gemini',
    endpoint: call.endpoint,
    model: asked,
    stream: call.stream,
    bytes,
    contentType: request.headers['content-type'] ?? 'application/json',
    scanned,
    asIs: false,
    modelSplices: (model) => innerModelSplices(bytes, call.endpoint, asked, model),
    path: (model) => `/models/${model.split('/').map(encodeURIComponent).join('/')}:${call.method}`,
    query: forwardedQuery(request.url ?? '', ['alt']),
    headers: request.headers,
  };
}

const MAX_MODEL_NAME = 512;

function modelName(value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw badBody('"model" is missing: name a model, for example demo/echo', 'model');
  if (value.length > MAX_MODEL_NAME) throw badBody('"model" is longer than any model name', 'model');
  // Google's own listings put `models/` before every name.
  return value.startsWith('models/') ? value.slice('models/'.length) : value;
}

/** The named parameters of a query and no others: `key=` must never travel. */
function forwardedQuery(url: string, names: readonly string[]): string {
  const at = url.indexOf('?');
  if (at < 0) return '';
  const sent = new URLSearchParams(url.slice(at + 1));
  const kept = new URLSearchParams();
  for (const name of names) {
    const value = sent.get(name);
    if (value !== null) kept.set(name, value);
  }
  const text = kept.toString();
  return text === '' ? '' : `?${text}`;
}
