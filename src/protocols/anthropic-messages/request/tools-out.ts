import {
  type ClientTool,
  defined,
  flatToolName,
  type JsonObject,
  type PivotRequest,
  type PivotTool,
  type RenderTarget,
  type ToolChoice,
} from '../../../pivot/index.ts';
import { writeMark } from './marks-out.ts';
import type { Notes } from './notes.ts';
import { inputSchema, strictSchema } from './schema-out.ts';
import { calledTools } from './tool-ids.ts';

const WIRE = 'anthropic-messages';
/** More strict tools than this in one request are refused. */
const MAX_STRICT = 20;

/** The tools, as the target takes them, and how they may be used. */
export function writeTools(request: PivotRequest, target: RenderTarget, notes: Notes): JsonObject {
  const offered = allowedTools(request);
  const strict = mayBeStrict(offered, target, notes);
  const tools = offered.flatMap((tool) => writeTool(tool, strict, notes));
  if (tools.length > 0)
    return defined<JsonObject>({ tools, tool_choice: writeChoice(request, target, notes) });
  // A history with calls is refused without tools; these stand for them and may not be called.
  const called = calledTools(request.messages).map(({ namespace, name }) => ({
    name: flatToolName(namespace, name),
    input_schema: inputSchema(undefined),
  }));
  if (request.toolChoice && !['auto', 'none'].includes(request.toolChoice.type))
    notes.lose('tool_choice', 'no tools are offered');
  return called.length === 0 ? {} : { tools: called, tool_choice: { type: 'none' } };
}

/** A choice among some is kept by offering only those. */
function allowedTools({ tools, toolChoice }: PivotRequest): PivotTool[] {
  if (toolChoice?.type !== 'allowed') return tools;
  return tools.filter((tool) => toolChoice.names.includes(tool.name));
}

function mayBeStrict(tools: readonly PivotTool[], target: RenderTarget, notes: Notes): boolean {
  const strict = tools.filter((tool) => tool.kind === 'function' && tool.strict === true);
  if (strict.length === 0) return false;
  const refused = target.quirks.has('no-strict-tools');
  if (refused) notes.lose('strict', `${target.provider}/${target.model} refuses it`);
  else if (strict.length > MAX_STRICT)
    notes.lose('strict', `${WIRE} takes ${MAX_STRICT} strict tools at most`);
  return !refused && strict.length <= MAX_STRICT;
}

function writeTool(tool: PivotTool, strict: boolean, notes: Notes): JsonObject[] {
  if (tool.kind === 'function') return [writeFunction(tool, strict)];
  if (tool.kind === 'custom') return [writeCustom(tool)];
  if (tool.origin === WIRE) return [structuredClone(tool.value)];
  notes.lose(tool.name, `a tool that only ${tool.origin} runs`);
  return [];
}

function writeFunction(tool: ClientTool & { kind: 'function' }, strict: boolean): JsonObject {
  const schema = inputSchema(tool.parameters);
  return defined<JsonObject>({
    name: flatToolName(tool.namespace, tool.name),
    description: tool.description,
    input_schema: strict && tool.strict === true ? strictSchema(schema) : schema,
    strict: strict && tool.strict === true ? true : undefined,
    defer_loading: tool.deferred,
    ...writeMark(tool.cache),
  });
}

/** A tool that takes any text, as a function of one text. Its grammar is told, not enforced. */
function writeCustom(tool: ClientTool & { kind: 'custom' }): JsonObject {
  const { grammar } = tool;
  const rule = grammar && `The input must match this ${grammar.syntax} grammar:\n${grammar.definition}`;
  const description = [tool.description, rule].filter(Boolean).join('\n\n');
  return defined<JsonObject>({
    name: flatToolName(tool.namespace, tool.name),
    description: description === '' ? undefined : description,
    input_schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
    ...writeMark(tool.cache),
  });
}

const TYPES = { auto: 'auto', required: 'any', none: 'none' } as const;

function writeChoice(request: PivotRequest, target: RenderTarget, notes: Notes): JsonObject | undefined {
  const choice = request.toolChoice && choiceOf(request.toolChoice, request.tools, target, notes);
  if (request.parallelToolCalls !== false || choice?.type === 'none') return choice;
  if (!target.quirks.has('no-parallel-tool-calls'))
    return { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true };
  notes.lose('parallel_tool_calls', `${target.provider}/${target.model} refuses it`);
  return choice;
}

function choiceOf(
  choice: ToolChoice,
  tools: readonly PivotTool[],
  target: RenderTarget,
  notes: Notes,
): JsonObject {
  const type = choice.type === 'allowed' ? choice.mode : choice.type;
  const forced = type === 'required' || type === 'tool';
  if (forced && target.quirks.has('no-required-tool-choice')) {
    notes.lose('tool_choice', `${target.provider}/${target.model} refuses it`);
    return { type: 'auto' };
  }
  if (choice.type !== 'tool') return { type: TYPES[type as keyof typeof TYPES] };
  const known = tools.find((tool) => tool.name === choice.name);
  const namespace = known && known.kind !== 'server' ? known.namespace : undefined;
  return {
    type: 'tool',
    name: known?.kind === 'server' ? choice.name : flatToolName(namespace, choice.name),
  };
}
