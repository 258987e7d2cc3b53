import {
  asArray,
  asObject,
  asText,
  defined,
  type FailureKind,
  type JsonObject,
  type PivotError,
  parseJson,
} from '../pivot/index.ts';

/** What a status means when the words say nothing more precise. */
const KIND_OF_STATUS: ReadonlyMap<number, FailureKind> = new Map([
  [400, 'bad-request'],
  [401, 'auth'],
  [402, 'quota'],
  [403, 'auth'],
  [404, 'not-found'],
  [405, 'not-found'],
  [408, 'timeout'],
  [409, 'overloaded'],
  [410, 'not-found'],
  [413, 'bad-request'],
  [415, 'bad-request'],
  [422, 'bad-request'],
  [425, 'overloaded'],
  [429, 'rate-limit'],
  [500, 'network'],
  [502, 'network'],
  [503, 'overloaded'],
  [504, 'timeout'],
  [524, 'timeout'],
  [529, 'overloaded'],
]);

type Words = readonly (readonly [RegExp, FailureKind])[];

/** Words in a vendor's code, type or message that say more than any status. First match wins. */
const TELLING_WORDS: Words = [
  [
    /insufficient_quota|billing_|usage_limit_reached|enforced_spend_limit|spend(?:ing)? limit|credit balance|insufficient balance|insufficient_balance|PerDay/i,
    'quota',
  ],
  [
    /context_length_exceeded|prompt is too long|maximum context length|context window|input token count.*exceeds/i,
    'context-too-long',
  ],
  [/invalid_api_key|api_key_invalid|api key not valid|authentication_error|invalid x-api-key/i, 'auth'],
];
/** Words for any limit, which is a spent quota only when nothing says when to come back. */
const NO_HINT_WORDS: Words = [[/exceeded your current quota/i, 'quota']];
/** Words that say why a server failed. In the refusal of a request they may name a field of it ("unknown parameter: timeout"). */
const TROUBLE_WORDS: Words = [
  [/rate_limit|rate limit|too many requests|resource_exhausted/i, 'rate-limit'],
  [/overloaded|unavailable|server_busy|no_capacity/i, 'overloaded'],
  [/unauthenticated/i, 'auth'],
  [/timeout|deadline_exceeded/i, 'timeout'],
];
/** Words that tell the error inside a 200 of whose fault it is; without them it is the server's. */
const FAULT_WORDS: Words = [
  [/not_found|no such model|does not exist/i, 'not-found'],
  [/permission_(?:error|denied)/i, 'auth'],
  [
    /invalid_(?:request|argument|prompt|value|type)|bad_request|unsupported|failed_precondition/i,
    'bad-request',
  ],
];
/** Statuses whose own meaning stands, whatever the words: a 401 that speaks of rates is still a 401. */
const FIRM: ReadonlySet<number> = new Set([401, 404]);
/** Statuses that say for themselves what is wrong: no word about the state of the server changes their kind. */
const PRECISE: ReadonlySet<number> = new Set([400, 402, 403, 408, 413, 415, 422, 429, 504]);

/** What status stands for an error inside a 200. */
const STATUS_OF_KIND: ReadonlyMap<FailureKind, number> = new Map([
  ['auth', 401],
  ['quota', 429],
  ['rate-limit', 429],
  ['overloaded', 503],
  ['context-too-long', 400],
  ['bad-request', 400],
  ['not-found', 404],
  ['timeout', 504],
]);

function kindOf(status: number, words: string, hinted: boolean): FailureKind {
  const byStatus = KIND_OF_STATUS.get(status) ?? (status >= 400 && status < 500 ? 'bad-request' : 'network');
  if (FIRM.has(status)) return byStatus;
  const rows = [
    ...TELLING_WORDS,
    ...(hinted ? [] : NO_HINT_WORDS),
    ...(PRECISE.has(status) ? [] : TROUBLE_WORDS),
    ...(status < 400 ? FAULT_WORDS : []),
  ];
  return rows.find(([pattern]) => pattern.test(words))?.[1] ?? byStatus;
}

