import {
  byCandidate,
  type Citation,
  type CollectedBlock,
  collect,
  type FinishReason,
  type Opaque,
  type PivotError,
  type PivotEvent,
  perCandidate,
  type Usage,
} from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import { TRUNCATED } from '../openai-error.ts';
import type { EncodeContext, Encoder } from '../protocol.ts';
import { groundingOf } from './citations.ts';
import { encodeStreamError } from './encode-error.ts';
import { type Call, createParts, mediaPart, type Parts, type Reasoning } from './encode-parts.ts';
import { writeLogprobs } from './logprobs.ts';
import { FAMILY } from './seal.ts';

const FINISH: Record<FinishReason, string> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  other: 'OTHER',
};

/** Usage in Gemini's convention: candidates without thoughts. */
function encodeUsage(usage: Usage): Record<string, unknown> {
  const output = usage.output ?? 0;
  const thoughts = usage.reasoning ?? 0;
  return {
    promptTokenCount: usage.input ?? 0,
    ...(usage.cacheRead ? { cachedContentTokenCount: usage.cacheRead } : {}),
    candidatesTokenCount: Math.max(0, output - thoughts),
    ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
    totalTokenCount: (usage.input ?? 0) + output,
  };
}

type Json = Record<string, unknown>;

/** What stands beside the parts of a candidate. */
interface Beside {
  finish?: string;
  grounding?: Json | undefined;
  logprobs?: Json | undefined;
}

function candidateOf(index: number, parts: Json[], { finish, grounding, logprobs }: Beside): Json {
  return {
    content: { role: 'model', parts },
    index,
    ...(finish === undefined ? {} : { finishReason: finish }),
    ...(grounding === undefined ? {} : { groundingMetadata: grounding }),
    ...(logprobs === undefined ? {} : { logprobsResult: logprobs }),
  };
}

function answer(context: EncodeContext, candidates: Json[], usage?: Usage): Json {
  return {
    candidates,
    ...(usage === undefined ? {} : { usageMetadata: encodeUsage(usage) }),
    modelVersion: context.model,
    responseId: context.id,
  };
}

/** Reasons of this wire that say more than ours: they stay when they came from it. */
const OWN_REASONS: ReadonlySet<string> = new Set([
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'IMAGE_SAFETY',
]);

function finishReason(reason: FinishReason, raw: string | null): string {
  return raw !== null && OWN_REASONS.has(raw) ? raw : FINISH[reason];
}

/** The signature of a text; no other family has one. */
function signed({ origin, value }: Opaque): Json {
  return origin === FAMILY ? { thoughtSignature: value } : {};
}

/** Parts of a whole answer. */
function partsOf(parts: Parts, block: CollectedBlock): Json[] {
  if (block.type === 'media') return parts.other(mediaPart(block));
  if (block.type === 'reasoning') return parts.thought(block, false);
  if (block.type === 'tool-call') return block.kind === 'server' ? [] : parts.call(block);
  const seal = block.type === 'text' && block.signature ? signed(block.signature) : {};
  return parts.other({ text: block.text, ...seal });
}

type Handlers<Result> = { [T in PivotEvent['type']]?: (event: Extract<PivotEvent, { type: T }>) => Result };

/** Parts as the blocks of a stream grow: text and thoughts at once, calls when they are whole. */
function createBlockHandlers(parts: Parts): Handlers<Json[]> {
  const calls = new Map<number, Call>();
  const thoughts = new Map<number, Reasoning>();
  const text = (event: { text: string }): Json[] => parts.other({ text: event.text });
  return {
    'text-delta': text,
    'refusal-delta': text,
    'text-end': ({ signature }) => (signature ? parts.other({ text: '', ...signed(signature) }) : []),
    'reasoning-start': ({ block, redacted }) => {
      thoughts.set(block, { type: 'reasoning', text: '', ...(redacted ? { redacted } : {}) });
      return [];
    },
    'reasoning-delta': ({ block, text: more }) => {
      const thought = thoughts.get(block);
      if (thought) thought.text += more;
      return parts.other({ text: more, thought: true });
    },
    'reasoning-end': ({ block, signature }) => {
      const thought = thoughts.get(block);
      return thought ? parts.thought({ ...thought, ...(signature ? { signature } : {}) }, true) : [];
    },
    'tool-call-start': ({ block, id, name, kind }) => {
      if (kind !== 'server') calls.set(block, { type: 'tool-call', id, name, kind, arguments: '' });
      return [];
    },
    'tool-call-delta': ({ block, text: more }) => {
      const call = calls.get(block);
      if (call) call.arguments += more;
      return [];
    },
    'tool-call-end': ({ block, signature }) => {
      const call = calls.get(block);
      return call ? parts.call({ ...call, ...(signature ? { signature } : {}) }) : [];
    },
    media: (event) => parts.other(mediaPart(event)),
  };
}

