import {
  asObject,
  type ClientTool,
  customAsFunction,
  flatToolName,
  type JsonObject,
  knownTool,
  type PivotTool,
  type ToolChoice,
} from '../../../pivot/index.ts';
import type { Json } from '../wire.ts';
import { WIRE } from './content-in.ts';
import { type Rendering, refuses } from './target.ts';

/** The offered tools; those of one namespace together, where its first one stands. */
export function toolsOut(rendering: Rendering, tools: readonly PivotTool[]): Json[] {
  const out: Json[] = [];
  const namespaces = new Map<string, Json[]>();
  for (const tool of tools) {
    const rendered = toolOut(rendering, tool);
    if (!rendered) continue;
    const namespace = tool.kind === 'server' ? undefined : tool.namespace;
    const group = namespace === undefined ? out : (namespaces.get(namespace) ?? []);
    group.push(rendered);
    if (namespace === undefined || namespaces.has(namespace)) continue;
    namespaces.set(namespace, group);
    out.push({ type: 'namespace', name: namespace, description: `Tools of ${namespace}.`, tools: group });
  }
  return out;
}

function toolOut(rendering: Rendering, tool: PivotTool): Json | undefined {
  if (tool.kind === 'server') {
    if (tool.origin === WIRE) return tool.value;
    rendering.lose(tool.name, `only ${tool.origin} runs it`);
    return undefined;
  }
  if (tool.kind === 'function') return functionOut(rendering, tool);
  if (asFunctions(rendering)) return functionOut(rendering, customAsFunction(tool));
  return {
    type: 'custom',
    ...header(tool),
    ...(tool.grammar ? { format: { type: 'grammar', ...tool.grammar } } : {}),
  };
}

/** Whether custom tools are functions with one string here. */
export function asFunctions({ target }: Rendering): boolean {
  return target.quirks.has('no-custom-tools');
}

/** A tool's name on this wire: namespaces have their own place. */
export function wireName({ namespace, name }: Pick<ClientTool, 'namespace' | 'name'>): Json {
  return namespace === undefined ? { name: flatToolName(undefined, name) } : { name, namespace };
}

function header(tool: ClientTool): Json {
  const { name } = wireName(tool);
  return { name, ...(tool.description === undefined ? {} : { description: tool.description }) };
}

function functionOut(rendering: Rendering, tool: ClientTool & { kind: 'function' }): Json {
  if (tool.native !== undefined) {
    const { description, parameters } = tool;
    return {
      type: tool.native,
      execution: 'client',
      ...(description === undefined ? {} : { description }),
      ...(parameters ? { parameters } : {}),
    };
  }
  return {
    type: 'function',
    ...header(tool),
    parameters: schemaOut(rendering, tool.name, tool.parameters),
    ...strictness(rendering, tool.strict),
  };
}

/** This wire alone takes a tool that says nothing for a strict one, and rewrites its schema. */
function strictness(rendering: Rendering, strict: boolean | undefined): Json {
  if (strict === undefined)
    return rendering.atHome || rendering.target.quirks.has('no-strict-tools') ? {} : { strict: false };
  if (strict && refuses(rendering, 'no-strict-tools', 'strict')) return {};
  return rendering.target.quirks.has('no-strict-tools') ? {} : { strict };
}

/** Refused at the top of a tool's schema. */
const NOT_AT_TOP = ['anyOf', 'oneOf', 'allOf', 'not', 'enum'];

/** A tool's schema must be an object's that names its properties. */
function schemaOut(
  { lose, atHome }: Rendering,
  name: string,
  said: JsonObject | undefined,
): JsonObject | null {
  if (atHome) return said ?? null;
  const schema = said ?? {};
  const kept = Object.entries(schema).filter(([word]) => {
    if (!NOT_AT_TOP.includes(word)) return true;
    lose(`${word} of the tool ${name}`, 'openai takes none at the top of a schema');
    return false;
  });
  return { ...Object.fromEntries(kept), type: 'object', properties: asObject(schema.properties) };
}

/** `tool_choice`. Only for requests that offer tools. */
export function toolChoiceOut(rendering: Rendering, choice: ToolChoice): unknown {
  if (choice.type === 'auto' || choice.type === 'none') return choice.type;
  const forced = choice.type !== 'allowed' || choice.mode === 'required';
  if (forced && refuses(rendering, 'no-required-tool-choice', 'tool_choice')) return 'auto';
  if (choice.type === 'tool') return chosen(rendering, choice.name, choice.kind);
  if (choice.type !== 'allowed') return 'required';
  const tools = choice.names.map((name) => chosen(rendering, name, 'function'));
  return { type: 'allowed_tools', mode: choice.mode, tools };
}

function chosen(rendering: Rendering, name: string, said: 'function' | 'custom'): Json {
  const tool = knownTool(rendering.request.tools, name);
  if (!tool) return { type: said, name: flatToolName(undefined, name) };
  if (tool.kind === 'function' && tool.native !== undefined) return { type: tool.native };
  const kind = tool.kind === 'custom' && asFunctions(rendering) ? 'function' : tool.kind;
  return { type: kind, ...wireName(tool) };
}
