import { type CollectedBlock, knownTool, type ReasoningPart } from '../../pivot/index.ts';
import type { EncodeContext } from '../protocol.ts';
import { argumentsOf } from './arguments.ts';
import { carry, FAMILY, signatureOf } from './seal.ts';

type Json = Record<string, unknown>;

/** A call that is over. */
export type Call = CollectedBlock & { type: 'tool-call' };
/** A thought that is over. */
export type Reasoning = CollectedBlock & { type: 'reasoning' };

/** An image, sound or file. */
export function mediaPart({
  mediaType,
  data,
  url,
}: {
  mediaType: string;
  data?: string;
  url?: string;
}): Json {
  return data === undefined && url !== undefined
    ? { fileData: { mimeType: mediaType, fileUri: url } }
    : { inlineData: { mimeType: mediaType, data: data ?? '' } };
}

/** What a reasoning block is in the history of another wire. */
function thoughtOf({ text, signature, redacted }: Reasoning): ReasoningPart {
  if (redacted) return { type: 'reasoning', text, sealed: { ...redacted, kind: 'redacted' } };
  return { type: 'reasoning', text, ...(signature ? { sealed: { ...signature, kind: 'signature' } } : {}) };
}

/** Parts of an answer: where its signatures stand, and what its calls carry of the thoughts before them. */
export interface Parts {
  /** A reasoning block that is over; `shown` = its text was sent already. */
  thought(block: Reasoning, shown: boolean): Json[];
  call(block: Call): Json[];
  /** Any other part. */
  other(part: Json): Json[];
  end(): Json[];
}

/** Creates the parts of one answer. */
export function createParts(context: EncodeContext): Parts {
  /** Foreign thoughts since the last call. */
  let foreign: ReasoningPart[] = [];
  /** A signature without text: of the call that comes next, else of nothing in sight. */
  let waiting: string | undefined;

  function flush(): Json[] {
    const parts = waiting === undefined ? [] : [{ text: '', thought: true, thoughtSignature: waiting }];
    waiting = undefined;
    return parts;
  }

  function thought(block: Reasoning, shown: boolean): Json[] {
    const part = thoughtOf(block);
    const before = flush();
    if (part.sealed?.origin !== FAMILY) {
      if (part.text !== '' || part.sealed) foreign.push(part);
    } else if (part.text === '') {
      waiting = part.sealed.value;
      return before;
    }
    return [...before, ...thoughtParts(part, shown)];
  }

  /** A call's own signature, else what stood for it, else the thoughts that its model wants to see again. */
  function signatureFor({ signature }: Call): string | undefined {
    if (signature) return signatureOf(signature);
    return waiting ?? (foreign.length > 0 ? carry(foreign) : undefined);
  }

  function call(block: Call): Json[] {
    const signature = signatureFor(block);
    waiting = undefined;
    foreign = [];
    const functionCall = {
      ...(block.id === '' ? {} : { id: block.id }),
      name: knownTool(context.tools, block.name)?.name ?? block.name,
      args: argumentsOf(block.arguments),
    };
    return [{ functionCall, ...(signature === undefined ? {} : { thoughtSignature: signature }) }];
  }

  return { thought, call, other: (part) => [...flush(), part], end: flush };
}

/** A thought on the wire; its text once, its seal at its end. */
function thoughtParts({ text, sealed, ...part }: ReasoningPart, shown: boolean): Json[] {
  const said = shown ? '' : text;
  if (sealed === undefined) return said === '' ? [] : [{ text: said, thought: true }];
  const seal = sealed.kind === 'redacted' ? carry([{ ...part, text, sealed }]) : signatureOf(sealed);
  return [{ text: said, thought: true, thoughtSignature: seal }];
}
