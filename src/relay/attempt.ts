import { GatewayError } from '../errors.ts';
import type { Attempt, Exchange } from '../exchange.ts';
import type { PivotError } from '../pivot/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Target } from '../router/index.ts';
import {
  answerHeaders,
  requestHeaders,
  retryAfterMs,
  UpstreamFailure,
  type UpstreamResponse,
} from '../upstream/index.ts';
import { exchangeHeaders } from './answer-head.ts';
import type { AttemptFailure } from './decide.ts';
import { editRequest } from './edits.ts';
import { passStream, type StreamEnd } from './stream.ts';
import type { Reading } from './tap.ts';
import type { Client, Inbound, RelayDeps } from './types.ts';
import { settleUsage } from './usage.ts';
import { collect, collectText, readGenerated, reformed, type WholeAnswer } from './whole.ts';

/** Everything that one request carries through its attempts. */
export interface Job {
  inbound: Inbound;
  client: Client;
  exchange: Exchange;
  deps: RelayDeps;
  /** ms since the request came. */
  elapsed(): number;
}

/** What one attempt came to. */
export type AttemptResult =
  | { type: 'answered'; cut: PivotError | null; reading: Reading }
  | { type: 'failed'; failure: AttemptFailure };

/** Endpoints whose answers are generated text in the protocol's own shape. */
const GENERATES: ReadonlySet<Inbound['endpoint']> = new Set<Inbound['endpoint']>(['generate']);

/** Calls one target once, up to the last byte of the answer. Never throws but for our own bugs. */
export async function attemptOnce(job: Job, target: Target, attempt: Attempt): Promise<AttemptResult> {
  const protocol = job.deps.protocol(job.inbound.protocol);
  const edited = editRequest(job.inbound, target);
  let response: UpstreamResponse;
  try {
    response = await job.deps.transport(target).send(
      {
        url: target.surface.url + job.inbound.path(target.model) + job.inbound.query,
        method: 'POST',
        headers: requestHeaders({
          client: job.inbound.headers,
          provider: target.provider,
          surface: target.surface,
          key: job.deps.key(target),
          contentType: job.inbound.contentType,
        }),
        body: edited.bytes,
        timeouts: job.deps.timeouts(target),
      },
      job.client.signal,
    );
  } catch (error) {
    return failed(describe(error, job));
  }
  attempt.status = response.status;
  if (response.status < 200 || response.status >= 300) return refused(job, target, protocol, response);
  const isStream = job.inbound.stream && !/application\/json/i.test(String(response.headers['content-type']));
  if (isStream && GENERATES.has(job.inbound.endpoint))
    return streamed(job, protocol, response, edited.dropUsageFrame);
  return whole(job, target, protocol, response);
}

function failed(error: PivotError, extra?: Partial<AttemptFailure>): AttemptResult {
  return { type: 'failed', failure: { error, shouldRetry: null, retryAfter: null, ...extra } };
}

/** Whatever was thrown on the way to an answer, in words that a client may see. */
export function describe(error: unknown, job: Job): PivotError {
  if (error instanceof GatewayError) {
    const { code, kind, status, message, param } = error;
    return { code, kind, status, message, ...(param === undefined ? {} : { param }) };
  }
  if (error instanceof UpstreamFailure) {
    const code =
      error.reason === 'tls'
        ? 'tls_untrusted'
        : error.kind === 'timeout'
          ? 'upstream_timeout'
          : error.kind === 'malformed'
            ? 'upstream_malformed'
            : 'upstream_unreachable';
    return {
      kind: error.kind,
      status: error.status,
      code,
      message: `unorouter: ${job.deps.mask(error.message)}`,
    };
  }
  return {
    kind: 'internal',
    status: 500,
    code: 'internal',
    message: 'unorouter: a bug of ours stopped this request',
  };
}

