import type { ProtocolId } from '../../../src/protocols/protocol.ts';
import type { Seen } from './client.ts';
import { type Expectation, type Range, SAYINGS } from './expectation.ts';
import { type ErrorSeen, type Reading, read } from './reading.ts';

/** What the ledger has of an exchange, as far as it is judged. */
export interface Row {
  asked: string;
  outcome: string;
  status: number | null;
  usage: Record<string, number | null>;
  usageSource: string;
  attempts: { status: number | null; failure?: string | null; billable?: string; waitedMs?: number }[];
}

/** Attempts over a kept connection that was dead already are repeated at once, and belong to no count (row 8). */
const stale = (row: Row | undefined): number =>
  row?.attempts.filter(({ failure }) => failure === 'stale').length ?? 0;

/** What came of one call. */
export interface Outcome {
  client: ProtocolId;
  stream: boolean;
  seen: Seen;
  /** Requests that the upstream saw. */
  calls: number;
  /** Rows of this exchange. */
  rows: readonly Row[];
  /** What the upstream said and counted, where that is known. */
  said?: string;
  served?: { input: number; output: number } | null;
}

/** Seconds of a `retry-after`; a date is taken as it is, for it was in the future when it was written. */
const seconds = (header: string | undefined, [from, to]: Range): number =>
  header !== undefined && !Number.isNaN(Date.parse(header)) && !/^-?\d+$/.test(header)
    ? (from + to) / 2
    : Number(header ?? Number.NaN);
const within = (value: number, [from, to]: Range): boolean => value >= from && value <= to;
const says = (problem: false | string): string[] => (problem === false ? [] : [problem]);

function terminal(reading: Reading, must: Expectation): string[] {
  const wanted = must.client === 'ok' ? [1, 0] : [0, 1];
  const [ends, errors] = [reading.ends, reading.errors.length];
  return says(
    (ends !== wanted[0] || errors !== wanted[1]) &&
      `${ends} ends and ${errors} errors instead of ${wanted[0]} and ${wanted[1]}`,
  );
}

/** A Responses stream hears of what only its user can fix inside a 200, because Codex shows only that. */
const toldInside = ({ client, stream }: Outcome, { says: words }: Expectation): boolean =>
  client === 'openai-responses' && stream && (words?.includes('key-refused') ?? false);

function status(outcome: Outcome, must: Expectation): string[] {
  const { status: seen } = outcome.seen;
  const allowed =
    must.client !== 'E0' || toldInside(outcome, must)
      ? [200]
      : (must.says ?? []).flatMap((word) => [...SAYINGS[word][outcome.client].status]);
  return says(
    !allowed.includes(seen ?? 0) && `status ${seen} instead of ${[...new Set(allowed)].join(' or ')}`,
  );
}

function shape(outcome: Outcome, reading: Reading, must: Expectation): string[] {
  const wanted = outcome.stream && (must.client !== 'E0' || toldInside(outcome, must)) ? 'events' : 'json';
  const [error] = reading.errors;
  return [
    ...says(reading.form !== wanted && `the answer is ${reading.form}, not ${wanted}`),
    ...says(reading.broken > 0 && `${reading.broken} events that are not JSON`),
    ...says(outcome.seen.end !== 'whole' && 'the connection was cut'),
    ...says(reading.starts > 1 && `${reading.starts} start events`),
    ...says(
      Buffer.from(outcome.seen.bytes.toString('utf8')).compare(outcome.seen.bytes) !== 0 && 'not UTF-8',
    ),
    ...(error ? errorShape(outcome, error, must) : []),
  ];
}

function errorShape({ client }: Outcome, error: ErrorSeen, must: Expectation): string[] {
  const words = (must.says ?? []).map((word) => SAYINGS[word][client].word);
  return [
    ...error.faults,
    ...says(error.message === '' && 'an error without a message'),
    ...says(/<html|<title/i.test(error.message) && 'HTML in the message'),
    ...says(
      words.length > 0 && !words.some((word) => word.test(error.words)) && `the error is "${error.words}"`,
    ),
  ];
}

