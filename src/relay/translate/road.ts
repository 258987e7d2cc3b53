import type { PivotError, PivotEvent } from '../../pivot/index.ts';
import { createCutter, framesOf } from '../../sse.ts';
import { emptyReading, note } from '../reading.ts';
import { lineError, type Road } from '../road.ts';
import type { Translation } from './translation.ts';

/**
 * From one wire to another: bytes to frames to events to frames to bytes. Everything is read, so what the answer says is
 * known from the events themselves.
 */
export function createTranslateRoad(translation: Translation): Road {
  const { upstream, client, context } = translation;
  const cutter = createCutter();
  const decoder = upstream.createDecoder();
  const encoder = client.createEncoder(context);
  const reading = emptyReading();
  let told = 0;

  /** Errors and cuts are told by whoever ends the stream: before the commit they are another attempt's business. */
  function take(events: readonly PivotEvent[]): string {
    let text = '';
    for (const raw of events) {
      if (reading.error || reading.ended) break;
      const event = translation.tell(raw);
      note(reading, event);
      if (event.type !== 'error' && event.type !== 'truncated') text += encoder.push(event);
    }
    if (events.length > 0) told++;
    return text;
  }

  /** The last events; those of a cut would close what never ended (half a tool call would be run). */
  function last(): string {
    const rest = take(framesOf(cutter.end()).flatMap((frame) => decoder.push(frame)));
    const closing = decoder.end();
    return closing.some((event) => event.type === 'truncated') ? rest : rest + take(closing);
  }

  const pieces = (text: string): Buffer[] => (text === '' ? [] : [Buffer.from(text)]);

  return {
    push: (chunk) => pieces(take(framesOf(cutter.push(chunk)).flatMap((frame) => decoder.push(frame)))),
    reading,
    told: () => told,
    broken: (): PivotError | null => reading.error ?? lineError(cutter.pending()),
    finish: () => pieces(last()),
    errorFrame: (error) => encoder.push({ type: 'error', error }),
  };
}
