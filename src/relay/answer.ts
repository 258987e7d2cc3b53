import type { PivotError } from '../pivot/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Target } from '../router/index.ts';
import { answerHeaders, type UpstreamResponse } from '../upstream/index.ts';
import { exchangeHeaders } from './answer-head.ts';
import { type AttemptResult, describe, encodeContext, failed, failedBy, type Job } from './job.ts';
import { passStream, type StreamEnd } from './stream.ts';
import type { Reading } from './tap.ts';
import type { Inbound } from './types.ts';
import { settledCost, settleUsage } from './usage.ts';
import { usageOnly } from './usage-only.ts';
import { collect, readGenerated, reformed, type WholeAnswer } from './whole.ts';

/** Endpoints whose answers are generated text in the protocol's own shape. */
const GENERATES: ReadonlySet<Inbound['endpoint']> = new Set<Inbound['endpoint']>(['generate']);

/** Chooses how an accepted answer is read, by endpoint and content type. */
export function readAnswer(
  job: Job,
  target: Target,
  protocol: Protocol,
  response: UpstreamResponse,
  dropUsageFrame: boolean,
): Promise<AttemptResult> {
  const contentType = String(response.headers['content-type'] ?? '');
  const generates = GENERATES.has(job.inbound.endpoint);
  if (/event-stream/i.test(contentType) && !generates) {
    return streamed(job, usageOnly(protocol), response, { dropUsageFrame, commitAtOnce: true });
  }
  // Gemini's array streams are JSON by their content type.
  const jsonStream = job.inbound.protocol === 'gemini' && encodeContext(job).array;
  if (generates && job.inbound.stream && (jsonStream || !/json/i.test(contentType))) {
    return streamed(job, protocol, response, { dropUsageFrame, commitAtOnce: false });
  }
  return generates || /json/i.test(contentType)
    ? whole(job, target, protocol, response)
    : passRest(job, response, null);
}

async function streamed(
  job: Job,
  protocol: Protocol,
  response: UpstreamResponse,
  how: { dropUsageFrame: boolean; commitAtOnce: boolean },
): Promise<AttemptResult> {
  const { client, exchange, deps } = job;
  const end: StreamEnd = await passStream({
    protocol,
    response,
    client,
    ...how,
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
  if (end.type === 'failed') return failed(end.error);
  return { type: 'answered', cut: end.cut, reading: end.reading };
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
    return failedBy(error, job);
  }
  if (!collected.complete) return passRest(job, response, collected.bytes);
  const answer = readWhole(job, protocol, collected.bytes, contentType);
  if ('kind' in answer) return failed(answer);
  const settled = settleUsage(
    answer.reading,
    { bytes: job.inbound.bytes.length, endpoint: job.inbound.endpoint },
    true,
  );
  job.exchange.cost = await settledCost(job, target, settled);
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
  counted: false,
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

/** An answer that is binary or too large to hold: passed on unread, so its tokens stay unknown. `early` = what was read already. */
function passRest(job: Job, response: UpstreamResponse, early: Buffer | null): Promise<AttemptResult> {
  const { client } = job;
  client.head(response.status, {
    ...answerHeaders(response.headers),
    ...exchangeHeaders(job.exchange, false),
  });
  if (early) client.write(early);
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
    if (early) response.body.resume();
  });
}
