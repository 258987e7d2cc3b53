import type { JsonObject } from './json.ts';
import { EARLIER_SOURCES, type Loss, type Origin, type PivotRequest, type TextPart } from './request.ts';

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

/** A loss for each field that only the client's wire knows and whose absence may be felt, and for the sources of its texts. */
export function vendorLosses(request: PivotRequest, wire: Origin): Loss[] {
  const { vendor } = request;
  const fields = !vendor || vendor.origin === wire ? [] : Object.keys(vendor.fields);
  return [
    ...fields
      .filter((what) => !QUIET.has(what))
      .map((what) => ({ what, why: `only ${vendor?.origin} knows it` })),
    ...foreignSources(request, wire),
  ];
}

/** The sources of a text that its own wire gets back; none for another wire. */
export function sourcesAt(wire: Origin, { sources }: TextPart): JsonObject[] {
  return sources?.origin === wire ? sources.values : [];
}

function foreignSources({ messages }: PivotRequest, wire: Origin): Loss[] {
  const origins = messages.flatMap(({ content }) =>
    content.flatMap((part) => (part.type === 'text' && part.sources ? [part.sources.origin] : [])),
  );
  return [...new Set(origins)]
    .filter((origin) => origin !== wire)
    .map((origin) => ({ what: EARLIER_SOURCES, why: `only ${origin} knows them` }));
}
