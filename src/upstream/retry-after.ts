import type { IncomingHttpHeaders } from 'node:http';

/** A year: anything longer is nonsense. */
const ABSURD_MS = 365 * 24 * 3600 * 1000;

/**
 * How long an upstream asks to wait, in ms: `retry-after-ms`, then `retry-after` in seconds or as a date (RFC 9110
 * 10.2.3). Negative, unreadable and absurd values are as if absent.
 */
export function retryAfterMs(headers: IncomingHttpHeaders, now: number): number | undefined {
  // An empty header is no number, whatever Number() says.
  const ms = sane(Number(headers['retry-after-ms'] || Number.NaN));
  if (ms !== undefined) return ms;
  const text = headers['retry-after'];
  if (text === undefined || text.trim() === '') return undefined;
  const seconds = Number(text);
  return Number.isNaN(seconds) ? sane(Date.parse(text) - now) : sane(seconds * 1000);
}

function sane(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= 0 && ms <= ABSURD_MS ? ms : undefined;
}
