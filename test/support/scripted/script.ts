import type { FakeAnswer, SeenRequest } from '../fake-upstream.ts';

/** What a scripted provider says to one request. */
export type Script = (request: SeenRequest) => FakeAnswer;

/** The text of every plain answer: more than ASCII, so that a cut character would show. */
export const TEXT = 'Grüße aus Zürich, 你好 👋🏽!';
/** What the model says once it has the tool's result. */
export const FINAL = 'It is 21 °C in Zürich.';
/** The one tool that the scripted model calls, and with what. */
export const TOOL = { name: 'get_weather', id: 'call_1', args: { city: 'Zürich', unit: '°C' } };

/** Token counts that every scripted answer reports, as the ledger must have them. */
export const USAGE = { input: 120, cacheRead: 48, output: 34, reasoning: 10 };

/** Models of a scripted provider; what they do is in their names. */
export const MODELS = ['m', 'm-limited', 'm-endless', 'm-cut'];

/** How the answer of a model ends that never finishes it; null = it does. */
export function brokenEnd(model: unknown): 'hang' | 'reset' | null {
  if (typeof model !== 'string') return null;
  return model.includes('m-endless') ? 'hang' : model.includes('m-cut') ? 'reset' : null;
}

/** The body as JSON. */
export function bodyOf(request: SeenRequest): Record<string, unknown> {
  return JSON.parse(request.body.toString('utf8'));
}

/** A JSON answer. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): FakeAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    pieces: [JSON.stringify(value)],
  };
}

/** One SSE frame; with a name when the value has a `type` and the protocol names its events. */
export function frame(value: unknown, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(value)}\n\n`;
}

/** An event stream that ends as asked. */
export function sse(frames: string[], end: FakeAnswer['end'] = 'end'): FakeAnswer {
  return { headers: { 'content-type': 'text/event-stream' }, pieces: frames, end };
}

/** A text in pieces of a few characters, none cut inside. */
export function words(text: string): string[] {
  return text.split(/(?<= )/);
}

/** A 429 that may be tried again at once: our own retries do not slow a test. */
export const RETRY_AT_ONCE = { 'retry-after-ms': '1' };
