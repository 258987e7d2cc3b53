import { defined, type JsonObject, type ParseProblem, type PivotRequest } from '../../../pivot/index.ts';
import { readMessages } from './messages-in.ts';
import { readFormat, readReasoning, readRest, readSampling, readTier } from './settings-in.ts';
import { readToolChoice, readTools } from './tools-in.ts';

/** Reads a Messages request. https://docs.anthropic.com/en/api/messages */
export function parseRequest(
  json: JsonObject,
  from: { model: string; stream: boolean },
): PivotRequest | ParseProblem {
  const messages = readMessages(json);
  if (messages.every(({ role }) => role === 'system'))
    return { problem: 'messages must be a list with at least one message', param: 'messages' };
  const rest = readRest(json);
  const { toolChoice, parallelToolCalls } = readToolChoice(json.tool_choice);
  return defined<PivotRequest>({
    model: from.model,
    stream: from.stream,
    messages,
    tools: readTools(json.tools),
    toolChoice,
    parallelToolCalls,
    sampling: readSampling(json),
    reasoning: readReasoning(json),
    format: readFormat(json),
    serviceTier: readTier(json),
    vendor: Object.keys(rest).length === 0 ? undefined : { origin: 'anthropic-messages', fields: rest },
  });
}
