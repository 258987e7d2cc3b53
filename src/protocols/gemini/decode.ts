import {
  asArray,
  asCount,
  asObject,
  asString,
  asText,
  type Blocks,
  createBlocks,
  defined,
  type FinishReason,
  type Opaque,
  type PivotEvent,
  parseJson,
  type ServiceTier,
  saneUsage,
  type TokenChoice,
  type Usage,
} from '../../pivot/index.ts';
import type { Decoder, Frame } from '../protocol.ts';
import { BROKEN_FRAME, vendorError } from '../vendor-error.ts';
import { createGrounding, type Grounding } from './citations.ts';
import { readLogprobs } from './logprobs.ts';
import { bareName } from './names.ts';
import { FAMILY } from './seal.ts';
import type { WireAnswer, WireCandidate, WirePart } from './wire.ts';

/** https://ai.google.dev/api/generate-content#FinishReason; what is not here ended in trouble of its own. */
const FINISH: ReadonlyMap<string, FinishReason> = new Map([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
  ['MODEL_ARMOR', 'content-filter'],
]);
/** Some servers send the number of the enum. */
const FINISH_NUMBERS = [
  '',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
];

/** Thinking is counted beside the candidates, tool prompts beside the prompt; cached tokens are part of the prompt. */
export function readUsage(value: unknown): Usage | undefined {
  const usage = asObject(value);
  const prompt = asCount(usage.promptTokenCount);
  const toolPrompt = asCount(usage.toolUsePromptTokenCount);
  const candidates = asCount(usage.candidatesTokenCount);
  const thoughts = asCount(usage.thoughtsTokenCount);
  if (prompt === undefined && candidates === undefined && thoughts === undefined) return undefined;
  const cacheRead = asCount(usage.cachedContentTokenCount);
  const input =
    prompt === undefined && toolPrompt === undefined ? undefined : (prompt ?? 0) + (toolPrompt ?? 0);
  return saneUsage(
    defined<Usage>({
      input,
      cacheRead,
      // No candidates yet, or none at all: nothing was generated so far.
      output: (candidates ?? 0) + (thoughts ?? 0),
      reasoning: thoughts,
      inputAudio: tokensOf('AUDIO', usage.promptTokensDetails),
      outputAudio: tokensOf('AUDIO', usage.candidatesTokensDetails),
      inputImage: tokensOf('IMAGE', usage.promptTokensDetails),
      outputImage: tokensOf('IMAGE', usage.candidatesTokensDetails),
      tier: TRAFFIC[asText(usage.trafficType) ?? ''],
    }),
  );
}

/** https://ai.google.dev/api/generate-content#UsageMetadata */
const TRAFFIC: Readonly<Record<string, ServiceTier>> = {
  ON_DEMAND_FLEX: 'flex',
  ON_DEMAND_PRIORITY: 'priority',
};

function tokensOf(modality: string, details: unknown): number | undefined {
  const found = asArray(details).find((detail) => asObject(detail).modality === modality);
  return asCount(asObject(found).tokenCount);
}

/** State of one answer while its chunks come. */
interface Answer {
  blocks: Blocks;
  grounding: Grounding;
  started: boolean;
  calls: number;
  /** Of the text that comes next in this chunk. */
  tokens: TokenChoice[];
  finish: string | null;
}

function createAnswer(): Answer {
  const blocks = createBlocks();
  return { blocks, grounding: createGrounding(blocks), started: false, calls: 0, tokens: [], finish: null };
}

/** Decodes a Gemini stream. There is no end marker but the finish reason; content may follow an early STOP. */
export function createDecoder(): Decoder {
  const answer = createAnswer();
  let over = false;
  return {
    push({ data }: Frame) {
      const text = data.trim();
      if (over || text === '' || text === '[DONE]') return [];
      const json = parseJson(text);
      if (typeof json !== 'object' || json === null) return [{ type: 'error', error: BROKEN_FRAME }];
      return asArray(Array.isArray(json) ? json : [json]).flatMap((one) =>
        chunkEvents(answer, asObject(one) as WireAnswer),
      );
    },
    end() {
      if (over) return [];
      over = true;
      return closing(answer);
    },
  };
}

/** A whole answer, also in the form of an array of chunks. */
export function decodeBody(json: unknown): PivotEvent[] {
  const answer = createAnswer();
  const chunks = (Array.isArray(json) ? json : [json]).map((chunk) => asObject(chunk) as WireAnswer);
  const events = chunks.flatMap((chunk) => chunkEvents(answer, chunk));
  // A candidate without a finish reason is an answer all the same when the whole of it is here.
  const readable = chunks.some(
    (chunk) => chunk.candidates !== undefined || chunk.usageMetadata !== undefined,
  );
  if (answer.finish === null && readable) return [...events, ...endAll(answer), { type: 'end' }];
  return [...events, ...closing(answer)];
}