/** An answer with a status that is not 2xx. */
async function refused(
  job: Job,
  target: Target,
  protocol: Protocol,
  response: UpstreamResponse,
): Promise<AttemptResult> {
  const text = await collectText(response);
  const { status, headers } = response;
  if (status < 400) {
    return failed(
      {
        kind: 'malformed',
        status: 502,
        code: 'upstream_malformed',
        message: `unorouter: ${target.provider.id} answered with a redirect (${status}), which is never followed`,
      },
      { shouldRetry: false },
    );
  }
  const decoded = protocol.decodeError(status, text);
  const wait = retryAfterMs(headers, job.deps.now()) ?? decoded.retryAfterMs;
  const error: PivotError = {
    ...decoded,
    message: job.deps.mask(decoded.message),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
  const say = headers['x-should-retry'];
  return failed(error.kind === 'auth' ? keyRefused(job, target, error) : error, {
    shouldRetry: say === 'true' ? true : say === 'false' ? false : null,
    retryAfter: typeof headers['retry-after'] === 'string' ? headers['retry-after'] : null,
  });
}

/** A refused key is a problem that only the user can fix: the provider's 401 never reaches an agent, which would retry it. */
function keyRefused(job: Job, target: Target, error: PivotError): PivotError {
  const words = error.message.replace(/\s+/g, ' ').trim();
  return {
    kind: 'config',
    status: 400,
    code: 'key_refused',
    message: `unorouter: ${target.provider.id} refused the key (${error.status}: ${words}). Run: ${job.deps.prefix} keys add ${target.provider.id}`,
  };
}

async function streamed(
  job: Job,
  protocol: Protocol,
  response: UpstreamResponse,
  dropUsageFrame: boolean,
): Promise<AttemptResult> {
  const { client, exchange, deps } = job;
  const end: StreamEnd = await passStream({
    protocol,
    response,
    client,
    dropUsageFrame,
    commit: () =>
      client.head(response.status, {
        ...answerHeaders(response.headers),
        ...exchangeHeaders(exchange, false),
      }),
    onContent() {
      exchange.ttftMs = Math.round(job.elapsed());
      deps.recorder.update(exchange);
    },
    onProgress(reading) {
      const soFar = settleUsage(
        reading,
        { bytes: job.inbound.bytes.length, endpoint: job.inbound.endpoint },
        false,
      );
      exchange.usage = soFar.usage;
      exchange.usageSource = soFar.source;
      deps.recorder.update(exchange);
    },
    describe: (error) => describe(error, job),
    errorFrame: (error) => protocol.encodeStreamError(error, encodeContext(job)),
  });
  if (end.type === 'failed') return failed({ ...end.error, message: deps.mask(end.error.message) });
  return { type: 'answered', cut: end.cut, reading: end.reading };
}

/** What the codecs must know of this exchange. */
export function encodeContext(job: Job): { id: string; model: string; created: number; array: boolean } {
  return {
    id: job.exchange.id,
    model: job.inbound.model,
    created: Math.floor(job.exchange.time / 1000),
    array: job.inbound.protocol === 'gemini' && job.inbound.stream && job.inbound.query === '',
  };
}

/** A whole answer: read, priced, sent. Large or binary ones pass as they come. */
async function whole(
  job: Job,
  target: Target,
  protocol: Protocol,
  response: UpstreamResponse,
): Promise<AttemptResult> {
  const contentType = String(response.headers['content-type'] ?? '');
  let collected: { bytes: Buffer; complete: boolean };
  try {
    collected = await collect(response);
  } catch (error) {
    return failed(describe(error, job));
  }
  if (!collected.complete) return passRest(job, response, collected.bytes);
  const answer = readWhole(job, protocol, collected.bytes, contentType);
  if ('kind' in answer) return failed({ ...answer, message: job.deps.mask(answer.message) });
  const settled = settleUsage(
    answer.reading,
    { bytes: job.inbound.bytes.length, endpoint: job.inbound.endpoint },
    true,
  );
  job.exchange.cost = await job.deps.price(target, settled.usage, job.exchange.time);
  const form = reformed(answer, { stream: job.inbound.stream, contentType }, protocol, encodeContext(job));
  job.exchange.ttftMs = Math.round(job.elapsed());
  job.client.head(response.status, {
    ...answerHeaders(response.headers),
    ...(form.contentType === '' ? {} : { 'content-type': form.contentType }),
    ...exchangeHeaders(job.exchange, true),
    'content-length': String(form.bytes.length),
  });
  job.client.write(form.bytes);
  job.client.end();
  return { type: 'answered', cut: null, reading: answer.reading };
}

const NOTHING: Reading = {
  usage: {},
  finish: null,
  error: null,
  ended: true,
  content: false,
  outputEstimate: 0,
};

function readWhole(
  job: Job,
  protocol: Protocol,
  bytes: Buffer,
  contentType: string,
): WholeAnswer | PivotError {
  if (GENERATES.has(job.inbound.endpoint)) return readGenerated(bytes, contentType, protocol);
  let usage = {};
  if (/json/i.test(contentType)) {
    try {
      usage = protocol.decodeUsage(JSON.parse(bytes.toString('utf8'))) ?? {};
    } catch {
      return {
        kind: 'malformed',
        status: 502,
        code: 'upstream_malformed',
        message: 'unorouter: the upstream answered with broken JSON',
      };
    }
  }
  return { bytes, events: null, reading: { ...NOTHING, usage } };
}

/** The rest of an answer that is too large to hold: passed on unread, so its tokens stay unknown. */
function passRest(job: Job, response: UpstreamResponse, early: Buffer): Promise<AttemptResult> {
  const { client } = job;
  client.head(response.status, {
    ...answerHeaders(response.headers),
    ...exchangeHeaders(job.exchange, false),
  });
  client.write(early);
  return new Promise((resolve) => {
    const end = (cut: PivotError | null): void => {
      client.end();
      resolve({ type: 'answered', cut, reading: { ...NOTHING, ended: cut === null } });
    };
    response.body.pipe({
      data(chunk) {
        client.write(chunk);
        if (!client.full()) return;
        response.body.pause();
        client.onDrain(() => response.body.resume());
      },
      end: () => end(null),
      error: (error) => end(describe(error, job)),
    });
    response.body.resume();
  });
}