/** One candidate of a stream: what it says, as candidates with a part each. */
interface Candidate {
  push(event: PivotEvent): Json[];
  /** What is left of its parts, and its finish reason with the sources. */
  end(): Json[];
}

function createCandidate(index: number, context: EncodeContext): Candidate {
  const parts = createParts(context);
  const ofBlocks = createBlockHandlers(parts);
  const citations: Citation[] = [];
  let reason: FinishReason = 'stop';
  let raw: string | null = null;
  let said = '';

  /** `beside` belongs to the last one. */
  const each = (values: Json[], beside: Beside = {}): Json[] =>
    values.map((value, i) => candidateOf(index, [value], i === values.length - 1 ? beside : {}));

  return {
    push(event) {
      if (event.type === 'finish') ({ reason, raw } = event);
      if (event.type === 'citation') citations.push(event.citation);
      if (event.type === 'text-delta') said += event.text;
      const handle = ofBlocks[event.type] as ((event: PivotEvent) => Json[]) | undefined;
      const logprobs = event.type === 'text-delta' ? writeLogprobs(event.logprobs) : undefined;
      return handle ? each(handle(event), { logprobs }) : [];
    },
    end() {
      const last = { finish: finishReason(reason, raw), grounding: groundingOf(citations, said) };
      return [...each(parts.end()), candidateOf(index, [{ text: '' }], last)];
    },
  };
}

/** Events to a Gemini stream: a part a delta, tool calls whole, finish reasons with the usage at the end; SSE or a JSON array. */
export function createEncoder(context: EncodeContext): Encoder {
  const candidates = perCandidate((index) => createCandidate(index, context));
  let usage: Usage = {};
  let sent = 0;
  let over = false;

  function send(value: Json): string {
    const first = sent++ === 0;
    if (!context.array) return frame(value);
    return `${first ? '[' : ',\n'}${JSON.stringify(value)}`;
  }

  function finish(): string {
    over = true;
    const rest = candidates.all().flatMap(([, candidate]) => candidate.end());
    const counts = (i: number): Usage | undefined => (i === rest.length - 1 ? usage : undefined);
    const text = rest.map((one, i) => send(answer(context, [one], counts(i)))).join('');
    return context.array ? `${text}]` : text;
  }

  function broken(error: PivotError): string {
    over = true;
    return encodeStreamError(error, { array: context.array ?? false }, sent === 0);
  }

  const ofTheWhole: Handlers<string> = {
    usage: (event) => {
      usage = { ...usage, ...event.usage };
      return '';
    },
    error: (event) => broken(event.error),
    end: finish,
    truncated: () => broken(TRUNCATED),
  };

  return {
    push(event) {
      if (over) return '';
      const handle = ofTheWhole[event.type] as ((event: PivotEvent) => string) | undefined;
      if (handle) return handle(event);
      const said = candidates.of(event.candidate).push(event);
      return said.map((one) => send(answer(context, [one]))).join('');
    },
    end: () => (over ? '' : finish()),
  };
}

/** A whole answer. */
export function encodeBody(events: PivotEvent[], context: EncodeContext): unknown {
  const candidates = byCandidate(events).map(([index, own]) => wholeCandidate(index, own, context));
  return answer(context, candidates, collect(events).usage);
}

function wholeCandidate(index: number, events: PivotEvent[], context: EncodeContext): Json {
  const whole = collect(events);
  const parts = createParts(context);
  const texts = whole.blocks.filter((block) => block.type === 'text');
  const content = [...whole.blocks.flatMap((block) => partsOf(parts, block)), ...parts.end()];
  return candidateOf(index, content, {
    finish: finishReason(whole.finish ?? 'stop', whole.rawFinish),
    logprobs: writeLogprobs(texts.flatMap((block) => block.logprobs ?? [])),
    grounding: groundingOf(
      texts.flatMap(({ citations }) => citations),
      texts.map(({ text }) => text).join(''),
    ),
  });
}