/** The object that holds the message: `{error:{...}}`, `{error:"..."}`, `[{error}]`, `{message}`, `{detail}`. */
function errorObject(json: unknown): JsonObject {
  const top = Array.isArray(json) ? asObject(json[0]) : asObject(json);
  if (typeof top.error === 'string') return { ...top, message: top.error };
  const inner = asObject(top.error);
  if (Object.keys(inner).length > 0) return inner;
  // The type of the event that carries an error is not the error's own.
  const { type, ...rest } = top;
  return type === 'error' ? rest : top;
}

function messageOf(error: JsonObject): string | undefined {
  const said = error.message ?? error.msg ?? error.Message ?? error.detail ?? error.error_description;
  const base =
    typeof said === 'string' ? said : said === undefined || said === null ? undefined : JSON.stringify(said);
  // OpenRouter puts the upstream's own words into metadata.raw.
  const raw = asText(asObject(error.metadata).raw);
  return base !== undefined && raw !== undefined && !base.includes(raw) ? `${base}: ${raw}` : base;
}

/** `retryDelay: "12.5s"` of google.rpc.RetryInfo. https://cloud.google.com/apis/design/errors */
function retryDelayMs(error: JsonObject): number | undefined {
  for (const detail of asArray(error.details)) {
    const match = /^(\d+(?:\.\d+)?)s$/.exec(asText(asObject(detail).retryDelay) ?? '');
    if (match) return Math.round(Number(match[1]) * 1000);
  }
  return undefined;
}

/** Names of the limits that were met, of google.rpc.QuotaFailure: `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. */
function quotaIds(error: JsonObject): string[] {
  return asArray(error.details)
    .flatMap((detail) => asArray(asObject(detail).violations))
    .flatMap((violation) => asText(asObject(violation).quotaId) ?? []);
}

const MAX_MESSAGE = 4000;

/** Text that is not JSON: shown when it is a sentence, never when it is a page. */
function plainText(status: number, body: string): string {
  const text = body.trim();
  const page = /^<|<html|<!doctype/i.test(text);
  return text === '' || page
    ? `the provider answered ${status} without saying why`
    : text.slice(0, MAX_MESSAGE);
}

/** An error that stands inside an answer with status 200, or the body of an error status, as vendors write them. */
export function vendorError(status: number, json: unknown, fallback: string): PivotError {
  const error = errorObject(json);
  const message = (messageOf(error) ?? fallback).slice(0, MAX_MESSAGE);
  const type = asText(error.type) ?? asText(error.status);
  const detail = asText(asObject(error.details).error_code);
  const code =
    asText(error.code) ?? detail ?? (typeof error.code === 'number' ? String(error.code) : undefined);
  const own = typeof error.code === 'number' && error.code >= 400 && error.code < 600 ? error.code : status;
  const retryAfterMs = retryDelayMs(error);
  const words = [code, type, detail, message, ...quotaIds(error)].filter(Boolean).join(' ');
  const kind = kindOf(status >= 400 ? status : own, words, retryAfterMs !== undefined);
  return defined<PivotError>({
    kind,
    status: status >= 400 ? status : own >= 400 ? own : (STATUS_OF_KIND.get(kind) ?? 502),
    message,
    code,
    type,
    param: asText(error.param),
    retryAfterMs,
  });
}

/** The body of an error status, whatever it is. Never throws, never gives HTML. */
export function decodeVendorError(status: number, body: string): PivotError {
  const json = parseJson(body);
  const readable = typeof json === 'object' && json !== null;
  return vendorError(status, readable ? json : {}, plainText(status, readable ? '' : body));
}

/** Kinds that will say the same again: clients must not retry them. */
const PERMANENT: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'config',
  'budget',
  'auth',
  'quota',
  'bad-request',
  'not-found',
  'context-too-long',
  'client',
]);
const MIN_QUOTA_SECONDS = 61;

/** Headers of an error answer: what a client's retry logic must know (reliability rule R7). */
export function errorHeaders(error: PivotError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (PERMANENT.has(error.kind)) headers['x-should-retry'] = 'false';
  const seconds =
    error.retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(error.retryAfterMs / 1000));
  if (error.kind === 'quota') headers['retry-after'] = String(Math.max(MIN_QUOTA_SECONDS, seconds ?? 0));
  else if (seconds !== undefined) headers['retry-after'] = String(seconds);
  return headers;
}

/** The error of an answer that is no JSON at all where JSON must be. */
export const BROKEN_FRAME: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the upstream sent an event that cannot be read',
};
