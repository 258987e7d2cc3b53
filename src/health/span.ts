/** A span of time that a clock which is set back ends, too. */
export interface Span {
  /** ms since 1970 */
  since: number;
  ms: number;
}

/** Whether it lasts at this moment. */
export function lasts(span: Span | null, now: number): span is Span {
  return span !== null && now >= span.since && now < span.since + span.ms;
}

/** When it ends, ms since 1970. */
export function endOf({ since, ms }: Span): number {
  return since + ms;
}
