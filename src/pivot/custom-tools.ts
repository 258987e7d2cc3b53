import { asObject, parseJson } from './json.ts';
import type { PivotTool } from './request.ts';

type FunctionTool = Extract<PivotTool, { kind: 'function' }>;
type CustomTool = Extract<PivotTool, { kind: 'custom' }>;

/** A custom tool (free text, maybe in a grammar) for a wire that has only functions: one string field `input`. */
export function customAsFunction({ kind: _kind, grammar, ...tool }: CustomTool): FunctionTool {
  const shape = grammar
    ? `The field \`input\` must match this ${grammar.syntax} grammar:\n${grammar.definition}`
    : undefined;
  const description = [tool.description, shape].filter((text) => text !== undefined).join('\n\n');
  return {
    ...tool,
    kind: 'function',
    ...(description === '' ? {} : { description }),
    parameters: {
      type: 'object',
      properties: { input: { type: 'string' } },
      required: ['input'],
      additionalProperties: false,
    },
  };
}

/** The arguments of that function for a call's free text. */
export function wrapInput(input: string): string {
  return JSON.stringify({ input });
}

/**
 * The free text in that function's arguments. Models stray: a single string under another name is meant, too, and text
 * that is no JSON object is taken as it is.
 */
export function unwrapInput(args: string): string {
  const fields = asObject(parseJson(args));
  if (typeof fields.input === 'string') return fields.input;
  const [only, ...others] = Object.values(fields);
  if (typeof only === 'string' && others.length === 0) return only;
  return args.trim() === '{}' ? '' : args;
}
