import type {
  JsonObject,
  PivotMessage,
  PivotRequest,
  Rendered,
  RenderTarget,
} from '../../../src/pivot/index.ts';
import { anthropicMessages } from '../../../src/protocols/anthropic-messages/index.ts';

/** A request of any wire, with only what a test is about. */
export function request(parts: Partial<PivotRequest> = {}): PivotRequest {
  return { model: 'asked', stream: false, messages: [user('hi')], tools: [], sampling: {}, ...parts };
}

/** A target that nothing odd is known of. */
export function target(parts: Partial<RenderTarget> & { odd?: string[] } = {}): RenderTarget {
  const { odd = [], ...rest } = parts;
  return { model: 'claude', provider: 'anthropic', quirks: new Set(odd), ...rest };
}

/** A user's text. */
export function user(text: string): PivotMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

/** An answer that calls tools. */
export function calls(...ids: string[]): PivotMessage {
  return {
    role: 'assistant',
    content: ids.map((id) => ({ type: 'tool-call', id, name: 'go', kind: 'function', arguments: '{"a":1}' })),
  };
}

/** What the tools said. */
export function results(...ids: string[]): PivotMessage {
  return {
    role: 'tool',
    content: ids.map((id) => ({
      type: 'tool-result',
      id,
      kind: 'function',
      content: [{ type: 'text', text: 'ok' }],
    })),
  };
}

/** Renders what a test is about. */
export function render(parts: Partial<PivotRequest>, to: RenderTarget = target()): Rendered {
  return anthropicMessages.renderRequest(request(parts), to);
}

/** The messages of a rendered request, without cache marks. */
export function turns(rendered: Rendered): { role: string; content: JsonObject[] }[] {
  const messages = rendered.body.messages as { role: string; content: JsonObject[] }[];
  return messages.map(({ role, content }) => ({
    role,
    content: content.map(({ cache_control: _mark, ...block }) => block),
  }));
}
