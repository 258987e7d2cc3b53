import type { Opaque, PivotEvent } from '../../pivot/index.ts';
import type { EncodeContext } from '../protocol.ts';
import { audioOf, imageOf } from './answer-parts.ts';
import { annotationOf } from './citations.ts';
import { detailsOf } from './reasoning-details.ts';
import { createToolDeltas } from './tool-deltas.ts';

type Json = Record<string, unknown>;
type Handlers = { [T in PivotEvent['type']]?: (event: Extract<PivotEvent, { type: T }>) => Json | null };

/** What a stream's chunks say, event by event; null = this event is none of theirs. */
export interface Deltas {
  of(event: PivotEvent): Json | null;
}

/** Creates the deltas of one stream. */
export function createDeltas(context: EncodeContext): Deltas {
  const tools = createToolDeltas(context);
  const thoughts = createThoughts();
  let pictures = 0;

  function media(event: PivotEvent & { type: 'media' }): Json | null {
    const image = imageOf(event);
    if (image) return { images: [{ ...image, index: pictures++ }] };
    const audio = audioOf(event, context);
    return audio ? { audio } : null;
  }

  const calls = (call: Json | null): Json | null => (call ? { tool_calls: [call] } : null);

  const on: Handlers = {
    'text-delta': ({ text }) => ({ content: text }),
    transcript: ({ text }) => ({ audio: { transcript: text } }),
    'refusal-delta': ({ text }) => ({ refusal: text }),
    'reasoning-start': ({ redacted }) => (redacted ? thoughts.redacted(redacted) : null),
    'reasoning-delta': ({ block, text }) => {
      thoughts.more(block, text);
      return { reasoning_content: text };
    },
    'reasoning-end': ({ block, signature }) => (signature ? thoughts.sealed(block, signature) : null),
    'tool-call-start': (event) => calls(tools.start(event)),
    'tool-call-delta': ({ block, text }) => calls(tools.more(block, text)),
    'tool-call-end': ({ block, signature }) => calls(tools.end(block, signature)),
    media,
    citation({ citation }) {
      const annotation = annotationOf(citation);
      return annotation ? { annotations: [annotation] } : null;
    },
  };

  return {
    of(event) {
      const handle = on[event.type] as ((event: PivotEvent) => Json | null) | undefined;
      return handle ? handle(event) : null;
    },
  };
}

/** The seals of thoughts. A detail repeats the text that it seals, so that it is worth something by itself. */
function createThoughts(): {
  more(block: number, text: string): void;
  redacted(value: Opaque): Json;
  sealed(block: number, signature: Opaque): Json;
} {
  const texts = new Map<number, string>();
  let count = 0;
  const numbered = (details: Json[]): Json => ({
    reasoning_details: details.map((detail) => ({ ...detail, index: count++ })),
  });
  return {
    more: (block, text) => texts.set(block, (texts.get(block) ?? '') + text),
    redacted: (value) => numbered(detailsOf('', { ...value, kind: 'redacted' })),
    sealed: (block, signature) =>
      numbered(detailsOf(texts.get(block) ?? '', { ...signature, kind: 'signature' })),
  };
}
