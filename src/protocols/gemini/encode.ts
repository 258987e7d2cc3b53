import {
  asObject,
  type CollectedBlock,
  collect,
  type FailureKind,
  type FinishReason,
  type Opaque,
  type PivotError,
  type PivotEvent,
  parseJson,
  type Usage,
} from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import { TRUNCATED } from '../openai-error.ts';
import type { EncodeContext, EncodedError, Encoder } from '../protocol.ts';
import { errorHeaders } from '../vendor-error.ts';

const ORIGIN = 'google';

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

function answer(context: EncodeContext, parts: Json[], extra: { finish?: string; usage?: Usage }): Json {
  return {
    candidates: [
      {
        content: { role: 'model', parts },
        index: 0,
        ...(extra.finish === undefined ? {} : { finishReason: extra.finish }),
      },
    ],
    ...(extra.usage === undefined ? {} : { usageMetadata: encodeUsage(extra.usage) }),
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

function signedPart(text: string, signature: Opaque | undefined): Json {
  const own = signature?.origin === ORIGIN;
  return { text, thought: true, ...(own ? { thoughtSignature: signature.value } : {}) };
}

function callPart(call: CollectedBlock & { type: 'tool-call' }): Json {
  return {
    functionCall: {
      ...(call.id === '' ? {} : { id: call.id }),
      name: call.name,
      args: asObject(parseJson(call.arguments)),
    },
  };
}

/** Parts of a whole answer. */
function partsOf(block: CollectedBlock): Json[] {
  if (block.type === 'media') return [{ inlineData: { mimeType: block.mediaType, data: block.data ?? '' } }];
  if (block.type === 'reasoning')
    return block.text === '' && !block.signature ? [] : [signedPart(block.text, block.signature)];
  if (block.type === 'tool-call') return block.kind === 'server' ? [] : [callPart(block)];
  return [{ text: block.text }];
}

/** Events to a Gemini stream: a part a delta, tool calls whole, a finish reason with the usage at the end; SSE or a JSON array. */
export function createEncoder(context: EncodeContext): Encoder {
  const calls = new Map<number, CollectedBlock & { type: 'tool-call' }>();
  let usage: Usage = {};
  let reason: FinishReason = 'stop';
  let raw: string | null = null;
  let sent = 0;
  let over = false;

  function send(value: Json): string {
    const first = sent++ === 0;
    if (!context.array) return frame(value);
    return `${first ? '[' : ',\n'}${JSON.stringify(value)}`;
  }

  const part = (value: Json): string => send(answer(context, [value], {}));

  function finish(): string {
    over = true;
    return (
      send(answer(context, [{ text: '' }], { finish: finishReason(reason, raw), usage })) +
      (context.array ? ']' : '')
    );
  }

  function broken(error: PivotError): string {
    over = true;
    return encodeStreamError(error, { array: context.array ?? false }, sent === 0);
  }

  const on: { [T in PivotEvent['type']]?: (event: Extract<PivotEvent, { type: T }>) => string } = {
    'text-delta': (event) => part({ text: event.text }),
    'refusal-delta': (event) => part({ text: event.text }),
    'reasoning-delta': (event) => part(signedPart(event.text, undefined)),
    'reasoning-end': ({ signature }) => (signature?.origin === ORIGIN ? part(signedPart('', signature)) : ''),
    'tool-call-start': ({ block, id, name, kind }) => {
      if (kind !== 'server') calls.set(block, { type: 'tool-call', id, name, kind, arguments: '' });
      return '';
    },
    'tool-call-delta': ({ block, text }) => {
      const call = calls.get(block);
      if (call) call.arguments += text;
      return '';
    },
    'tool-call-end': ({ block }) => {
      const call = calls.get(block);
      return call ? part(callPart(call)) : '';
    },
    media: (event) => part({ inlineData: { mimeType: event.mediaType, data: event.data ?? '' } }),
    usage: (event) => {
      usage = { ...usage, ...event.usage };
      return '';
    },
    finish: (event) => {
      ({ reason, raw } = event);
      return '';
    },
    error: (event) => broken(event.error),
    end: finish,
    truncated: () => broken(TRUNCATED),
  };

  return {
    push(event) {
      const handle = on[event.type] as ((event: PivotEvent) => string) | undefined;
      return over || !handle ? '' : handle(event);
    },
    end: () => (over ? '' : finish()),
  };
}

/** A whole answer. */
export function encodeBody(events: PivotEvent[], context: EncodeContext): unknown {
  const whole = collect(events);
  return answer(context, whole.blocks.flatMap(partsOf), {
    finish: finishReason(whole.finish ?? 'stop', whole.rawFinish),
    usage: whole.usage,
  });
}

/** google.rpc.Code names. https://cloud.google.com/apis/design/errors */
const ERRORS: Record<FailureKind, { word: string; status?: number }> = {
  auth: { word: 'UNAUTHENTICATED' },
  quota: { word: 'RESOURCE_EXHAUSTED', status: 429 },
  'rate-limit': { word: 'RESOURCE_EXHAUSTED' },
  overloaded: { word: 'UNAVAILABLE', status: 503 },
  'context-too-long': { word: 'INVALID_ARGUMENT' },
  'bad-request': { word: 'INVALID_ARGUMENT' },
  'not-found': { word: 'NOT_FOUND' },
  network: { word: 'UNAVAILABLE', status: 503 },
  timeout: { word: 'DEADLINE_EXCEEDED' },
  malformed: { word: 'INTERNAL' },
  config: { word: 'FAILED_PRECONDITION', status: 400 },
  budget: { word: 'FAILED_PRECONDITION', status: 400 },
  client: { word: 'INVALID_ARGUMENT' },
  internal: { word: 'INTERNAL', status: 500 },
};

function errorValue(error: PivotError): { status: number; value: Json } {
  const row = ERRORS[error.kind];
  const status = row.status ?? (error.status === 529 ? 503 : error.status);
  const wait = error.kind === 'rate-limit' && error.retryAfterMs !== undefined;
  const details = wait
    ? [
        {
          '@type': 'type.googleapis.com/google.rpc.RetryInfo',
          retryDelay: `${(error.retryAfterMs ?? 0) / 1000}s`,
        },
      ]
    : [];
  return {
    status,
    value: {
      error: {
        code: status,
        message: error.message,
        status: row.word,
        ...(details.length > 0 ? { details } : {}),
      },
    },
  };
}

/** An error before anything was sent. */
export function encodeError(error: PivotError): EncodedError {
  const { status, value } = errorValue(error);
  return { status, headers: errorHeaders(error), body: JSON.stringify(value) };
}

/** The frame that ends a stream that broke; no finishReason follows. `first` = nothing of an array was sent yet. */
export function encodeStreamError(error: PivotError, form: { array?: boolean }, first = false): string {
  const { value } = errorValue(error);
  return form.array ? `${first ? '[' : ',\n'}${JSON.stringify(value)}]` : frame(value);
}
