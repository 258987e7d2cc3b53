import {
  asObject,
  asString,
  asText,
  type Blocks,
  type Opaque,
  objectOrNothing,
  type PivotEvent,
} from '../../pivot/index.ts';
import { createToolKeys, type ToolKeys } from './tool-keys.ts';
import type { ChatToolCall } from './wire.ts';

/** The tool calls of one answer while its chunks come. */
export interface Calls {
  keys: ToolKeys;
  /** Their ids by their keys. */
  ids: Map<string, string>;
  /** Gemini's signatures by the call's id: they may come before, with or behind the call. */
  seals: Map<string, Opaque>;
}

/** Creates it, for answers that have any. */
export function createCalls(): Calls {
  return { keys: createToolKeys(), ids: new Map(), seals: new Map() };
}

/** Ends the calls whose signature is known by now. */
export function signedCalls(blocks: Blocks, { ids, seals }: Calls): PivotEvent[] {
  return [...ids].flatMap(([key, id]) => {
    const signature = seals.get(id);
    return signature ? blocks.endTool(key, signature) : [];
  });
}

/** What a call, or a piece of one, says. */
export function callEvents(blocks: Blocks, { keys, ids, seals }: Calls, call: ChatToolCall): PivotEvent[] {
  const fn = asObject(call.function);
  const custom = objectOrNothing(call.custom);
  const id = asString(call.id);
  const name = asString(fn.name) || asString(custom?.name);
  const text = argumentsText(custom ? custom.input : fn.arguments);
  // An empty legacy `function_call` is not a call.
  if (call.index === -1 && name === '' && text === '') return [];
  const { key, fresh } = keys.find({ index: call.index, id, name, text });
  // Without an id its key stands for it.
  if (fresh) ids.set(key, id || key);
  const signature = asText(asObject(asObject(call.extra_content).google).thought_signature);
  if (signature) seals.set(ids.get(key) ?? key, { origin: 'google', value: signature });
  const start = fresh ? blocks.startTool(key, { id, name, kind: custom ? 'custom' : 'function' }) : [];
  return [...start, ...blocks.toolDelta(key, text)];
}

/** Arguments are JSON text; some servers send the object itself. */
function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
