import type { FinishReason, PivotError, PivotEvent, Usage } from '../pivot/index.ts';

/** What was learnt of an answer. */
export interface Reading {
  /** What the provider calls the answer. */
  answerId: string | null;
  usage: Usage;
  finish: FinishReason | null;
  /** An error inside the answer. */
  error: PivotError | null;
  /** The wire's end marker came. */
  ended: boolean;
  /** Content (text, reasoning, tool call) was seen. */
  content: boolean;
  /** The usage came behind content: it counts what was generated, and is no placeholder from the start of the stream. */
  counted: boolean;
  /** Characters of content that were seen. */
  characters: number;
  /** Output tokens guessed from them, for answers that broke before usage came. */
  outputEstimate: number;
}

const CONTENT: ReadonlySet<PivotEvent['type']> = new Set<PivotEvent['type']>([
  'text-delta',
  'refusal-delta',
  'reasoning-start',
  'reasoning-delta',
  'tool-call-start',
  'media',
]);
/** A token of English or code is about four characters; marked as an estimate wherever it is shown. */
const CHARACTERS_PER_TOKEN = 4;

/** Nothing was read yet. */
export function emptyReading(): Reading {
  return {
    answerId: null,
    usage: {},
    finish: null,
    error: null,
    ended: false,
    content: false,
    counted: false,
    characters: 0,
    outputEstimate: 0,
  };
}

/** Notes content by its length in characters. */
export function noteText(reading: Reading, length: number): void {
  reading.characters += length;
  reading.outputEstimate = Math.ceil(reading.characters / CHARACTERS_PER_TOKEN);
}

/** Notes what one event says. */
export function note(reading: Reading, event: PivotEvent): void {
  if ('text' in event) noteText(reading, event.text.length);
  if (CONTENT.has(event.type)) reading.content = true;
  if (event.type === 'usage') {
    reading.usage = Object.assign({}, reading.usage, event.usage);
    reading.counted = reading.content;
  } else if (event.type === 'start') reading.answerId ??= event.id ?? null;
  else if (event.type === 'finish') reading.finish = event.reason;
  else if (event.type === 'error') reading.error ??= event.error;
  else if (event.type === 'end') reading.ended = true;
}

/** Something came that decides whether a stream is worth committing to (or failing). */
export function isDecided(reading: Reading): boolean {
  return reading.content || reading.error !== null || reading.finish !== null || reading.ended;
}

/** What a whole answer's events say. */
export function readEvents(events: readonly PivotEvent[]): Reading {
  const reading = emptyReading();
  for (const event of events) note(reading, event);
  return reading;
}
