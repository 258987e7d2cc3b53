import type { JsonObject } from './json.ts';
import type { Loss, Origin, PivotRequest } from './request.ts';

/**
 * Fields that change no answer (who asks, how the stream is cut), whatever wire they are of. They stay with their own
 * wire, some because they are personal, and nobody misses them elsewhere.
 */
const QUIET: ReadonlySet<string> = new Set([
  'metadata',
  'user',
  'safety_identifier',
  'client_metadata',
  'stream_options',
  'labels',
]);

/** The verbosity that answers have when nobody asks for one: nothing is lost without it. */
export const USUAL_VERBOSITY = 'medium';

/** A loss for a wire that cannot be told how wordy to be. */
export function verbosityLoss({ verbosity }: PivotRequest, wire: Origin): Loss[] {
  const usual = verbosity === undefined || verbosity === USUAL_VERBOSITY;
  return usual ? [] : [{ what: 'verbosity', why: `${wire} has no word for it` }];
}

/** The fields that a request's own wire gets back; none for another wire. */
export function vendorFields(request: PivotRequest, wire: Origin): JsonObject {
  return request.vendor?.origin === wire ? request.vendor.fields : {};
}

/** A loss for each field that only the client's wire knows and whose absence may be felt. */
export function vendorLosses(request: PivotRequest, wire: Origin): Loss[] {
  const { vendor } = request;
  if (!vendor || vendor.origin === wire) return [];
  return Object.keys(vendor.fields)
    .filter((what) => !QUIET.has(what))
    .map((what) => ({ what, why: `only ${vendor.origin} knows it` }));
}