function headers({ seen, rows }: Outcome, must: Expectation): string[] {
  const wait = seen.headers['retry-after'];
  const { retryAfter: range } = must;
  const attempts = seen.headers['x-unorouter-attempts'];
  return [
    ...says(must.final === true && seen.headers['x-should-retry'] !== 'false' && 'no x-should-retry: false'),
    ...says(range === null && wait !== undefined && `retry-after: ${wait}`),
    ...says(
      Boolean(range) && !within(seconds(wait, range ?? [0, 0]), range ?? [0, 0]) && `retry-after: ${wait}`,
    ),
    ...says(seen.headers['x-unorouter-id'] === undefined && 'no x-unorouter-id'),
    ...says(
      must.client === 'E0' &&
        Number(attempts) !== (rows[0]?.attempts.length ?? 0) &&
        `x-unorouter-attempts: ${attempts}`,
    ),
  ];
}

function ledger(outcome: Outcome, must: Expectation): string[] {
  const { rows, served } = outcome;
  const [row] = rows;
  if (!row || rows.length !== 1) return [`${rows.length} rows`];
  const last = row.attempts.at(-1)?.billable ?? '';
  const counts = must.counts ?? (must.client === 'ok' && must.usage[0] === 'reported' ? served : undefined);
  const waited = row.attempts[1]?.waitedMs ?? 0;
  return [
    ...says(row.outcome !== must.outcome && `outcome ${row.outcome} instead of ${must.outcome}`),
    ...says(
      !must.usage.includes(row.usageSource) &&
        `usage ${row.usageSource} instead of ${must.usage.join(' or ')}`,
    ),
    ...says(
      must.billable !== undefined &&
        !must.billable.includes(last) &&
        `billable ${last}, not ${must.billable}`,
    ),
    ...says(
      !within(row.attempts.length - stale(row), must.attempts ?? must.calls) &&
        `${row.attempts.length} attempts in the row`,
    ),
    ...says(
      row.status !== outcome.seen.status && `status ${row.status} in the row, ${outcome.seen.status} seen`,
    ),
    ...says(
      Boolean(counts) &&
        (row.usage.input !== counts?.input || row.usage.output !== counts?.output) &&
        `${row.usage.input}/${row.usage.output} tokens instead of ${counts?.input}/${counts?.output}`,
    ),
    ...says(
      must.waited !== undefined &&
        !within(waited, must.waited) &&
        `waited ${waited} ms before the second attempt`,
    ),
  ];
}

/** The text that came, as far as the upstream finished it. Spoiled bytes are shown by U+FFFD. */
function text(outcome: Outcome, reading: Reading, must: Expectation): string[] {
  const { said } = outcome;
  if (must.client !== 'ok' || said === undefined || said === '') return [];
  const came = reading.text.replace(/\ufffd.*\ufffd/s, 'XX');
  return says(came !== said && `the text is "${came.slice(0, 60)}" instead of "${said.slice(0, 60)}"`);
}

function differences(outcome: Outcome, reading: Reading, must: Expectation): string[] {
  return [
    ...status(outcome, must),
    ...terminal(reading, must),
    ...shape(outcome, reading, must),
    ...text(outcome, reading, must),
    ...headers(outcome, must),
    // Whether the upstream saw what was written to a dead connection is the system's affair.
    ...says(
      !within(outcome.calls, [must.calls[0], must.calls[1] + stale(outcome.rows[0])]) &&
        `${outcome.calls} calls instead of ${must.calls.join(' to ')}`,
    ),
    ...ledger(outcome, must),
  ];
}

/** In what a call differs from what must come of it; empty = in nothing. Of several expectations the nearest counts. */
export function judge(outcome: Outcome, must: Expectation | readonly Expectation[]): string[] {
  const reading = read(outcome.client, outcome.seen);
  const all = [must].flat().map((one) => differences(outcome, reading, one as Expectation));
  return all.sort((a, b) => a.length - b.length)[0] ?? [];
}
