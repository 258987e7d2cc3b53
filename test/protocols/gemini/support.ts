import type {
  JsonObject,
  PivotMessage,
  PivotRequest,
  Rendered,
  RenderTarget,
} from '../../../src/pivot/index.ts';
import { gemini } from '../../../src/protocols/gemini/index.ts';

/** A request of any wire, with only what a test is about. */
export function request(parts: Partial<PivotRequest> = {}): PivotRequest {
  return { model: 'asked', stream: false, messages: [user('hi')], tools: [], sampling: {}, ...parts };
}

/** A target of today that nothing odd is known of. */
export function target(parts: Partial<RenderTarget> & { odd?: string[] } = {}): RenderTarget {
  const { odd = [], ...rest } = parts;
  return { model: 'gemini-3.5-pro', provider: 'google', quirks: new Set(odd), ...rest };
}

export const GEMINI_3 = target({ odd: ['thinking-level'] });
export const GEMINI_2 = target({
  model: 'gemini-2.5-flash',
  odd: ['thinking-off', 'no-format-with-tools'],
});

export function user(text: string): PivotMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

export function calls(...ids: string[]): PivotMessage {
  return {
    role: 'assistant',
    content: ids.map((id) => ({ type: 'tool-call', id, name: 'go', kind: 'function', arguments: '{"a":1}' })),
  };
}

export function results(...ids: string[]): PivotMessage {
  return {
    role: 'tool',
    content: ids.map((id) => ({
      type: 'tool-result',
      id,
      kind: 'function',
      content: [{ type: 'text', text: `of ${id}` }],
    })),
  };
}

export function render(parts: Partial<PivotRequest>, to: RenderTarget = target()): Rendered {
  return gemini.renderRequest(request(parts), to);
}

export interface Content {
  role: string;
  parts: JsonObject[];
}

export function contents({ body }: Rendered): Content[] {
  return body.contents as Content[];
}

/** The parts of the only turn, or of the nth. */
export function partsOf(rendered: Rendered, n = 0): JsonObject[] {
  return contents(rendered)[n]?.parts ?? [];
}

/** What a client's request means. */
export function parse(json: JsonObject): PivotRequest {
  const parsed = gemini.parseRequest(json, { model: 'asked', stream: false });
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

/** The messages of a client's contents. */
export function messagesOf(...turns: unknown[]): PivotMessage[] {
  return parse({ contents: turns }).messages;
}
