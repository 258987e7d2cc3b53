import {
  asArray,
  asObject,
  asString,
  asText,
  defined,
  flatToolName,
  type JsonObject,
  objectOrNothing,
  type PivotTool,
  type ToolChoice,
} from '../../../pivot/index.ts';
import { WIRE } from './content-in.ts';

type FunctionTool = Extract<PivotTool, { kind: 'function' }>;
type CustomTool = Extract<PivotTool, { kind: 'custom' }>;
type Reader = (tool: JsonObject, namespace?: string) => PivotTool[];

/** The tool by which Codex finds others: the client runs it, though the wire has a type of its own for it. */
export const TOOL_SEARCH = 'tool_search';

const functionTool: Reader = (tool, namespace) => {
  const name = asText(tool.name);
  if (name === undefined) return [];
  return [
    defined<FunctionTool>({
      kind: 'function',
      name,
      namespace,
      description: asText(tool.description),
      parameters: objectOrNothing(tool.parameters),
      strict: typeof tool.strict === 'boolean' ? tool.strict : undefined,
      deferred: tool.defer_loading === true ? true : undefined,
    }),
  ];
};

const customTool: Reader = (tool, namespace) => {
  const name = asText(tool.name);
  if (name === undefined) return [];
  const { type, syntax, definition } = asObject(tool.format);
  const grammar =
    type === 'grammar' && asText(definition) !== undefined
      ? { syntax: asText(syntax) ?? 'lark', definition: asString(definition) }
      : undefined;
  return [
    defined<CustomTool>({
      kind: 'custom',
      name,
      namespace,
      description: asText(tool.description),
      grammar,
    }),
  ];
};

const searchTool: Reader = (tool) => {
  if (tool.execution !== 'client') return serverTool(tool);
  return [
    defined<FunctionTool>({
      kind: 'function',
      name: TOOL_SEARCH,
      native: TOOL_SEARCH,
      description: asText(tool.description),
      parameters: objectOrNothing(tool.parameters),
    }),
  ];
};

const serverTool: Reader = (tool) => {
  const name = asText(tool.type);
  return name === undefined ? [] : [{ kind: 'server', origin: WIRE, name, value: tool }];
};

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['function', functionTool],
  ['custom', customTool],
  ['namespace', (tool) => asArray(tool.tools).flatMap((one) => readTool(one, asText(tool.name)))],
  [TOOL_SEARCH, searchTool],
]);

function readTool(value: unknown, namespace?: string): PivotTool[] {
  const tool = asObject(value);
  return (READERS.get(asString(tool.type)) ?? serverTool)(tool, namespace);
}

/** Definitions of tools, wherever they stand (`tools`, `additional_tools`, what a search found): namespaces opened. */
export function toolsIn(...lists: unknown[]): PivotTool[] {
  const known = new Map<string, PivotTool>();
  for (const tool of lists.flatMap(asArray).flatMap((one) => readTool(one))) {
    const key = tool.kind === 'server' ? JSON.stringify(tool.value) : flatToolName(tool.namespace, tool.name);
    // The first place stays: a tool that is found again must not move (prompt caches).
    if (!known.has(key)) known.set(key, tool);
  }
  return [...known.values()];
}

/** A tool as `tool_choice` names it: flat. */
function chosenName(value: unknown): string | undefined {
  const { type, name, namespace } = asObject(value);
  if (type === TOOL_SEARCH) return TOOL_SEARCH;
  const said = type === 'function' || type === 'custom' ? asText(name) : undefined;
  return said === undefined ? undefined : flatToolName(asText(namespace), said);
}

/** `tool_choice`; undefined for one that only this wire knows (a server tool). */
export function toolChoiceIn(value: unknown): ToolChoice | undefined {
  if (value === 'auto' || value === 'required' || value === 'none') return { type: value };
  const choice = asObject(value);
  if (choice.type === 'allowed_tools') {
    const names = asArray(choice.tools).flatMap((tool) => chosenName(tool) ?? []);
    return { type: 'allowed', mode: choice.mode === 'required' ? 'required' : 'auto', names };
  }
  const name = chosenName(choice);
  if (name === undefined) return undefined;
  return { type: 'tool', name, kind: choice.type === 'custom' ? 'custom' : 'function' };
}
