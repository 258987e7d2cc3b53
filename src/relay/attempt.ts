import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Attempt } from '../exchange.ts';
import type { PivotError } from '../pivot/index.ts';
import type { Target } from '../router/index.ts';
import type { Signal } from '../signal.ts';
import { requestHeaders, retryAfterMs, type UpstreamResponse } from '../upstream/index.ts';
import { readAnswer } from './answer.ts';
import { countCall } from './count.ts';
import type { WireFailure } from './decide.ts';
import { editRequest } from './edits.ts';
import { type AttemptResult, type FailedAttempt, failed, failedBy, type Job, masked } from './job.ts';
import { oneLine } from './one-line.ts';
import { repairFor } from './repair.ts';
import { translateCall } from './translate/call.ts';
import { foreignError } from './translate/errors.ts';
import { collectText } from './whole.ts';

/** One call of a target: what is sent, and who reads the answer. */
export interface Call {
  /** Behind the surface's url, query included. */
  path: string;
  /** Its parts. */
  body: Buffer[];
  contentType: string;
  /** The client's headers, as far as they may be sent on. */
  headers: IncomingHttpHeaders;
  read(response: UpstreamResponse): Promise<AttemptResult>;
}

/** Calls one target once, up to the last byte of the answer; `fresh` = over a new connection. Never throws but for our own bugs. */
export async function attemptOnce(
  job: Job,
  target: Target,
  attempt: Attempt,
  fresh: boolean,
): Promise<AttemptResult> {
  const call = callOrRefusal(job, target);
  if ('type' in call) return call;
  const drains = (): boolean => job.deps.onClientAbort() === 'drain';
  const running = job.memory.leaving.call(job.client.signal, drains, job.inbound.bytes.length);
  try {
    const response = await send(job, target, call, { signal: running.signal, fresh });
    attempt.status = response.status;
    const accepted = response.status >= 200 && response.status < 300;
    const result = accepted ? await call.read(response) : await refused(job, target, response);
    if (result.type === 'answered') return result;
    // One that broke off on the wire was worked on, and is not asked for again at the same place.
    return told(job, target, result, accepted && response.body.broke() ? 'lost' : result.failure.wire);
  } catch (error) {
    // Behind the head of an answer nothing throws but bugs of ours.
    if (attempt.status !== null) throw error;
    return failedBy(error, job);
  } finally {
    running.done();
  }
}

/** A failed answer, in words for people. */
function told(job: Job, target: Target, result: FailedAttempt, wire: WireFailure | null): AttemptResult {
  // A client that has its head already still hears that we are alive, whatever is tried next.
  if (!job.client.begun()) job.client.keepAlive(null);
  const error = masked(result.failure.error, job);
  return {
    ...result,
    failure: { ...result.failure, wire, error: FOR_PEOPLE[error.kind]?.(job, target, error) ?? error },
  };
}

/**
 * A target that does not speak the client's protocol; or one that does, for a history with values that another family
 * made and we have marked: as they are they would be refused there.
 */
function isTranslated({ inbound, foreignSeals }: Job, { surface }: Target): boolean {
  return (
    surface.protocol !== inbound.protocol ||
    (foreignSeals && inbound.endpoint === 'generate' && !inbound.asIs)
  );
}

/** Which of the roads a request takes to this target, or why it cannot take one. */
function callOrRefusal(job: Job, target: Target): Call | AttemptResult {
  try {
    return callFor(job, target);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return failedBy(error, job);
  }
}

/** @throws GatewayError when it cannot take it */
function callFor(job: Job, target: Target): Call {
  job.exchange.losses = [];
  if (isTranslated(job, target))
    return job.inbound.endpoint === 'count-tokens' ? countCall(job, target) : translateCall(job, target);
  const { inbound } = job;
  const edited = editRequest(inbound, target);
  return {
    path: inbound.path(target.model) + inbound.query,
    body: edited.parts,
    contentType: inbound.contentType,
    headers: inbound.headers,
    read: (response) => readAnswer(job, target, response, { dropUsageFrame: edited.dropUsageFrame }),
  };
}

/** @throws UpstreamFailure, GatewayError (no key, a loop) */
function send(
  job: Job,
  target: Target,
  call: Call,
  { signal, fresh }: { signal: Signal; fresh: boolean },
): Promise<UpstreamResponse> {
  const { deps } = job;
  const { headersMs, idleMs, firstContentMs } = deps.timeouts(target);
  return deps.transport(target).send(
    {
      url: target.surface.url + call.path,
      method: 'POST',
      headers: requestHeaders({
        client: call.headers,
        provider: target.provider,
        surface: target.surface,
        key: deps.key(target),
        contentType: call.contentType,
      }),
      body: call.body,
      // Bytes alone say little: whoever reads the answer has stricter timers.
      timeouts: { headersMs, idleMs: Math.max(idleMs, firstContentMs) },
      ...(fresh ? { fresh } : {}),
    },
    signal,
  );
}

/** An answer with a status that is not 2xx. */
async function refused(job: Job, target: Target, response: UpstreamResponse): Promise<AttemptResult> {
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
  const decoded = job.deps.protocol(target.surface.protocol).decodeError(status, text);
  const wait = retryAfterMs(headers, job.deps.now()) ?? decoded.retryAfterMs;
  const error: PivotError = { ...decoded, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  const say = headers['x-should-retry'];
  const translated = isTranslated(job, target);
  const repair = translated ? repairFor(error) : null;
  return failed(translated ? foreignError(error, job.inbound.protocol) : error, {
    shouldRetry: say === 'true' ? true : say === 'false' ? false : null,
    retryAfter: saneRetryAfter(headers, job.deps.now()),
    ...(repair ? { repair } : {}),
  });
}

/** The header to the letter; null = absent, or it makes no sense. */
function saneRetryAfter({ 'retry-after': header }: IncomingHttpHeaders, now: number): string | null {
  return header !== undefined && retryAfterMs({ 'retry-after': header }, now) !== undefined ? header : null;
}

/** A refused key is a problem that only the user can fix: the provider's 401 never reaches an agent, which would retry it. */
function keyRefused(job: Job, target: Target, error: PivotError): PivotError {
  return {
    kind: 'config',
    status: 400,
    code: 'key_refused',
    message: `unorouter: ${target.provider.id} refused the key (${error.status}: ${oneLine(error.message)}). Run: ${job.deps.prefix} keys add ${target.provider.id}`,
  };
}

/** An account without quota or credit: which one it is, and the provider's words. */
function quotaUsedUp(_job: Job, target: Target, error: PivotError): PivotError {
  const { id } = target.provider;
  return {
    ...error,
    message: `unorouter: ${id}: the account has no quota or credit left (${error.status}: ${oneLine(error.message)}). Top it up there, or ask for a model of another provider`,
  };
}

/** Failures that only the user can mend, in words that say how. */
const FOR_PEOPLE: Partial<
  Record<PivotError['kind'], (job: Job, target: Target, error: PivotError) => PivotError>
> = { auth: keyRefused, quota: quotaUsedUp };
