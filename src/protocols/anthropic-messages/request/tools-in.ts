import {
  asArray,
  asObject,
  asString,
  asText,
  defined,
  type JsonObject,
  objectOrNothing,
  type PivotRequest,
  type PivotTool,
  type ToolChoice,
} from '../../../pivot/index.ts';
import { readMark } from './marks-in.ts';

/** Tools: the client's own have no type or `custom`; any other type is Anthropic's (web search, code execution, bash ...). */
export function readTools(value: unknown): PivotTool[] {
  return asArray(value).flatMap((one): PivotTool[] => {
    const tool = asObject(one);
    const type = asText(tool.type);
    const name = asText(tool.name);
    if (type !== undefined && type !== 'custom')
      return [{ kind: 'server', origin: 'anthropic-messages', name: name ?? type, value: tool }];
    return name === undefined ? [] : [readFunction(name, tool)];
  });
}

function readFunction(name: string, tool: JsonObject): PivotTool {
  return defined<PivotTool & { kind: 'function' }>({
    kind: 'function',
    name,
    description: asText(tool.description),
    parameters: objectOrNothing(tool.input_schema),
    strict: typeof tool.strict === 'boolean' ? tool.strict : undefined,
    deferred: tool.defer_loading === true ? true : undefined,
    cache: readMark(tool).cache,
  });
}

const CHOICES: ReadonlyMap<unknown, 'auto' | 'required' | 'none'> = new Map([
  ['auto', 'auto'],
  ['any', 'required'],
  ['none', 'none'],
]);

/** `tool_choice` and the wish for at most one call that lies in it. */
export function readToolChoice(value: unknown): Pick<PivotRequest, 'toolChoice' | 'parallelToolCalls'> {
  const choice = asObject(value);
  const single = choice.disable_parallel_tool_use;
  return defined<Pick<PivotRequest, 'toolChoice' | 'parallelToolCalls'>>({
    toolChoice: choiceOf(choice),
    parallelToolCalls: typeof single === 'boolean' ? !single : undefined,
  });
}

function choiceOf(choice: JsonObject): ToolChoice | undefined {
  if (choice.type === 'tool' && asText(choice.name) !== undefined)
    return { type: 'tool', name: asString(choice.name), kind: 'function' };
  const type = CHOICES.get(choice.type);
  return type && { type };
}
