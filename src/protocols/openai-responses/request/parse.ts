import type { JsonObject, ParseProblem, PivotRequest } from '../../../pivot/index.ts';
import { messagesIn } from './messages-in.ts';
import { settingsIn } from './settings-in.ts';
import { toolsIn } from './tools-in.ts';

/** Fields that name a conversation or a prompt that lies with the provider: nothing else need be said. */
const ELSEWHERE = ['previous_response_id', 'conversation', 'prompt'];

/** A Responses request. https://platform.openai.com/docs/api-reference/responses/create */
export function parseRequest(
  json: JsonObject,
  from: { model: string; stream: boolean },
): PivotRequest | ParseProblem {
  const { messages, tools } = messagesIn(json.instructions, json.input);
  const silent =
    messages.length === 0 && !ELSEWHERE.some((name) => json[name] !== undefined && json[name] !== null);
  if (silent) return { problem: 'the request has no input', param: 'input' };
  return { ...from, messages, tools: toolsIn(json.tools, ...tools), ...settingsIn(json) };
}
