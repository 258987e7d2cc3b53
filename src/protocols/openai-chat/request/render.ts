import {
  type JsonObject,
  type PivotRequest,
  type Rendered,
  type RenderTarget,
  vendorFields,
  vendorLosses,
} from '../../../pivot/index.ts';
import { renderMessages } from './messages-out.ts';
import { createNotes, type Notes } from './notes.ts';
import { renderFormat, renderOthers, renderSampling } from './settings-out.ts';
import { renderReasoning } from './thinking-out.ts';
import { renderTools } from './tools-out.ts';

const ORIGIN = 'openai-chat';

/**
 * A request as a Chat Completions server takes it: the smallest common ground of the many that speak the wire. More than
 * that is said only where a quirk allows it, so that an unknown server answers rather than refuses.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function renderRequest(request: PivotRequest, target: RenderTarget): Rendered {
  const notes = createNotes(target);
  const tools = renderTools(request, notes);
  const format = renderFormat(request.format, tools.tools !== undefined, notes);
  const body: JsonObject = {
    model: target.model,
    messages: instructed(renderMessages(request, notes), format.instruction, request, notes),
    ...tools,
    ...renderSampling(request.sampling, notes),
    ...renderReasoning(request.reasoning, notes),
    ...format.body,
    ...renderOthers(request, notes),
  };
  if (request.previousResponseId !== undefined)
    notes.lose('previous_response_id', 'only openai-responses knows it');
  for (const { what, why } of vendorLosses(request, ORIGIN)) notes.lose(what, why);
  return { body: { ...vendorFields(request, ORIGIN), ...body }, losses: notes.losses() };
}

/**
 * Puts an instruction behind the system text at the start. JSON mode needs one only where nobody said "JSON" before the
 * first answer: OpenAI and others refuse the mode then. Later messages do not count, or the cached beginning would change.
 */
function instructed(
  messages: JsonObject[],
  instruction: string | undefined,
  request: PivotRequest,
  notes: Notes,
): JsonObject[] {
  if (instruction === undefined) return messages;
  const answer = messages.findIndex(({ role }) => role === 'assistant');
  const asked = JSON.stringify(answer < 0 ? messages : messages.slice(0, answer));
  if (request.format?.type === 'json' && /json/i.test(asked)) return messages;
  const role = notes.has('developer-role') ? 'developer' : 'system';
  const start = messages.findIndex((message) => message.role !== role);
  const at = start < 0 ? messages.length : start;
  const head = messages.slice(0, at);
  const last = head.pop();
  // One system message where there was one: many templates know no second.
  const text = typeof last?.content === 'string' ? `${last.content}\n\n${instruction}` : instruction;
  const kept = last && typeof last.content !== 'string' ? [last] : [];
  return [...head, ...kept, { role, content: text }, ...messages.slice(at)];
}
