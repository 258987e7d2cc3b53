import { GatewayError } from '../errors.ts';
import { asObject, type PivotEvent } from '../pivot/index.ts';
import type { EncodeContext, Protocol, ProtocolId } from '../protocols/protocol.ts';
import { anySignal, type Signal } from '../signal.ts';
import type { AnswerBody, Sink, Transport, UpstreamRequest, UpstreamResponse } from '../upstream/index.ts';
import { type DemoMemory, type DemoScript, runDemoModel } from './models.ts';
import { readDemoRequest } from './request.ts';

/** What the demo provider needs from outside. */
export interface DemoDeps {
  protocol(id: ProtocolId): Protocol;
  /** How the program was started, for the hint in an answer. */
  prefix: string;
  now(): number;
  newId(): string;
  /** Waits between two words; rejects when aborted. */
  wait(ms: number, signal: Signal): Promise<void>;
}

/** About 80 tokens a second. */
const WORD_MS = 12;

/** One demo call: which protocol and model, and in which form. */
interface DemoCall {
  protocol: ProtocolId;
  model: string;
  stream: boolean;
  array: boolean;
  counting: boolean;
}

/** The built-in provider: answers in this process, without a key or a network, in every protocol. */
export function createDemoTransport(deps: DemoDeps): Transport {
  const memory: DemoMemory = { prefixes: new Set(), refused: new Set() };
  return {
    async send(request, signal) {
      const call = readCall(request);
      const demo = readDemoRequest(call.protocol, Buffer.concat(request.body ?? []));
      if (call.counting) return json(200, countAnswer(call.protocol, demo.promptTokens));
      const script = runDemoModel(call.model, demo, memory, deps.prefix);
      if (script.type === 'error') return errorResponse(script, call, deps);
      const context: EncodeContext = {
        model: `demo/${call.model}`,
        id: deps.newId(),
        created: Math.floor(deps.now() / 1000),
        array: call.array,
        includeUsage: true,
      };
      const protocol = deps.protocol(call.protocol);
      if (!call.stream) return json(200, protocol.encodeBody(eventsOf(script, context), context));
      return streamResponse(script, protocol, context, deps, signal);
    },
  };
}

/** Paths as the relay builds them behind the demo row's url, to what they mean. */
const PATHS: readonly { pattern: RegExp; protocol: ProtocolId; counting: boolean }[] = [
  { pattern: /\/chat\/completions$/, protocol: 'openai-chat', counting: false },
  { pattern: /\/responses$/, protocol: 'openai-responses', counting: false },
  { pattern: /\/messages$/, protocol: 'anthropic-messages', counting: false },
  { pattern: /\/messages\/count_tokens$/, protocol: 'anthropic-messages', counting: true },
  { pattern: /:(?:stream)?[gG]enerateContent$/, protocol: 'gemini', counting: false },
  { pattern: /:countTokens$/, protocol: 'gemini', counting: true },
];

function readCall(request: UpstreamRequest): DemoCall {
  const [path = '', query = ''] = request.url.split('?');
  const row = PATHS.find(({ pattern }) => pattern.test(path));
  const protocol = row?.protocol ?? 'openai-chat';
  const inPath = /\/models\/([^:]+):/.exec(path)?.[1];
  const body = protocol === 'gemini' ? {} : bodyOf(request);
  const stream = protocol === 'gemini' ? /:stream/.test(path) : body.stream === true;
  return {
    protocol,
    model: row
      ? (inPath ?? String(body.model ?? ''))
      : `${path.split('/').at(-1)} (the demo provider only chats)`,
    stream,
    array: protocol === 'gemini' && stream && !query.includes('alt=sse'),
    counting: row?.counting ?? false,
  };
}

function bodyOf(request: UpstreamRequest): { model?: unknown; stream?: unknown } {
  try {
    return asObject(JSON.parse(request.body ? Buffer.concat(request.body).toString('utf8') : '{}'));
  } catch {
    // Multipart and broken bodies name no demo model.
    return {};
  }
}

function countAnswer(protocol: ProtocolId, tokens: number): unknown {
  return protocol === 'gemini' ? { totalTokens: tokens } : { input_tokens: tokens };
}

