import type { PivotError, PivotEvent } from '../../pivot/index.ts';
import { createCutter, type Run } from '../../sse.ts';
import { createAlike } from '../alike.ts';
import { emptyReading, note } from '../reading.ts';
import { lineError, type Road } from '../road.ts';
import type { Translation } from './translation.ts';
import { createWriter } from './writer.ts';

/**
 * From one wire to another: bytes to frames to events to frames to bytes. Everything is read, so what the answer says is
 * known from the events themselves; frames that only go on with a text are not parsed for it.
 */
export function createTranslateRoad(translation: Translation): Road {
  const { upstream, client, context } = translation;
  const cutter = createCutter();
  const decoder = upstream.createDecoder();
  const alike = createAlike();
  const writer = createWriter(client.createEncoder(context));
  const reading = emptyReading();
  let told = 0;

  /** Errors and cuts are told by whoever ends the stream: before the commit they are another attempt's business. */
  function take(events: readonly PivotEvent[]): string {
    let text = '';
    for (const raw of events) {
      if (reading.error || reading.ended) break;
      const event = translation.tell(raw);
      note(reading, event);
      if (event.type !== 'error' && event.type !== 'truncated') text += writer.push(event);
    }
    if (events.length > 0) told++;
    return text;
  }

  /** A frame that only goes on with the text of the one before; null = it says something else. */
  function goOn(run: Run, from: number, end: number): string | null {
    if (!decoder.more || reading.error || reading.ended) return null;
    const event = alike.event(run, from, end);
    if (event?.type !== 'text-delta' || event.logprobs) return null;
    decoder.more(event.text);
    note(reading, event);
    told++;
    return writer.more(translation.tell(event), event.text);
  }

  function parse(run: Run, from: number, end: number): string {
    const frame = run.read(from, end);
    if (!frame) return '';
    const events = decoder.push(frame);
    alike.parsed(run, from, end, events);
    return take(events);
  }

  function carry(runs: readonly Run[]): string {
    let text = '';
    for (const run of runs) {
      let from = 0;
      for (const end of run.ends) {
        text += goOn(run, from, end) ?? parse(run, from, end);
        from = end;
      }
    }
    return text;
  }

  /** The last events; those of a cut would close what never ended (half a tool call would be run). */
  function last(): string {
    const rest = carry(cutter.end());
    const closing = decoder.end();
    return closing.some((event) => event.type === 'truncated') ? rest : rest + take(closing);
  }

  const pieces = (text: string): Buffer[] => (text === '' ? [] : [Buffer.from(text)]);

  return {
    push: (chunk) => pieces(carry(cutter.push(chunk))),
    reading,
    told: () => told,
    broken: (): PivotError | null => reading.error ?? lineError(cutter.pending()),
    finish: () => pieces(last()),
    errorFrame: (error) => writer.push({ type: 'error', error }),
  };
}
