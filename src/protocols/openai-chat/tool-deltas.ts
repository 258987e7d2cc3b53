import { type ClientTool, knownTool, type Opaque, type PivotEvent, unwrapInput } from '../../pivot/index.ts';
import type { EncodeContext } from '../protocol.ts';

type Json = Record<string, unknown>;

/** A call as the client's own tools have it: its name, and whether free text was wrapped in a function's arguments. */
export function asOffered(
  call: { name: string; kind: 'function' | 'custom' | 'server' },
  context: EncodeContext,
): { name: string; kind: 'function' | 'custom'; wrapped: boolean } {
  const tool: ClientTool | undefined = knownTool(context.tools, call.name);
  const custom = call.kind === 'custom' || tool?.kind === 'custom';
  return {
    name: tool?.name ?? call.name,
    kind: custom ? 'custom' : 'function',
    wrapped: custom && call.kind === 'function',
  };
}

/** Gemini's signature of a call, where Google's own Chat endpoint has it. */
export function signatureField(signature: Opaque | undefined): Json {
  return signature?.origin === 'google'
    ? { extra_content: { google: { thought_signature: signature.value } } }
    : {};
}

interface Call {
  index: number;
  custom: boolean;
  /** Arguments of a function around free text, which is known only when they are whole. */
  wrapped: string | null;
  said: boolean;
}

/** The `tool_calls` deltas of a stream: numbered from 0, each begun by its id, type and name. */
export interface ToolDeltas {
  start(event: PivotEvent & { type: 'tool-call-start' }): Json | null;
  more(block: number, text: string): Json | null;
  end(block: number, signature?: Opaque): Json | null;
}

/** Creates the calls of one stream. The provider's own tools (`server`) are no calls for the client. */
export function createToolDeltas(context: EncodeContext): ToolDeltas {
  const calls = new Map<number, Call>();

  function fill({ index, custom }: Call, text: string): Json {
    return custom ? { index, custom: { input: text } } : { index, function: { arguments: text } };
  }

  return {
    start({ block, id, name: said, kind }) {
      if (kind === 'server') return null;
      const index = calls.size;
      const tool = asOffered({ name: said, kind }, context);
      const custom = tool.kind === 'custom';
      calls.set(block, { index, custom, wrapped: tool.wrapped ? '' : null, said: false });
      const head = { index, id: id || `call_${context.id}_${index}` };
      return custom
        ? { ...head, type: 'custom', custom: { name: tool.name, input: '' } }
        : { ...head, type: 'function', function: { name: tool.name, arguments: '' } };
    },
    more(block, text) {
      const call = calls.get(block);
      if (!call) return null;
      call.said = true;
      if (call.wrapped === null) return fill(call, text);
      call.wrapped += text;
      return null;
    },
    end(block, signature) {
      const call = calls.get(block);
      if (!call) return null;
      const signed = signatureField(signature);
      if (call.wrapped !== null) return { ...fill(call, unwrapInput(call.wrapped)), ...signed };
      // No arguments at all are not JSON, and clients parse them.
      if (!call.said && !call.custom) return { ...fill(call, '{}'), ...signed };
      return signature && 'extra_content' in signed ? { ...fill(call, ''), ...signed } : null;
    },
  };
}