function* pieces(text: string): Generator<string> {
  for (const word of text.split(/(?<=\s)/)) if (word !== '') yield word;
}

/** An answer as events, word by word. */
function* eventStream(
  script: DemoScript & { type: 'answer' },
  context: EncodeContext,
): Generator<PivotEvent> {
  yield { type: 'start', id: context.id, model: context.model };
  yield { type: 'usage', usage: { ...script.usage, output: 0, reasoning: 0 } };
  let block = 0;
  if (script.reasoning !== '') {
    yield { type: 'reasoning-start', block };
    for (const text of pieces(script.reasoning)) yield { type: 'reasoning-delta', block, text };
    yield { type: 'reasoning-end', block };
    block++;
  }
  yield { type: 'text-start', block };
  for (const text of pieces(script.text)) yield { type: 'text-delta', block, text };
  yield { type: 'text-end', block };
  yield { type: 'usage', usage: script.usage };
  yield { type: 'finish', reason: script.finish, raw: null };
  yield { type: 'end' };
}

function eventsOf(script: DemoScript & { type: 'answer' }, context: EncodeContext): PivotEvent[] {
  return [...eventStream(script, context)];
}

const READY_BODY = (bytes: Buffer): AnswerBody => ({
  pipe(sink) {
    sink.data(bytes);
    sink.end();
  },
  pause: () => undefined,
  resume: () => undefined,
  abort: () => undefined,
  broke: () => false,
});

function json(status: number, value: unknown, headers: Record<string, string> = {}): UpstreamResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: READY_BODY(Buffer.from(JSON.stringify(value))),
  };
}

function errorResponse(
  script: DemoScript & { type: 'error' },
  call: DemoCall,
  deps: DemoDeps,
): UpstreamResponse {
  const kind = script.status === 429 ? 'rate-limit' : script.status === 404 ? 'not-found' : 'overloaded';
  const encoded = deps
    .protocol(call.protocol)
    .encodeError(
      { kind, status: script.status, message: script.message },
      { stream: false, id: deps.newId(), model: call.model, created: Math.floor(deps.now() / 1000) },
    );
  const wait = script.retryAfterMs === undefined ? {} : { 'retry-after-ms': String(script.retryAfterMs) };
  return {
    status: encoded.status,
    headers: { 'content-type': 'application/json', ...wait },
    body: READY_BODY(Buffer.from(encoded.body)),
  };
}

function streamResponse(
  script: DemoScript & { type: 'answer' },
  protocol: Protocol,
  context: EncodeContext,
  deps: DemoDeps,
  signal: Signal,
): UpstreamResponse {
  const both = anySignal([signal]);
  let broke = false;
  return {
    status: 200,
    headers: { 'content-type': context.array ? 'application/json' : 'text/event-stream; charset=utf-8' },
    body: {
      pipe(sink) {
        const heard: Sink = {
          data: (chunk) => sink.data(chunk),
          end: () => sink.end(),
          error(error) {
            broke = true;
            sink.error(error);
          },
        };
        void play(script, protocol, context, deps, both.signal, heard).finally(both.release);
      },
      // A slow reader costs us nothing: the words are made one at a time.
      pause: () => undefined,
      resume: () => undefined,
      abort: () => both.abort(),
      broke: () => broke,
    },
  };
}

async function play(
  script: DemoScript & { type: 'answer' },
  protocol: Protocol,
  context: EncodeContext,
  deps: DemoDeps,
  signal: Signal,
  sink: Sink,
): Promise<void> {
  const encoder = protocol.createEncoder(context);
  try {
    for (const event of eventStream(script, context)) {
      const text = encoder.push(event);
      if (text !== '') sink.data(Buffer.from(text));
      if (event.type === 'text-delta' || event.type === 'reasoning-delta') await deps.wait(WORD_MS, signal);
    }
    const rest = encoder.end();
    if (rest !== '') sink.data(Buffer.from(rest));
    sink.end();
  } catch (error) {
    // Why it was broken off, where that is a word for the client.
    const why = signal.reason instanceof GatewayError ? signal.reason : error;
    sink.error(why instanceof Error ? why : new Error(String(why)));
  }
}
