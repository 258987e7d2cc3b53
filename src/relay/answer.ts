import type { PivotError } from '../pivot/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Target } from '../router/index.ts';
import { answerHeaders, type UpstreamResponse } from '../upstream/index.ts';
import { exchangeHeaders } from './answer-head.ts';
import { bill, noteSoFar } from './bill.ts';
import { type AttemptResult, describe, encodeContext, failed, failedBy, type Job, masked } from './job.ts';
import { emptyReading } from './reading.ts';
import { createPassRoad, type Road } from './road.ts';
import { KEEP_ALIVE } from './signs.ts';
import { passStream, type StreamEnd, type StreamPass } from './stream.ts';
import { createTranslateRoad } from './translate/road.ts';
import type { Translation } from './translate/translation.ts';
import type { Inbound } from './types.ts';
import { settleUsage } from './usage.ts';
import { usageOnly } from './usage-only.ts';
import { pipeWatched } from './watch.ts';
import { asUtf8, collect, type Form, readGenerated, reformed, retold, type WholeAnswer } from './whole.ts';

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
    return streamed(job, target, response, how, passing(job, usageOnly(protocol), how), true);
  }
  if (generates && job.inbound.stream) keepAlive(job, response, how);
  // Gemini's array streams are JSON by their content type.
  const jsonStream = !how.translation && encodeContext(job).array;
  if (generates && job.inbound.stream && (jsonStream || !/json/i.test(contentType))) {
    const { translation } = how;
    const road = translation ? createTranslateRoad(translation) : passing(job, protocol, how);
    return streamed(job, target, response, how, road, false);
  }
  return generates || /json/i.test(contentType)
    ? whole(job, target, response, how)
    : passRest(job, target, response, null);
}

/**
 * While a stream gives nothing worth keeping, its client hears that we are alive. That sends the head, but nothing of the
 * answer: another attempt is still possible (rule R8b).
 */
function keepAlive(job: Job, response: UpstreamResponse, how: Carriage): void {
  const { client, inbound, exchange } = job;
  client.keepAlive({
    frame: KEEP_ALIVE[inbound.protocol],
    head: () =>
      client.head(200, {
        ...headersOf(response, how),
        'content-type': streamType(job),
        ...exchangeHeaders(exchange, false),
      }),
  });
}

function passing(job: Job, protocol: Protocol, how: Carriage): Road {
  return createPassRoad({
    protocol,
    dropUsageFrame: how.dropUsageFrame ?? false,
    errorFrame: (error) => protocol.encodeStreamError(masked(error, job), encodeContext(job)),
    mask: job.deps.mask,
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

/** The clock and the limits of the attempt that runs. */
function timesOf(job: Job, target: Target): StreamPass['times'] {
  return {
    timeouts: job.deps.timeouts(target),
    startedMs: job.exchange.attempts.at(-1)?.startedMs ?? 0,
    now: () => job.elapsed(),
  };
}

async function streamed(
  job: Job,
  target: Target,
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
    times: timesOf(job, target),
    requestBytes: job.inbound.bytes.length,
    commitAtOnce,
    commit() {
      // The upstream's own signs of life pass; a translated stream has none.
      if (!how.translation) client.keepAlive(null);
      client.head(how.translation ? 200 : response.status, {
        // An upstream says this itself, unless it says nothing or speaks another protocol.
        'content-type': streamType(job),
        ...headersOf(response, how),
        ...exchangeHeaders(exchange, false),
      });
    },
    onContent() {
      exchange.ttftMs = Math.round(job.elapsed());
      deps.recorder.update(exchange);
    },
    onProgress: (reading) => void noteSoFar(job, target, reading).catch((bug) => deps.onBug?.(bug)),
    describe: (error) => describe(error, job),
  });
  if (end.type === 'failed') return { ...failed(end.error), reading: end.reading };
  return { type: 'answered', cut: end.cut, reading: end.reading, left: end.left };
}

const TOO_LARGE: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the answer is too large to be put into the form that was asked for',
};

/** A whole answer: read, priced, sent. Large or binary ones pass as they come. */
async function whole(
  job: Job,
  target: Target,
  response: UpstreamResponse,
  how: Carriage,
): Promise<AttemptResult> {
  const protocol = how.translation?.upstream ?? job.deps.protocol(target.surface.protocol);
  const contentType = String(response.headers['content-type'] ?? '');
  let collected: { bytes: Buffer; complete: boolean };
  try {
    collected = await collect(response, timesOf(job, target));
  } catch (error) {
    return failedBy(error, job);
  }
  if (!collected.complete) {
    // Events are no answer to who asked for JSON, however many there are.
    if (!how.translation && !/event-stream/i.test(contentType))
      return passRest(job, target, response, collected.bytes);
    response.body.abort();
    return failed(TOO_LARGE, { shouldRetry: false });
  }
  const bytes = /json|event-stream/i.test(contentType) ? asUtf8(collected.bytes) : collected.bytes;
  const answer = readWhole(job, protocol, bytes, contentType);
  if ('kind' in answer) return failed(answer);
  const attempt = job.exchange.attempts.at(-1);
  if (attempt) await bill(job, target, attempt, settleUsage(answer.reading, job, true));
  const left = job.client.signal.aborted;
  sendWhole(job, response, how, formOf(job, protocol, answer, contentType, how));
  return { type: 'answered', cut: null, reading: answer.reading, left, billed: true };
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
    'content-length': String(form.bytes.length),
    ...exchangeHeaders(exchange, true),
    ...headersOf(response, how),
    ...(form.contentType === '' ? {} : { 'content-type': form.contentType }),
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
function passRest(
  job: Job,
  target: Target,
  response: UpstreamResponse,
  early: Buffer | null,
): Promise<AttemptResult> {
  const { client } = job;
  client.keepAlive(null);
  client.head(response.status, {
    ...answerHeaders(response.headers),
    ...exchangeHeaders(job.exchange, false),
  });
  if (early) client.write(early);
  return new Promise((resolve) => {
    const end = (cut: PivotError | null): void => {
      const left = client.signal.aborted;
      client.end();
      resolve({ type: 'answered', cut, reading: { ...emptyReading(), ended: cut === null }, left });
    };
    const watch = pipeWatched(response.body, timesOf(job, target), {
      data(chunk) {
        if (client.signal.aborted) return;
        client.write(chunk);
        if (!client.full()) return;
        watch.hold();
        response.body.pause();
        client.onDrain(() => {
          watch.release();
          response.body.resume();
        });
      },
      end: () => end(null),
      error: (error) => end(describe(error, job)),
    });
    if (early) response.body.resume();
  });
}
