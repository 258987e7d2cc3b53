import { cut, type Expectation, type FaultRow, fine, type Range, refused, type Says } from './expectation.ts';

const ONCE: Range = [1, 1];
const THRICE: Range = [3, 3];
/** The table leaves it open whether this is tried again. */
const SOME: Range = [1, 3];

const always = (expectation: Expectation) => () => expectation;
/** One for streams, another (or several, any of which will do) for whole answers. */
const byForm =
  (stream: Expectation | Expectation[], whole: Expectation | Expectation[]): FaultRow['must'] =>
  (asked) =>
    asked.stream ? stream : whole;

/** Refused by a status, once; nothing can have been billed. */
const permanent = (says: Says, more: Partial<Expectation> = {}): FaultRow['must'] =>
  always(refused(says, ONCE, { billable: ['no'], final: true, ...more }));
/** Tried three times; then said to be final, so that the client does not do it all again. */
const retried = (says: Says | Says[], more: Partial<Expectation> = {}): FaultRow['must'] =>
  always(refused(says, THRICE, { final: true, ...more }));

const SILENT = refused('timeout', SOME, { billable: ['maybe'] });
const UNREADABLE = refused(['malformed', 'unreachable'], SOME);
/** An answer that breaks off in the middle: an error event in a stream, an error where nothing of it was sent yet. */
const broken = byForm(cut(), [UNREADABLE, refused(['overloaded', 'error-in-200'], SOME)]);

/** 5.1: the connection. Rows 1 to 5 need no fault of the provider's and have tests of their own. */
const CONNECTION: readonly FaultRow[] = [
  // The same socket may have carried another request: one more call of the transport's own.
  {
    row: '6',
    fault: 'reset-headers',
    must: always(refused('unreachable', [2, 3], { billable: ['maybe'], final: true })),
  },
  {
    row: '7',
    fault: 'fin-headers',
    must: always(refused('unreachable', [2, 3], { billable: ['maybe'], final: true })),
  },
  { row: '9', fault: 'hang-headers', quick: true, must: always(SILENT) },
  { row: '10', fault: 'slow-headers:200', must: always(fine()) },
  { row: '12', fault: 'slow-read', must: always(fine()) },
  { row: '13', fault: 'http10', must: always(fine()) },
  { row: '14', fault: 'early-hints', must: always(fine()) },
  { row: '-', fault: 'half-close', must: always(fine()) },
];

const NOT_REPORTED: Expectation = fine({ usage: ['estimated'] });
/** Messages tells the prompt's tokens at the start of a stream. */
const COUNTED_IN_PART: Expectation = fine({ usage: ['estimated', 'partial'] });
const uncounted: FaultRow['must'] = ({ upstream, stream }) =>
  upstream === 'anthropic-messages' && stream ? COUNTED_IN_PART : NOT_REPORTED;

/** 5.2: the stream. */
const STREAM: readonly FaultRow[] = [
  { row: '15', fault: 'hang-first-token', quick: true, must: always(SILENT) },
  { row: '16', fault: 'ping-only', quick: true, must: always(SILENT) },
  { row: '17', fault: 'hang-midstream', quick: true, must: byForm(cut({ says: ['timeout'] }), SILENT) },
  { row: '18', fault: 'reset-midstream', must: broken },
  { row: '19', fault: 'fin-midstream', must: broken },
  { row: '20', fault: 'end-no-done', must: broken },
  {
    row: '21',
    fault: 'end-no-done-mark',
    // Responses' finish is its end marker, and Gemini's is in its last frame: without it they are cut.
    must: ({ upstream, stream }) =>
      stream && (upstream === 'openai-responses' || upstream === 'gemini') ? cut() : [fine(), UNREADABLE],
  },
  { row: '22', fault: 'cut-event', must: broken },
  { row: '23', fault: 'hang-after-end', quick: true, must: byForm(fine(), [fine(), SILENT]) },
  { row: '24', fault: 'tool-reset', must: broken },
  { row: '25', fault: 'drip', must: always(fine()) },
  { row: '26', fault: 'sse-error-first', must: retried('overloaded') },
  {
    row: '27',
    fault: 'sse-error-mid',
    must: byForm(cut({ says: ['overloaded'] }), [UNREADABLE, refused('overloaded', SOME)]),
  },
  { row: '28', fault: 'bad-json', must: broken },
  { row: '29', fault: 'invalid-utf8', must: always(fine()) },
  { row: '30', fault: 'split-utf8', must: always(fine()) },
  { row: '31', fault: 'sse-odd', must: always(fine()) },
  { row: '32', fault: 'giant-line:10', only: 'stream', must: always(fine()) },
  // Nothing of an answer was seen, so it may still be an error with a status.
  {
    row: '33',
    fault: 'no-newline',
    must: byForm([cut({ usage: ['partial', 'estimated', 'none'] }), refused('malformed', SOME)], UNREADABLE),
  },
  { row: '35', fault: 'json-for-stream', must: always(fine()) },
  { row: '35', fault: 'sse-for-json', must: always(fine()) },
  { row: '36', fault: 'gzip-sse', must: always(fine()) },
  { row: '36', fault: 'bad-gzip', must: always(UNREADABLE) },
  { row: '36', fault: 'bomb-gzip', must: always(UNREADABLE) },
  { row: '37', fault: 'no-usage', must: uncounted },
  { row: '37', fault: 'zero-usage', must: always(fine({ counts: { input: 0, output: 0 } })) },
  { row: '37', fault: 'dup-usage', must: always(fine()) },
  { row: '37', fault: 'bad-usage', must: uncounted },
  { row: '37', fault: 'text-usage', must: uncounted },
  { row: '-', fault: 'long:40', must: always(fine()) },
  { row: '-', fault: 'ok', must: always(fine()) },
];

