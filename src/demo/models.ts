import { estimateTokenCount } from 'tokenx';
import type { FinishReason, Usage } from '../pivot/index.ts';
import type { DemoRequest } from './request.ts';
import { exampleOf } from './schema.ts';

/** What a demo model does with a request. */
export type DemoScript =
  | { type: 'answer'; reasoning: string; text: string; finish: FinishReason; usage: Usage }
  | { type: 'error'; status: number; message: string; retryAfterMs?: number };

/** What the models remember between requests. */
export interface DemoMemory {
  /** Prompts seen, for `demo/cached`. */
  prefixes: Set<string>;
  /** Requests that were refused once, for `demo/flaky`. */
  refused: Set<string>;
}

type Model = (request: DemoRequest, memory: DemoMemory, prefix: string) => DemoScript;

const MAX_REMEMBERED = 1000;
const CACHED_SHARE = 0.9;
const FLAKY_WAIT_MS = 100;

/** Cuts a text where the request's stop sequences and token limit say. */
function limited(request: DemoRequest, text: string): { text: string; finish: FinishReason } {
  const stops = request.stop.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  const stopped = stops.length > 0 ? text.slice(0, Math.min(...stops)) : text;
  if (request.maxTokens === null || tokensOf(stopped) <= request.maxTokens)
    return { text: stopped, finish: 'stop' };
  const words = stopped.split(/(?<=\s)/);
  while (words.length > 0 && tokensOf(words.join('')) > request.maxTokens) words.pop();
  return { text: words.join(''), finish: 'length' };
}

/** Tokens of an answer, counted the way that everything here is: as an estimate. */
function tokensOf(text: string): number {
  return text === '' ? 0 : Math.max(1, estimateTokenCount(text));
}

function answer(
  request: DemoRequest,
  text: string,
  extra: { reasoning?: string; cacheRead?: number } = {},
): DemoScript {
  const json =
    request.schema === null
      ? text
      : JSON.stringify(request.schema === true ? { demo: text } : exampleOf(request.schema));
  const cut = limited(request, json);
  const reasoning = extra.reasoning ?? '';
  return {
    type: 'answer',
    reasoning,
    ...cut,
    usage: {
      input: request.promptTokens,
      cacheRead: extra.cacheRead ?? 0,
      output: tokensOf(cut.text) + tokensOf(reasoning),
      reasoning: tokensOf(reasoning),
    },
  };
}

function remember(seen: Set<string>, key: string): boolean {
  const known = seen.has(key);
  if (seen.size >= MAX_REMEMBERED) seen.clear();
  seen.add(key);
  return known;
}

const MODELS: ReadonlyMap<string, Model> = new Map<string, Model>([
  ['echo', (request) => answer(request, `You said: ${request.lastUser || '(nothing)'}`)],
  [
    'coder',
    (request, _memory, prefix) =>
      answer(
        request,
        `This is unorouter's demo model. It read your ${request.promptTokens.toLocaleString('en-US')}-token prompt and ${request.tools} tools, and it never calls one. Add a key to talk to a real model: ${prefix} keys add anthropic`,
      ),
  ],
  [
    'reasoner',
    (request) =>
      answer(request, `After thinking about it: ${request.lastUser || 'there was nothing to think about.'}`, {
        reasoning: 'The user wrote something. I repeat it, after a moment that looks like thinking.',
      }),
  ],
  [
    'cached',
    (request, memory) => {
      const hit = remember(memory.prefixes, request.prefix);
      return answer(
        request,
        hit
          ? 'The beginning of this prompt came from the cache.'
          : 'This prompt is new; ask again to see the cache at work.',
        {
          cacheRead: hit ? Math.floor(request.promptTokens * CACHED_SHARE) : 0,
        },
      );
    },
  ],
  [
    'flaky',
    (request, memory) => {
      const key = `${request.prefix}${request.lastUser}`;
      if (memory.refused.delete(key)) return answer(request, 'The second attempt worked.');
      remember(memory.refused, key);
      return {
        type: 'error',
        status: 429,
        message: 'demo/flaky refuses every first attempt',
        retryAfterMs: FLAKY_WAIT_MS,
      };
    },
  ],
  ['down', () => ({ type: 'error', status: 503, message: 'demo/down is always down' })],
]);

/** Runs a demo model; an unknown one is a 404 like anywhere else. */
export function runDemoModel(
  model: string,
  request: DemoRequest,
  memory: DemoMemory,
  prefix: string,
): DemoScript {
  const run = MODELS.get(model);
  if (run) return run(request, memory, prefix);
  return {
    type: 'error',
    status: 404,
    message: `there is no demo/${model}; there are ${[...MODELS.keys()].map((m) => `demo/${m}`).join(', ')}`,
  };
}
