import type { ProtocolId } from '../../../src/protocols/protocol.ts';

/** From 0 to 0, from 1 to 3: both ends belong to it. */
export type Range = readonly [number, number];

/** What an error says on each wire: the statuses it may have, and the word for its kind. */
export interface Saying {
  status: readonly number[];
  word: RegExp;
}

type Sayings = Readonly<Record<ProtocolId, Saying>>;

const row = (
  openai: [number | number[], RegExp],
  messages: [number | number[], RegExp],
  gemini: [number | number[], RegExp],
): Sayings => {
  const saying = ([status, word]: [number | number[], RegExp]): Saying => ({
    status: [status].flat(),
    word,
  });
  return {
    'openai-chat': saying(openai),
    'openai-responses': saying(openai),
    'anthropic-messages': saying(messages),
    gemini: saying(gemini),
  };
};

/**
 * How an upstream's failure looks on each wire (the error shapes of the design, sections E0 and E1). A provider's own code
 * is kept on OpenAI's wires, so there the word may be its.
 */
export const SAYINGS = {
  overloaded: row([503, /overloaded|unavailable/i], [529, /^overloaded_error$/], [503, /^UNAVAILABLE$/]),
  'rate-limit': row(
    [429, /rate_limit|RESOURCE_EXHAUSTED/],
    [429, /^rate_limit_error$/],
    [429, /^RESOURCE_EXHAUSTED$/],
  ),
  quota: row(
    [429, /insufficient_quota|quota|billing|spend|rate_limit|RESOURCE_EXHAUSTED/],
    [429, /^(?:rate_limit_error|billing_error)$/],
    [429, /^RESOURCE_EXHAUSTED$/],
  ),
  timeout: row(
    [504, /upstream_timeout|timeout|DEADLINE/],
    [504, /^timeout_error$/],
    [504, /^DEADLINE_EXCEEDED$/],
  ),
  unreachable: row([502, /upstream_unreachable/], [502, /^api_error$/], [503, /^UNAVAILABLE$/]),
  tls: row([502, /tls_/], [502, /^api_error$/], [[502, 503], /^(?:UNAVAILABLE|INTERNAL)$/]),
  malformed: row(
    [502, /upstream_malformed|upstream_cut|server_error/],
    [502, /^api_error$/],
    [[502, 503], /^(?:INTERNAL|UNAVAILABLE)$/],
  ),
  'server-error': row(
    [500, /server_error|internal|upstream/i],
    [500, /^api_error$/],
    [[500, 503], /^(?:INTERNAL|UNAVAILABLE)$/],
  ),
  'error-in-200': row(
    [[500, 502, 503], /server_error|upstream|INTERNAL|overloaded/],
    [[500, 502, 529], /^(?:api_error|overloaded_error)$/],
    [[500, 502, 503], /^(?:INTERNAL|UNAVAILABLE)$/],
  ),
  'bad-request': row([400, /./], [400, /^invalid_request_error$/], [400, /^INVALID_ARGUMENT$/]),
  context: row(
    [400, /context_length_exceeded|INVALID_ARGUMENT/],
    [400, /^invalid_request_error$/],
    [400, /^INVALID_ARGUMENT$/],
  ),
  'not-found': row([404, /./], [404, /^not_found_error$/], [404, /^NOT_FOUND$/]),
  'too-large': row(
    [413, /./],
    [413, /^(?:request_too_large|invalid_request_error)$/],
    [413, /^INVALID_ARGUMENT$/],
  ),
  'request-timeout': row(
    [[408, 504], /./],
    [[408, 504], /^timeout_error$/],
    [[408, 504], /^DEADLINE_EXCEEDED$/],
  ),
  conflict: row([[409, 503], /./], [[409, 529], /./], [[409, 503], /./]),
  // A problem that only the user can fix has its own shapes (a Responses stream is told inside a 200).
  'key-refused': row(
    [400, /key_refused|invalid_prompt/],
    [424, /^invalid_request_error$/],
    [400, /^FAILED_PRECONDITION$/],
  ),
} as const satisfies Record<string, Sayings>;

export type Says = keyof typeof SAYINGS;

/** What must come of one call through the gateway: at the client, at the upstream, in the ledger. */
export interface Expectation {
  /** A normal answer; an error with its own status; an error event in a stream that had begun. */
  client: 'ok' | 'E0' | 'E1';
  /** Any of these; left out for `ok`, or where any error will do. */
  says?: readonly Says[];
  /** Requests that the upstream sees. */
  calls: Range;
  /** Attempts in the row; as many as calls unless said. */
  attempts?: Range;
  outcome: 'ok' | 'error' | 'upstream_cut';
  usage: readonly string[];
  /** Of the last attempt. */
  billable?: readonly string[];
  /** `x-should-retry: false` must be there: we retried already, or it is permanent. */
  final?: boolean;
  /** Seconds in `retry-after`; null = the header must not be there. */
  retryAfter?: Range | null;
  /** Ms that the row says were waited before the second attempt. */
  waited?: Range;
  /** Usage as the row has it. */
  counts?: { input: number; output: number };
}

/** A fault of the table and what must come of it. More than one expectation: any will do. */
export interface FaultRow {
  /** Number in the design's fault table; `-` = not one of its own, but follows from the rules. */
  row: string;
  /** Name and argument: `slow-headers:200`. */
  fault: string;
  /** Asked only in this form; left out = streamed and not. */
  only?: 'stream' | 'whole';
  /** The provider has short timeouts. */
  quick?: true;
  /** By what the upstream was asked for. */
  must(asked: {
    upstream: ProtocolId;
    client: ProtocolId;
    stream: boolean;
  }): Expectation | readonly Expectation[];
}

/** A normal answer at the first call. */
export const fine = (more: Partial<Expectation> = {}): Expectation => ({
  client: 'ok',
  calls: [1, 1],
  outcome: 'ok',
  usage: ['reported'],
  billable: ['yes'],
  ...more,
});

/** An error before anything was sent. */
export const refused = (
  says: Says | readonly Says[],
  calls: Range,
  more: Partial<Expectation> = {},
): Expectation => ({
  client: 'E0',
  says: [says].flat() as Says[],
  calls,
  outcome: 'error',
  usage: ['none'],
  ...more,
});

/** An error in a stream that has begun: one call, the tokens so far on the bill. */
export const cut = (more: Partial<Expectation> = {}): Expectation => ({
  client: 'E1',
  calls: [1, 1],
  outcome: 'upstream_cut',
  usage: ['partial', 'estimated'],
  billable: ['yes'],
  ...more,
});