/** 5.3: the status. */
const STATUS: readonly FaultRow[] = [
  {
    row: '38',
    fault: '429-seconds:1',
    must: retried('rate-limit', { retryAfter: [1, 1], waited: [1000, 1000] }),
  },
  { row: '38', fault: '429-date:2', must: retried('rate-limit', { retryAfter: [0, 2], waited: [1, 2000] }) },
  {
    row: '38',
    fault: '429-ms:300',
    must: retried('rate-limit', { retryAfter: [1, 30], waited: [300, 300] }),
  },
  {
    row: '39',
    fault: '429-long',
    must: always(refused(['rate-limit', 'quota'], ONCE, { billable: ['no'], retryAfter: [86_400, 86_400] })),
  },
  { row: '40', fault: '429-junk', must: retried('rate-limit', { retryAfter: null }) },
  { row: '40', fault: '429-none', must: retried('rate-limit', { retryAfter: null }) },
  { row: '41', fault: '429-quota', must: permanent('quota', { retryAfter: [61, 366 * 86_400] }) },
  { row: '41', fault: '429-spend', must: permanent('quota', { retryAfter: [61, 366 * 86_400] }) },
  { row: '42', fault: '500', must: retried('server-error', { billable: ['no'] }) },
  { row: '42', fault: '503', must: retried('overloaded', { billable: ['no'], waited: [1000, 1000] }) },
  { row: '42', fault: '504', must: retried('timeout') },
  { row: '42', fault: '529', must: retried('overloaded', { billable: ['no'] }) },
  { row: '42', fault: '408', must: retried('request-timeout') },
  { row: '42', fault: '409', must: retried('conflict') },
  { row: '43', fault: '500-then-ok:1', must: always(fine({ calls: [2, 2] })) },
  { row: '43', fault: '529-then-ok:1', must: always(fine({ calls: [2, 2] })) },
  { row: '43', fault: '429-then-ok:1', must: always(fine({ calls: [2, 2] })) },
  { row: '44', fault: '502-html', must: retried(['unreachable', 'malformed'], { billable: ['no'] }) },
  // A translated request may be mended once by what its refusal names (`max_tokens`).
  {
    row: '45',
    fault: '400',
    must: ({ client, upstream }) =>
      refused('bad-request', client === upstream ? ONCE : [1, 2], { billable: ['no'], final: true }),
  },
  { row: '45', fault: '404', must: permanent('not-found') },
  { row: '45', fault: '413', must: permanent('too-large') },
  { row: '45', fault: '400-context', must: permanent('context') },
  { row: '46', fault: '401', must: permanent('key-refused') },
  { row: '46', fault: '403', must: permanent('key-refused') },
  { row: '41', fault: '402', must: permanent('quota') },
  { row: '47', fault: 'redirect', must: always(refused('malformed', ONCE)) },
  { row: '47', fault: 'redirect-meta', must: always(refused('malformed', ONCE)) },
  { row: '48', fault: '200-error-json', must: retried('error-in-200') },
  { row: '48', fault: '200-html', must: retried('malformed') },
  { row: '48', fault: '200-empty', must: retried('malformed') },
  { row: '48', fault: '204', must: retried('malformed') },
  { row: '49', fault: 'truncated-json', must: always({ ...UNREADABLE, billable: ['maybe'] }) },
  { row: '49', fault: 'dup-length', must: always({ ...UNREADABLE, billable: ['maybe'] }) },
  { row: '49', fault: 'bad-chunk', must: always({ ...UNREADABLE, billable: ['maybe'] }) },
  { row: '49', fault: 'giant-header', must: always({ ...UNREADABLE, billable: ['maybe'] }) },
  { row: '50', fault: 'should-retry-false', must: always(refused('server-error', ONCE, { final: true })) },
  { row: '50', fault: 'should-retry-true', must: retried('bad-request') },
];

/** Which table a test goes through. */
export const TABLES = { connection: CONNECTION, stream: STREAM, status: STATUS } as const;

/** Every row. */
export const ALL_ROWS: readonly FaultRow[] = [...CONNECTION, ...STREAM, ...STATUS];
