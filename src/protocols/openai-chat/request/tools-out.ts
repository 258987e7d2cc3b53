import {
  customAsFunction,
  defined,
  flatToolName,
  type JsonObject,
  type PivotRequest,
  type PivotTool,
  type ToolChoice,
} from '../../../pivot/index.ts';
import type { Notes } from './notes.ts';
import { cacheField } from './parts-out.ts';
import { objectSchema, simpleSchema } from './schema-out.ts';

const ORIGIN = 'openai-chat';

/** `tools` and what goes with them; without tools the wire refuses the others, too. */
export function renderTools(request: PivotRequest, notes: Notes): JsonObject {
  const { toolChoice, parallelToolCalls } = request;
  const tools = offered(request, notes).flatMap((tool) => renderTool(tool, notes) ?? []);
  if (tools.length === 0) return {};
  return defined<JsonObject>({
    tools,
    tool_choice: toolChoice ? renderChoice(toolChoice, request, notes) : undefined,
    parallel_tool_calls: renderParallel(parallelToolCalls, notes),
  });
}

/** Where the wire cannot say which tools are allowed, the others are not offered. */
function offered({ tools, toolChoice }: PivotRequest, notes: Notes): PivotTool[] {
  if (toolChoice?.type !== 'allowed' || notes.has('custom-tools')) return tools;
  return tools.filter((tool) => toolChoice.names.includes(tool.name));
}

function renderTool(tool: PivotTool, notes: Notes): JsonObject | undefined {
  if (tool.kind === 'server') {
    if (tool.origin === ORIGIN) return tool.value;
    notes.lose(tool.name, `run by the provider of ${tool.origin}`);
    return undefined;
  }
  if (tool.kind === 'custom' && !notes.has('custom-tools')) return renderTool(customAsFunction(tool), notes);
  const name = flatToolName(tool.namespace, tool.name);
  const { description } = tool;
  if (tool.kind === 'custom') {
    const format = tool.grammar && { type: 'grammar', grammar: tool.grammar };
    return {
      type: 'custom',
      custom: defined<JsonObject>({ name, description, format }),
      ...cacheField(tool.cache, notes),
    };
  }
  const schema = objectSchema(tool.parameters);
  const parameters = notes.has('simple-schemas') ? simpleSchema(schema) : schema;
  const fn = defined<JsonObject>({ name, description, parameters, strict: strictness(tool.strict, notes) });
  return { type: 'function', function: fn, ...cacheField(tool.cache, notes) };
}

/** Not strict is what the wire takes for granted. */
function strictness(strict: boolean | undefined, notes: Notes): true | undefined {
  if (!strict) return undefined;
  if (!notes.has('no-strict-tools')) return true;
  notes.refuse('strict');
  return undefined;
}

function renderParallel(parallel: boolean | undefined, notes: Notes): boolean | undefined {
  if (!notes.has('no-parallel-tool-calls')) return parallel;
  if (parallel === false) notes.refuse('parallel_tool_calls');
  return undefined;
}

function renderChoice(choice: ToolChoice, request: PivotRequest, notes: Notes): unknown {
  if (notes.has('no-required-tool-choice') && forces(choice)) {
    notes.refuse('tool_choice');
    return 'auto';
  }
  if (choice.type === 'tool') {
    const tool = named(choice.name, request, notes);
    if (!tool) notes.lose('tool_choice', `${choice.name} is not offered here`);
    return tool ?? 'auto';
  }
  if (choice.type !== 'allowed') return choice.type;
  if (!notes.has('custom-tools')) return choice.mode;
  const tools = choice.names.flatMap((name) => named(name, request, notes) ?? []);
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools } };
}

function forces(choice: ToolChoice): boolean {
  return choice.type === 'allowed'
    ? choice.mode === 'required'
    : choice.type === 'required' || choice.type === 'tool';
}

/** A reference to a tool, by the name and the kind that it is offered as. */
function named(name: string, { tools }: PivotRequest, notes: Notes): JsonObject | undefined {
  const tool = tools.filter((one) => one.kind !== 'server').find((one) => one.name === name);
  if (!tool) return undefined;
  const flat = flatToolName(tool.namespace, name);
  return tool.kind === 'custom' && notes.has('custom-tools')
    ? { type: 'custom', custom: { name: flat } }
    : { type: 'function', function: { name: flat } };
}
