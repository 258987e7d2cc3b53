import {
  asText,
  defined,
  type JsonObject,
  type ParseProblem,
  type PivotRequest,
  type VendorFields,
} from '../../../pivot/index.ts';
import { camel } from '../camel.ts';
import { parseContents, parseSystem } from './messages-in.ts';
import { parseSettings } from './settings-in.ts';
import { parseToolChoice, parseTools } from './tools-in.ts';

/**
 * A generateContent request. Model and kind of answer are in its path; names may be in snake_case as everywhere in
 * Google's JSON. https://ai.google.dev/api/generate-content
 */
export function parseRequest(
  json: JsonObject,
  { model, stream }: { model: string; stream: boolean },
): PivotRequest | ParseProblem {
  const {
    contents,
    systemInstruction,
    tools,
    toolConfig,
    generationConfig,
    serviceTier,
    // The path says it.
    model: _model,
    ...others
  } = requestOf(json);
  const turns = Array.isArray(contents) ? contents : contents ? [contents] : [];
  const messages = [...parseSystem(systemInstruction), ...parseContents(turns)];
  if (messages.every(({ role }) => role === 'system'))
    return { problem: '"contents" is missing or says nothing', param: 'contents' };
  const { rest, ...settings } = parseSettings(generationConfig);
  const choice = camel(toolConfig);
  return defined<PivotRequest>({
    model,
    stream,
    messages,
    tools: tools === undefined ? [] : parseTools(tools),
    toolChoice: parseToolChoice(choice),
    ...settings,
    serviceTier: asText(serviceTier)?.toLowerCase(),
    vendor: vendorFields(others, rest, choice),
  });
}

/** Tokens may be counted for a whole request instead of for contents. */
function requestOf(json: JsonObject): JsonObject {
  const body = camel(json);
  return body.contents === undefined && body.generateContentRequest !== undefined
    ? camel(body.generateContentRequest)
    : body;
}

/** What only this wire knows, each member by itself, so that a loss names it: `generationConfig.speechConfig`. */
function vendorFields(
  others: JsonObject,
  generationConfig: JsonObject,
  toolConfig: JsonObject,
): VendorFields | undefined {
  const { functionCallingConfig: _, ...choiceRest } = toolConfig;
  const fields = {
    ...others,
    ...dotted('generationConfig', generationConfig),
    ...dotted('toolConfig', choiceRest),
  };
  return Object.keys(fields).length === 0 ? undefined : { origin: 'gemini', fields };
}

function dotted(parent: string, members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [`${parent}.${name}`, value]));
}
