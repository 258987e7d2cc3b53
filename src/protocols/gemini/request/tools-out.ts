import {
  type ClientTool,
  customAsFunction,
  defined,
  type JsonObject,
  knownTool,
  type ToolChoice,
} from '../../../pivot/index.ts';
import { wireName } from '../names.ts';
import { NO_WORD, type Rendering } from './context.ts';
import { writeParameters } from './schema-out.ts';

/** The tools: functions in one group, each of Google's own as it came. */
export function writeTools(rendering: Rendering): JsonObject[] {
  const declarations = new Map<string, JsonObject>();
  const servers: JsonObject[] = [];
  for (const tool of rendering.tools) {
    if (tool.kind !== 'server') {
      const declaration = declare(tool.kind === 'custom' ? customAsFunction(tool) : tool, rendering);
      const name = wireName(tool.namespace, tool.name);
      // A name that is declared twice is a 400.
      if (!declarations.has(name)) declarations.set(name, { name, ...declaration });
    } else if (tool.origin === 'gemini') servers.push(tool.value);
    else rendering.lose(tool.name, `only ${tool.origin} runs it`);
  }
  const functions = [...declarations.values()];
  return [...(functions.length === 0 ? [] : [{ functionDeclarations: functions }]), ...servers];
}

function declare(tool: ClientTool & { kind: 'function' }, rendering: Rendering): JsonObject {
  if (tool.strict) rendering.lose('strict', NO_WORD);
  const { parameters, note } = writeParameters(tool.parameters ?? {});
  const description = [tool.description, note].filter(Boolean).join(' ');
  return defined<JsonObject>({ description: description || undefined, parameters });
}

/** `functionCallingConfig`; only beside functions. https://ai.google.dev/api/caching#FunctionCallingConfig */
export function writeToolChoice(
  choice: ToolChoice | undefined,
  rendering: Rendering,
): JsonObject | undefined {
  const functions = rendering.tools.some(({ kind }) => kind !== 'server');
  if (!choice || !functions) return undefined;
  const { target } = rendering;
  const wanted =
    choice.type === 'tool' ||
    choice.type === 'required' ||
    (choice.type === 'allowed' && choice.mode === 'required');
  if (wanted && target.quirks.has('no-required-tool-choice')) {
    rendering.lose('tool_choice', `${target.provider}/${target.model} refuses it`);
    return undefined;
  }
  if (choice.type === 'tool') return { mode: 'ANY', allowedFunctionNames: [known(choice.name, rendering)] };
  if (choice.type === 'allowed') {
    const names = choice.names.map((name) => known(name, rendering));
    // AUTO takes no names.
    return { mode: choice.mode === 'required' ? 'ANY' : 'VALIDATED', allowedFunctionNames: names };
  }
  return { mode: choice.type === 'required' ? 'ANY' : choice.type.toUpperCase() };
}

function known(name: string, { tools }: Rendering): string {
  const tool = knownTool(tools, name);
  return wireName(tool?.namespace, tool?.name ?? name);
}
