import type { Attempt } from '../exchange.ts';
import type { PivotError } from '../pivot/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Target } from '../router/index.ts';
import { requestHeaders, retryAfterMs, type UpstreamResponse } from '../upstream/index.ts';
import { readAnswer } from './answer.ts';
import { editRequest } from './edits.ts';
import { type AttemptResult, failed, failedBy, type Job, masked } from './job.ts';
import { collectText } from './whole.ts';

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
    return failedBy(error, job);
  }
  attempt.status = response.status;
  const result =
    response.status < 200 || response.status >= 300
      ? await refused(job, target, protocol, response)
      : await readAnswer(job, target, protocol, response, edited.dropUsageFrame);
  if (result.type === 'answered') return result;
  const error = masked(result.failure.error, job);
  return {
    type: 'failed',
    failure: { ...result.failure, error: error.kind === 'auth' ? keyRefused(job, target, error) : error },
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
  const error: PivotError = { ...decoded, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  const say = headers['x-should-retry'];
  return failed(error, {
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
