import type { PivotError, PivotEvent } from '../../pivot/index.ts';
import type { ProtocolId } from '../../protocols/protocol.ts';
import { createFrameParser } from '../../sse.ts';
import { CHARACTERS_PER_TOKEN, emptyReading, isDecided, note, type Reading } from '../reading.ts';
import { createLineWatch, type Road } from '../road.ts';
import type { Translation } from './translation.ts';

/** What each client takes as a sign of life. Gemini CLI fails on comment lines (reliability rule R8b). */
const KEEP_ALIVE: Record<ProtocolId, string> = {
  'openai-chat': ': keep-alive\n\n',
  'openai-responses': ': keep-alive\n\n',
  'anthropic-messages': 'event: ping\ndata: {"type":"ping"}\n\n',
  gemini: '',
};

/**
 * From one wire to another: bytes to frames to events to frames to bytes. Everything is read, so what the answer says is
 * known from the events themselves.
 */
export function createTranslateRoad(translation: Translation): Road {
  const { upstream, client, context } = translation;
  const parser = createFrameParser();
  const decoder = upstream.createDecoder();
  const encoder = client.createEncoder(context);
  const lines = createLineWatch();
  const reading = emptyReading();
  let characters = 0;

  /** Errors and cuts are told by whoever ends the stream: before the commit they are another attempt's business. */
  function take(events: readonly PivotEvent[]): string {
    let text = '';
    for (const raw of events) {
      if (reading.error || reading.ended) break;
      const event = translation.tell(raw);
      characters += note(reading, event);
      if (event.type !== 'error' && event.type !== 'truncated') text += encoder.push(event);
    }
    return text;
  }

  /** The last events; those of a cut would close what never ended (half a tool call would be run). */
  function last(): string {
    const rest = take(parser.end().flatMap((frame) => decoder.push(frame)));
    const closing = decoder.end();
    return closing.some((event) => event.type === 'truncated') ? rest : rest + take(closing);
  }

  const soFar = (): Reading => ({ ...reading, outputEstimate: Math.ceil(characters / CHARACTERS_PER_TOKEN) });
  const pieces = (text: string): Buffer[] => (text === '' ? [] : [Buffer.from(text)]);

  return {
    push(chunk) {
      const frames = parser.push(chunk);
      lines.saw(chunk.length, frames.length > 0);
      return pieces(take(frames.flatMap((frame) => decoder.push(frame))));
    },
    decided: () => isDecided(reading),
    soFar,
    atEnd: () => reading.ended,
    broken: (): PivotError | null => reading.error ?? lines.broken(),
    finish() {
      const left = pieces(last());
      return { pieces: left, reading: soFar() };
    },
    errorFrame: (error) => encoder.push({ type: 'error', error }),
    keepAlive: KEEP_ALIVE[client.id],
  };
}