function endAll({ blocks, grounding }: Answer): PivotEvent[] {
  grounding.end();
  return blocks.endAll();
}

function closing(answer: Answer): PivotEvent[] {
  const { blocks, finish } = answer;
  const events = endAll(answer);
  if (finish === null) return [...events, { type: 'truncated' }];
  const reason = FINISH.get(finish) ?? 'other';
  return [
    ...events,
    { type: 'finish', reason: reason === 'stop' && blocks.sawTools() ? 'tool-calls' : reason, raw: finish },
    { type: 'end' },
  ];
}

function chunkEvents(answer: Answer, chunk: WireAnswer): PivotEvent[] {
  const events: PivotEvent[] = [];
  if (chunk.error !== undefined && chunk.error !== null)
    events.push({ type: 'error', error: vendorError(200, chunk, 'the provider reported an error') });
  if (!answer.started && (asText(chunk.modelVersion) ?? asText(chunk.responseId)) !== undefined) {
    answer.started = true;
    events.push(startOf(chunk));
  }
  for (const candidate of asArray(chunk.candidates))
    events.push(...candidateEvents(answer, asObject(candidate) as WireCandidate));
  const blocked = asText(chunk.promptFeedback?.blockReason);
  if (blocked) answer.finish ??= FINISH.has(blocked) ? blocked : 'SAFETY';
  const usage = readUsage(chunk.usageMetadata);
  if (usage) events.push({ type: 'usage', usage });
  return events;
}

function startOf(chunk: WireAnswer): PivotEvent {
  const id = asText(chunk.responseId);
  const model = asText(chunk.modelVersion);
  return { type: 'start', ...(id === undefined ? {} : { id }), ...(model === undefined ? {} : { model }) };
}

function candidateEvents(answer: Answer, candidate: WireCandidate): PivotEvent[] {
  if ((candidate.index ?? 0) !== 0) return [];
  const parts = asArray(asObject(candidate.content).parts);
  answer.tokens = readLogprobs(candidate.logprobsResult);
  const events = parts.flatMap((part) => partEvents(answer, asObject(part) as WirePart));
  answer.grounding.hear(candidate);
  const { finishReason: raw } = candidate;
  const word = typeof raw === 'number' ? (FINISH_NUMBERS[raw] ?? 'OTHER') : asText(raw);
  if (word) answer.finish = word;
  return events;
}

function partEvents(answer: Answer, part: WirePart): PivotEvent[] {
  const { blocks } = answer;
  const seal = asText(part.thoughtSignature);
  const signature: Opaque | undefined = seal === undefined ? undefined : { origin: FAMILY, value: seal };
  if (part.functionCall) return callEvents(answer, asObject(part.functionCall) as WireCall, signature);
  if (part.inlineData) {
    const { mimeType, data } = asObject(part.inlineData);
    return blocks.media({ mediaType: asText(mimeType) ?? 'application/octet-stream', data: asString(data) });
  }
  if (part.fileData) {
    const { mimeType, fileUri } = asObject(part.fileData);
    return blocks.media({
      mediaType: asText(mimeType) ?? 'application/octet-stream',
      url: asString(fileUri),
    });
  }
  const own = OWN_PARTS.find((name) => part[name] !== undefined);
  if (own) return [{ type: 'vendor', origin: 'gemini', name: own }];
  return textEvents(answer, part, signature);
}

/** Code that Google ran, and what came of it. */
const OWN_PARTS = ['executableCode', 'codeExecutionResult'] as const;

function textEvents(answer: Answer, part: WirePart, signature?: Opaque): PivotEvent[] {
  const { blocks, grounding, tokens } = answer;
  const said = asString(part.text);
  if (part.thought) {
    const text = blocks.delta('reasoning', said);
    return signature ? [...text, ...blocks.endSequential(signature)] : text;
  }
  grounding.text(said);
  const text = blocks.delta('text', said, tokens);
  answer.tokens = [];
  if (signature) blocks.signText(signature);
  return text;
}

type WireCall = NonNullable<WirePart['functionCall']>;

function callEvents(answer: Answer, call: WireCall, signature: Opaque | undefined): PivotEvent[] {
  const { blocks } = answer;
  // Streamed arguments come as paths and values; the last part of a call has no willContinue.
  const continued = call.name === undefined && answer.calls > 0;
  const key = continued ? `call-${answer.calls - 1}` : `call-${answer.calls++}`;
  const start = continued
    ? []
    : blocks.startTool(key, { id: asString(call.id), name: bareName(asString(call.name)), kind: 'function' });
  const text = Object.keys(asObject(call.args)).length === 0 ? '' : JSON.stringify(call.args);
  return [
    ...start,
    ...blocks.toolDelta(key, text),
    ...(call.willContinue ? [] : blocks.endTool(key, signature)),
  ];
}
