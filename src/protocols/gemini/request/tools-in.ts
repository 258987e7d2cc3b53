import {
  asArray,
  asText,
  defined,
  type JsonObject,
  objectOrNothing,
  type PivotTool,
  type ToolChoice,
} from '../../../pivot/index.ts';
import { camel } from '../camel.ts';
import { readSchema } from './schema-in.ts';

type FunctionTool = Extract<PivotTool, { kind: 'function' }>;

/** `tools`: functions are declared in groups; every other member of a tool is one that Google runs. */
export function parseTools(value: unknown): PivotTool[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) =>
    Object.entries(camel(one)).flatMap(([name, tool]): PivotTool[] => {
      if (name === 'functionDeclarations') return asArray(tool).flatMap(declared);
      return [{ kind: 'server', origin: 'gemini', name, value: { [name]: tool } }];
    }),
  );
}

function declared(value: unknown): FunctionTool[] {
  const declaration = camel(value);
  const name = asText(declaration.name);
  if (name === undefined) return [];
  const schema = readSchema(declaration.parametersJsonSchema ?? declaration.parameters);
  return [
    defined<FunctionTool>({
      kind: 'function',
      name,
      description: asText(declaration.description),
      parameters: objectOrNothing(schema),
    }),
  ];
}

/** Modes of https://ai.google.dev/api/caching#FunctionCallingConfig; VALIDATED leaves the choice to the model. */
const MODES: ReadonlyMap<unknown, 'auto' | 'required' | 'none'> = new Map([
  ['AUTO', 'auto'],
  ['VALIDATED', 'auto'],
  ['ANY', 'required'],
  ['NONE', 'none'],
]);

/** `toolConfig.functionCallingConfig`. */
export function parseToolChoice(toolConfig: JsonObject): ToolChoice | undefined {
  const config = camel(toolConfig.functionCallingConfig);
  const mode = MODES.get(typeof config.mode === 'string' ? config.mode.toUpperCase() : 'AUTO') ?? 'auto';
  const names = asArray(config.allowedFunctionNames).filter(
    (name): name is string => typeof name === 'string' && name !== '',
  );
  const [first, ...others] = names;
  if (mode === 'none' || first === undefined) return config.mode === undefined ? undefined : { type: mode };
  if (mode === 'required' && others.length === 0) return { type: 'tool', name: first, kind: 'function' };
  return { type: 'allowed', mode, names };
}
