import type { Attempt } from '../exchange.ts';
import type { FailureKind, PivotError } from '../pivot/index.ts';
import { exchangeHeaders, headerText } from './answer-head.ts';
import { totalBill } from './bill.ts';
import type { AttemptFailure } from './decide.ts';
import { encodeContext, type Job } from './job.ts';
import { oneLine } from './one-line.ts';

/** What is wrong with a provider, in words. Kinds that are not here are problems of the request or of the user. */
const TROUBLE: Partial<Record<FailureKind, string>> = {
  overloaded: 'is overloaded',
  'rate-limit': 'limits the rate',
  network: 'is in trouble',
  timeout: 'did not answer in time',
  malformed: 'gave no usable answer',
};
/** Kinds by which the upstream asks to come back later: its own header is passed on. */
const LATER: ReadonlySet<FailureKind> = new Set<FailureKind>(['rate-limit', 'overloaded']);
/** Kinds whose own words say best what to do, however many targets were tried before. */
const OWN_WORDS: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'bad-request',
  'context-too-long',
  'client',
  'internal',
]);

/** Every attempt failed and nothing was sent: the last word, in the client's own protocol. `failures` = all of them, in the order they came. */
export function refuse(job: Job, last: AttemptFailure, failures: readonly AttemptFailure[]): void {
  const { exchange, client, inbound, deps } = job;
  const error = lastWord(job, failures, last);
  const protocol = deps.protocol(inbound.protocol);
  const ended = {
    outcome: 'error',
    errorCode: oneLine(error.code ?? error.kind),
    errorMessage: oneLine(error.message),
    ...totalBill(exchange.attempts),
  } as const;
  if (client.begun()) {
    // A sign of life was sent already, and with it the status.
    job.ending.settle({ ...ended, status: 200 });
    client.write(Buffer.from(protocol.createEncoder(encodeContext(job)).push({ type: 'error', error })));
    client.end();
    return;
  }
  const encoded = protocol.encodeError(error, { stream: inbound.stream, ...encodeContext(job) });
  job.ending.settle({ ...ended, status: encoded.status });
  client.head(encoded.status, {
    ...encoded.headers,
    ...retryHeaders(job, last, error),
    ...exchangeHeaders(exchange, true),
  });
  client.write(Buffer.from(encoded.body));
  client.end();
}

/** Rule R7: what we tried already, or what stays so, is not to be tried again; when to come back, to the letter. */
function retryHeaders(job: Job, failure: AttemptFailure, error: PivotError): Record<string, string> {
  const tried =
    job.exchange.attempts.length > 1 || failure.shouldRetry === false || error.code === 'tls_untrusted';
  // Our own seconds would be rounded.
  const passed =
    failure.retryAfter !== null && LATER.has(error.kind)
      ? { 'retry-after': headerText(failure.retryAfter) }
      : {};
  return { ...passed, ...(tried ? { 'x-should-retry': 'false' } : {}) };
}

/** One target's own words stay; of several, the client hears what became of all. */
function lastWord(job: Job, failures: readonly AttemptFailure[], last: AttemptFailure): PivotError {
  const { exchange, deps } = job;
  const [first] = exchange.attempts;
  const places = new Set(exchange.attempts.map(({ provider, model }) => `${provider}/${model}`));
  const troubles = failures.filter(({ error }) => TROUBLE[error.kind] !== undefined);
  const told = troubles.includes(last) ? last : troubles.at(-1);
  if (!first || !told || places.size < 2 || OWN_WORDS.has(last.error.kind)) return last.error;
  const { kind, status, retryAfterMs } = told.error;
  const clause = failures[0] ? (TROUBLE[failures[0].error.kind] ?? 'refused') : 'failed';
  const same = failures.every(({ error }) => error.kind === 'overloaded');
  const others = same ? 'and so is every fallback' : 'and every fallback failed, too';
  const seconds = (job.elapsed() / 1000).toFixed(1);
  return {
    kind,
    status,
    code: 'all_upstreams_failed',
    message: `unorouter: ${first.provider} ${clause}, ${others}: tried ${tried(exchange.attempts)}; ${seconds} s in total. Wait and try again, or run: ${deps.prefix} logs show ${exchange.id}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** `anthropic 529 x2, openrouter 503` */
function tried(attempts: readonly Attempt[]): string {
  const counted = new Map<string, number>();
  for (const { provider, status, failure } of attempts) {
    const what = `${provider} ${status !== null && status >= 300 ? status : (failure ?? 'failed')}`;
    counted.set(what, (counted.get(what) ?? 0) + 1);
  }
  return [...counted].map(([what, n]) => (n > 1 ? `${what} x${n}` : what)).join(', ');
}
