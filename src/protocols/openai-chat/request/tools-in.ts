import {
  asArray,
  asObject,
  asText,
  defined,
  type JsonObject,
  objectOrNothing,
  type PivotTool,
  type ToolChoice,
} from '../../../pivot/index.ts';
import { readCache } from './parts-in.ts';

/** The fields that are read here or by `parseRequest` itself. */
export const TOOL_FIELDS: readonly string[] = [
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'parallel_tool_calls',
];

/** `tools`, and `functions` of the days before. */
export function readTools(json: JsonObject): PivotTool[] {
  const old = asArray(json.functions).map((one) => ({ type: 'function', function: one }));
  return [...asArray(json.tools), ...old].flatMap((one) => readTool(asObject(one)) ?? []);
}

function readTool(tool: JsonObject): PivotTool | undefined {
  if (tool.type === 'custom') return customTool(tool);
  if (tool.type === 'function' || objectOrNothing(tool.function)) return functionTool(tool);
  const name = asText(tool.type);
  // Gateways run tools of their own (`openrouter:web_search`, `browser_search`).
  return name === undefined ? undefined : { kind: 'server', origin: 'openai-chat', name, value: tool };
}

function functionTool(tool: JsonObject): PivotTool | undefined {
  // Some clients write Responses' flat form.
  const fn = objectOrNothing(tool.function) ?? tool;
  const name = asText(fn.name);
  if (name === undefined) return undefined;
  return defined<PivotTool & { kind: 'function' }>({
    kind: 'function',
    name,
    description: asText(fn.description),
    parameters: objectOrNothing(fn.parameters),
    strict: typeof fn.strict === 'boolean' ? fn.strict : undefined,
    cache: readCache(tool) ?? readCache(fn),
  });
}

function customTool(tool: JsonObject): PivotTool | undefined {
  const custom = objectOrNothing(tool.custom) ?? tool;
  const name = asText(custom.name);
  if (name === undefined) return undefined;
  const format = asObject(custom.format);
  const grammar = objectOrNothing(format.grammar) ?? format;
  const definition = asText(grammar.definition);
  return defined<PivotTool & { kind: 'custom' }>({
    kind: 'custom',
    name,
    description: asText(custom.description),
    grammar: definition === undefined ? undefined : { syntax: asText(grammar.syntax) ?? 'lark', definition },
    cache: readCache(tool),
  });
}

const CHOICES: ReadonlyMap<unknown, ToolChoice> = new Map([
  ['auto', { type: 'auto' }],
  ['none', { type: 'none' }],
  ['required', { type: 'required' }],
  // Mistral's word, and that of clients that think in Messages.
  ['any', { type: 'required' }],
]);

/** `tool_choice`, and `function_call` of the days before. */
export function readToolChoice(json: JsonObject): ToolChoice | undefined {
  const value = json.tool_choice ?? json.function_call;
  if (typeof value === 'string') return CHOICES.get(value);
  const choice = asObject(value);
  if (choice.type === 'allowed_tools') return allowed(objectOrNothing(choice.allowed_tools) ?? choice);
  const kind = choice.type === 'custom' ? 'custom' : 'function';
  const name = asText(asObject(choice[kind]).name) ?? asText(choice.name);
  if (name !== undefined) return { type: 'tool', name, kind };
  return CHOICES.get(choice.type);
}

function allowed({ mode, tools }: JsonObject): ToolChoice {
  const names = asArray(tools).flatMap((one) => {
    const tool = asObject(one);
    return (
      asText(asObject(tool.function).name) ?? asText(asObject(tool.custom).name) ?? asText(tool.name) ?? []
    );
  });
  return { type: 'allowed', mode: mode === 'required' ? 'required' : 'auto', names };
}
