import { answer, type Call, type Fault, refuse, reply } from './call.ts';

type Headers = Record<string, string>;

/** An error status in the wire's own words. */
const status =
  (code: number, type: string, message: string, headers: (call: Call) => Headers = () => ({})): Fault =>
  (call) =>
    refuse(call, code, type, message, headers(call));

const SERVER = 'The server had an error';
const SLOW_DOWN = 'Rate limit reached';
const busy = (headers: (call: Call) => Headers): Fault => status(429, 'rate_limit_error', SLOW_DOWN, headers);

/** Fails `arg` times (1), then answers. */
const thenOk =
  (fault: Fault): Fault =>
  (call) =>
    call.nth <= Number(call.arg ?? 1) ? fault(call) : answer(call);

const PAGE = '<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';
const html =
  (code: number): Fault =>
  (call) =>
    reply(call, code, PAGE, { 'content-type': 'text/html' });

/** Anthropic's monthly limit: a 429 that no waiting helps against. */
function spendLimit(call: Call): void {
  const details = { error_code: 'enforced_spend_limit_reached' };
  const message = 'You have reached your monthly spend limit.';
  reply(call, 429, JSON.stringify(call.speech.refusal(429, 'rate_limit_error', message, details)));
}

/** Answers by status: refusals, troubles, and 200s that are none. */
export const STATUS_FAULTS: Readonly<Record<string, Fault>> = {
  '429-seconds': busy(({ arg }) => ({ 'retry-after': arg ?? '1' })),
  '429-date': busy(({ arg }) => ({
    'retry-after': new Date(Date.now() + 1000 * Number(arg ?? 1)).toUTCString(),
  })),
  '429-ms': busy(({ arg }) => ({ 'retry-after-ms': arg ?? '100', 'retry-after': '30' })),
  '429-none': busy(() => ({})),
  '429-long': busy(() => ({ 'retry-after': '86400' })),
  '429-junk': busy(() => ({ 'retry-after': '-5', 'retry-after-ms': 'NaN' })),
  '429-quota': status(429, 'insufficient_quota', 'You exceeded your current quota.'),
  '429-spend': spendLimit,
  '429-then-ok': thenOk(busy(() => ({ 'retry-after-ms': '20' }))),
  '500': status(500, 'server_error', SERVER),
  '500-then-ok': thenOk(status(500, 'server_error', SERVER)),
  '502-html': html(502),
  '503': status(503, 'overloaded_error', 'Service unavailable', () => ({ 'retry-after': '1' })),
  '504': status(504, 'timeout', 'Gateway timeout'),
  '529': status(529, 'overloaded_error', 'Overloaded'),
  '529-then-ok': thenOk(status(529, 'overloaded_error', 'Overloaded')),
  '400': status(400, 'invalid_request_error', 'max_tokens: must be positive'),
  '400-context': status(
    400,
    'context_length_exceeded',
    "This model's maximum context length is 8192 tokens.",
  ),
  '401': (call) => refuse(call, 401, 'invalid_api_key', `Incorrect API key provided: ${call.key}.`),
  '402': status(402, 'billing_error', 'Payment required'),
  '403': status(403, 'permission_error', 'Forbidden'),
  '404': status(404, 'not_found_error', 'The model does not exist'),
  '408': status(408, 'timeout', 'Request timeout'),
  '409': status(409, 'conflict', 'Conflict'),
  '413': status(413, 'request_too_large', 'The request is too large.'),
  'should-retry-false': status(500, 'server_error', 'no', () => ({ 'x-should-retry': 'false' })),
  'should-retry-true': status(400, 'invalid_request_error', 'no', () => ({ 'x-should-retry': 'true' })),
  redirect: (call) => reply(call, 307, '', { location: `${call.origin}/stolen` }),
  'redirect-meta': (call) => reply(call, 302, '', { location: 'http://169.254.169.254/latest/meta-data/' }),
  '200-error-json': (call) =>
    reply(call, 200, JSON.stringify(call.speech.refusal(500, 'server_error', 'it exploded'))),
  '200-html': html(200),
  '200-empty': (call) => reply(call, 200, ''),
  '204': ({ response }) => void response.writeHead(204).end(),
};
