import { asObject, type CollectedBlock, knownTool, parseJson, unwrapInput } from '../../pivot/index.ts';
import type { EncodeContext } from '../protocol.ts';
import type { Json } from './wire.ts';

type Call = CollectedBlock & { type: 'tool-call' };

/** A call as the client knows its tool. */
export interface ClientCall {
  /** `search`: Codex' client-side tool search, whose calls have an item type of their own. */
  form: 'function' | 'custom' | 'search';
  name: string;
  namespace?: string;
  /** The model wrote JSON where the client wants something else: it must be complete before any of it can be told. */
  whole: boolean;
}

/** What the client offered under the name that an upstream calls. */
export function clientCall(
  { name, kind }: Pick<Call, 'name' | 'kind'>,
  tools: EncodeContext['tools'],
): ClientCall {
  const tool = knownTool(tools, name);
  if (!tool) return { form: kind === 'custom' ? 'custom' : 'function', name, whole: false };
  const named = { name: tool.name, ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }) };
  if (kind === 'custom') return { form: 'custom', ...named, whole: false };
  if (tool.kind === 'custom') return { form: 'custom', ...named, whole: true };
  return tool.native === 'tool_search'
    ? { form: 'search', ...named, whole: true }
    : { form: 'function', ...named, whole: false };
}

/** What was called with, as the item says it; of a call that is not whole yet, nothing. */
export function callText({ form, whole }: ClientCall, text: string): string {
  if (form === 'function') return text || '{}';
  return form === 'custom' && whole ? unwrapInput(text) : text;
}

/** The item of a call; announced, it is still empty. */
export function callItem(
  call: ClientCall,
  { id, arguments: text }: Call,
  suffix: string,
  done: boolean,
): Json {
  const status = done ? 'completed' : 'in_progress';
  const call_id = id || `call_${suffix}`;
  if (call.form === 'search') {
    const args = done ? asObject(parseJson(text)) : {};
    return {
      id: `tsc_${suffix}`,
      type: 'tool_search_call',
      call_id,
      execution: 'client',
      status,
      arguments: args,
    };
  }
  const { name, namespace } = call;
  const said = { call_id, name, ...(namespace === undefined ? {} : { namespace }), status };
  const content = done ? callText(call, text) : '';
  return call.form === 'custom'
    ? { id: `ctc_${suffix}`, type: 'custom_tool_call', ...said, input: content }
    : { id: `fc_${suffix}`, type: 'function_call', ...said, arguments: content };
}
