import type { PivotError } from '../pivot/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Target } from '../router/index.ts';
import { answerHeaders, type UpstreamResponse } from '../upstream/index.ts';
import { exchangeHeaders } from './answer-head.ts';
import { type AttemptResult, describe, encodeContext, failed, failedBy, type Job } from './job.ts';
import { emptyReading } from './reading.ts';
import { createPassRoad, type Road } from './road.ts';
import { passStream, type StreamEnd } from './stream.ts';
import { createTranslateRoad } from './translate/road.ts';
import type { Translation } from './translate/translation.ts';
import type { Inbound } from './types.ts';
import { settledCost, settleUsage, usageRequest } from './usage.ts';
import { usageOnly } from './usage-only.ts';
import { collect, type Form, readGenerated, reformed, retold, type WholeAnswer } from './whole.ts';

/** Endpoints whose answers are generated text in the protocol's own shape. */
const GENERATES: ReadonlySet<Inbound['endpoint']> = new Set<Inbound['endpoint']>(['generate']);

/** How an answer is carried to the client: as it is (perhaps without the usage frame), or translated. */
export interface Carriage {
  dropUsageFrame?: boolean;
  translation?: Translation;
}

/** Chooses how an accepted answer is read, by endpoint and content type. */
export function readAnswer(
  job: Job,
  target: Target,
  response: UpstreamResponse,
  how: Carriage,
): Promise<AttemptResult> {
  const contentType = String(response.headers['content-type'] ?? '');
  const generates = GENERATES.has(job.inbound.endpoint);
  const protocol = job.deps.protocol(target.surface.protocol);
  if (/event-stream/i.test(contentType) && !generates) {
    return streamed(job, response, how, passing(job, usageOnly(protocol), how, true), true);
  }
  // Gemini's array streams are JSON by their content type.
  const jsonStream = !how.translation && encodeContext(job).array;
  if (generates && job.inbound.stream && (jsonStream || !/json/i.test(contentType))) {
    const { translation } = how;
    const road = translation ? createTranslateRoad(translation) : passing(job, protocol, how, false);
    return streamed(job, response, how, road, false);
  }
  return generates || /json/i.test(contentType)
    ? whole(job, target, response, how)
    : passRest(job, response, null);
}

function passing(job: Job, protocol: Protocol, how: Carriage, unread: boolean): Road {
  return createPassRoad({
    protocol,
    dropUsageFrame: how.dropUsageFrame ?? false,
    unread,
    errorFrame: (error) => protocol.encodeStreamError(error, encodeContext(job)),
  });
}

/** The answer's own headers; of a translated one those that describe its body do not hold. */
function headersOf(response: UpstreamResponse, { translation }: Carriage): Record<string, string> {
  const headers = answerHeaders(response.headers);
  if (!translation) return headers;
  const { 'content-type': _type, 'content-disposition': _disposition, ...rest } = headers;
  return rest;
}

/** The content type of a generated stream to this client. */
function streamType(job: Job): string {
  return encodeContext(job).array ? 'application/json' : 'text/event-stream; charset=utf-8';
}

async function streamed(
  job: Job,
  response: UpstreamResponse,
  how: Carriage,
  road: Road,
  commitAtOnce: boolean,
): Promise<AttemptResult> {
  const { client, exchange, deps } = job;
  const end: StreamEnd = await passStream({
    road,
    response,
    client,
    commitAtOnce,
    commit: () =>
      client.head(how.translation ? 200 : response.status, {
        ...headersOf(response, how),
        ...(how.translation ? { 'content-type': streamType(job) } : {}),
        ...exchangeHeaders(exchange, false),
      }),
    onContent() {
      exchange.ttftMs = Math.round(job.elapsed());
      deps.recorder.update(exchange);
    },
    onProgress(reading) {
      const soFar = settleUsage(reading, usageRequest(job), false);
      exchange.usage = soFar.usage;
      exchange.usageSource = soFar.source;
      deps.recorder.update(exchange);
    },
    describe: (error) => describe(error, job),
  });
  if (end.type === 'failed') return failed(end.error);
  return { type: 'answered', cut: end.cut, reading: end.reading };
}

const TOO_LARGE: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the answer is too large to be translated',
};

/** A whole answer: read, priced, sent. Large or binary ones pass as they come. */
async function whole(
  job: Job,
  target: Target,
  response: UpstreamResponse,
  how: Carriage,
): Promise<AttemptResult> {
  const protocol = job.deps.protocol(target.surface.protocol);
  const contentType = String(response.headers['content-type'] ?? '');
  let collected: { bytes: Buffer; complete: boolean };
  try {
    collected = await collect(response);
  } catch (error) {
    return failedBy(error, job);
  }
  if (!collected.complete) {
    if (!how.translation) return passRest(job, response, collected.bytes);
    response.body.abort();
    return failed(TOO_LARGE, { shouldRetry: false });
  }
  const answer = readWhole(job, protocol, collected.bytes, contentType);
  if ('kind' in answer) return failed(answer);
  const settled = settleUsage(answer.reading, usageRequest(job), true);
  job.exchange.cost = await settledCost(job, target, settled);
  sendWhole(job, response, how, formOf(job, protocol, answer, contentType, how));
  return { type: 'answered', cut: null, reading: answer.reading };
}

/** The answer as the client asked for it. */
function formOf(
  job: Job,
  protocol: Protocol,
  answer: WholeAnswer,
  contentType: string,
  { translation }: Carriage,
): Form {
  const { stream } = job.inbound;
  if (!translation) return reformed(answer, { stream, contentType }, protocol, encodeContext(job));
  const events = (answer.events ?? []).map((event) => translation.tell(event));
  return retold(events, stream, translation.client, translation.context);
}

function sendWhole(job: Job, response: UpstreamResponse, how: Carriage, form: Form): void {
  const { exchange, client } = job;
  exchange.ttftMs = Math.round(job.elapsed());
  client.head(response.status, {
    ...headersOf(response, how),
    ...(form.contentType === '' ? {} : { 'content-type': form.contentType }),
    ...exchangeHeaders(exchange, true),
    'content-length': String(form.bytes.length),
  });
  client.write(form.bytes);
  client.end();
}

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
  return { bytes, events: null, reading: { ...emptyReading(), ended: true, usage } };
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
      resolve({ type: 'answered', cut, reading: { ...emptyReading(), ended: cut === null } });
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
