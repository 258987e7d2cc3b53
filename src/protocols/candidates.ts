import { asArray, asCount, asObject, type PivotEvent, parseJson, perCandidate } from '../pivot/index.ts';
import type { Decoder, EncodeContext, Frame, Protocol } from './protocol.ts';

/**
 * Reading several answers side by side. Decoders know one answer: what a frame says is split by the numbers of its
 * candidates, each of them has a decoder of its own, and their events are one list again (see `pivot/candidates.ts`).
 * Who did not ask for several never gets here: a stray number in a dialect of a wire is nobody's second answer.
 */

/** OpenAI's limit; whatever else is asked for, an upstream makes us keep no more of them. */
const MOST = 128;

/** The same wire, whose decoders tell up to `asked` candidates apart, where it has a place for them. */
export function withCandidates(protocol: Protocol, asked: number): Protocol {
  const { candidates: list } = protocol;
  const most = Math.min(asked, MOST);
  if (list === undefined || most < 2) return protocol;
  return {
    ...protocol,
    createDecoder: () => createCandidates(protocol, list, most),
    decodeBody: (json) =>
      joined(
        numbersIn(json, list, most).map((number) =>
          numbered(number, protocol.decodeBody(shareOf(json, list, number))),
        ),
      ),
  };
}

/** What an encoder of a candidate knows: ids that are made up for it are its own. */
export function contextOf(context: EncodeContext, candidate = 0): EncodeContext {
  return candidate === 0 ? context : { ...context, id: `${context.id}_${candidate}` };
}

function createCandidates(protocol: Protocol, list: string, most: number): Decoder {
  const decoders = perCandidate(() => protocol.createDecoder());
  const each = (ask: (decoder: Decoder) => PivotEvent[]): PivotEvent[] =>
    joined(decoders.all().map(([number, decoder]) => numbered(number, ask(decoder))));

  return {
    push(frame: Frame) {
      const json = parseJson(frame.data.trim());
      // An end marker is everybody's.
      if (typeof json !== 'object' || json === null) return each((decoder) => decoder.push(frame));
      return joined(
        numbersIn(json, list, most).map((number) => {
          const data = JSON.stringify(shareOf(json, list, number));
          return numbered(number, decoders.of(number).push({ ...frame, data }));
        }),
      );
    },
    end: () => each((decoder) => decoder.end()),
  };
}

/** The number of a candidate; without one its place in the list. */
function numberOf(candidate: unknown, place: number): number {
  return asCount(asObject(candidate).index) ?? place;
}

/** The candidates that a frame or body speaks of; of the first one it always does. */
function numbersIn(json: unknown, list: string, most: number): number[] {
  const chunks = Array.isArray(json) ? json : [json];
  const numbers = chunks.flatMap((chunk) => asArray(asObject(chunk)[list]).map(numberOf));
  return [...new Set([0, ...numbers])].filter((number) => number < most);
}

/** What of a frame or body is one candidate's, as if it were the only one. The first one has all that is said of the whole. */
function shareOf(json: unknown, list: string, number: number): unknown {
  // Gemini's streams may be arrays of chunks.
  if (Array.isArray(json)) return json.map((chunk) => shareOf(chunk, list, number));
  const chunk = asObject(json);
  if (!Array.isArray(chunk[list])) return number === 0 ? chunk : {};
  const own = chunk[list]
    .filter((candidate, place) => numberOf(candidate, place) === number)
    .map((candidate) => ({ ...asObject(candidate), index: 0 }));
  return number === 0 ? { ...chunk, [list]: own } : { [list]: own };
}

function isOfTheWhole({ type }: PivotEvent): boolean {
  return type === 'error' || type === 'end' || type === 'truncated';
}

function numbered(candidate: number, events: PivotEvent[]): PivotEvent[] {
  if (candidate === 0) return events;
  return events.map((event) => (isOfTheWhole(event) ? event : { ...event, candidate }));
}

/**
 * One list with one end: the answer is whole when all of its candidates are, as far as they began; servers may give fewer
 * than were asked for. When one of them is cut, how the others finished is left unsaid: a finish reason makes an answer
 * whole, too. What was used stands behind what all of them said, which it counts.
 */
function joined(told: PivotEvent[][]): PivotEvent[] {
  const events = told.flat();
  const are = (...types: PivotEvent['type'][]): PivotEvent[] =>
    events.filter(({ type }) => types.includes(type));
  const cut = are('truncated').slice(0, 1);
  const end = cut.length > 0 ? cut : are('end').slice(0, 1);
  const elsewhere = ['usage', 'end', 'truncated', ...(cut.length > 0 ? ['finish'] : [])];
  return [...events.filter(({ type }) => !elsewhere.includes(type)), ...are('usage'), ...end];
}
