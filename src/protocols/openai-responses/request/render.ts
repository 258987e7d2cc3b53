import {
  defined,
  type JsonObject,
  type PivotMessage,
  type PivotRequest,
  type Rendered,
  type RenderTarget,
  vendorLosses,
} from '../../../pivot/index.ts';
import type { Json } from '../wire.ts';
import { WIRE } from './content-in.ts';
import { itemsOut, systemTexts } from './messages-out.ts';
import {
  formatOut,
  includeOut,
  reasoningOut,
  samplingOut,
  tierOut,
  vendorOut,
  verbosityOut,
} from './settings-out.ts';
import { NO_WORD, type Rendering, startRendering } from './target.ts';
import { toolChoiceOut, toolsOut } from './tools-out.ts';

/** A request for a Responses target. https://platform.openai.com/docs/api-reference/responses/create */
export function renderRequest(request: PivotRequest, target: RenderTarget): Rendered {
  const rendering = startRendering(request, target);
  const { whole, text, reasoning } = vendorOut(rendering);
  const head = instructionsOf(request.messages);
  const rest = head === undefined ? request.messages : request.messages.slice(1);
  const format = formatOut(rendering, request.format);
  const input = [...jsonWish(rendering, format), ...itemsOut(rendering, rest)];
  const body = defined<JsonObject>({
    model: target.model,
    instructions: head,
    input,
    ...toolFields(rendering),
    ...samplingOut(rendering),
    reasoning: unlessEmpty({ ...reasoningOut(rendering), ...reasoning }),
    text: unlessEmpty(
      defined<JsonObject>({ ...(format ? { format } : {}), verbosity: verbosityOut(rendering), ...text }),
    ),
    store: request.store ?? (rendering.atHome ? undefined : false),
    include: includeOut(rendering),
    previous_response_id: request.previousResponseId,
    prompt_cache_key: request.cacheKey,
    service_tier: tierOut(rendering),
    stream: request.stream ? true : undefined,
    ...whole,
  });
  for (const { what, why } of vendorLosses(request, WIRE)) rendering.lose(what, why);
  for (const kind of request.modalities ?? []) if (kind !== 'text') rendering.lose(`${kind} output`, NO_WORD);
  return { body, losses: rendering.losses };
}

/** The first message, when it is what this wire says outside of `input`. */
function instructionsOf([first]: readonly PivotMessage[]): string | undefined {
  if (first?.role !== 'system' || first.from !== 'instructions') return undefined;
  const texts = systemTexts(first);
  return texts.length === 0 || texts.length < first.content.length
    ? undefined
    : texts.map((part) => part.text).join('\n\n');
}

/** Refused without tools. */
function toolFields(rendering: Rendering): Json {
  const { request, target, lose } = rendering;
  const tools = toolsOut(rendering, request.tools);
  if (tools.length === 0) return {};
  const parallel = request.parallelToolCalls;
  const deaf = parallel !== undefined && target.quirks.has('no-parallel-tool-calls');
  if (deaf && !parallel) lose('parallel_tool_calls', `${target.provider}/${target.model} refuses it`);
  return {
    tools,
    tool_choice: request.toolChoice ? toolChoiceOut(rendering, request.toolChoice) : undefined,
    parallel_tool_calls: deaf ? undefined : parallel,
  };
}

/** JSON without a schema is refused here unless the prompt speaks of JSON: clients of other wires do not know. */
function jsonWish({ request, atHome }: Rendering, format: Json | undefined): Json[] {
  if (format?.type !== 'json_object') return [];
  const shape =
    request.format?.type === 'json-schema'
      ? ` It matches this schema: ${JSON.stringify(request.format.schema)}`
      : '';
  const knows = shape === '' && (atHome || request.vendor?.origin === 'openai-chat');
  if (knows) return [];
  const text = `Answer with a JSON object and nothing else.${shape}`;
  return [{ type: 'message', role: 'developer', content: [{ type: 'input_text', text }] }];
}

function unlessEmpty(fields: Json): Json | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields;
}
