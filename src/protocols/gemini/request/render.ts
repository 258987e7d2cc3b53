import {
  defined,
  type JsonObject,
  type PivotRequest,
  type Rendered,
  type RenderTarget,
  vendorFields,
  vendorLosses,
  verbosityLoss,
} from '../../../pivot/index.ts';
import { createRendering, NO_WORD, type Rendering } from './context.ts';
import { writeMessages } from './messages-out.ts';
import { writeSettings } from './settings-out.ts';
import { writeToolChoice, writeTools } from './tools-out.ts';

const WIRE = 'gemini';

/** A request as generateContent takes it; the model goes into the path. https://ai.google.dev/api/generate-content */
export function renderRequest(request: PivotRequest, target: RenderTarget): Rendered {
  const rendering = createRendering(target, request.tools);
  const own = vendorFields(request, WIRE);
  const { config, instruction } = writeSettings(request, rendering);
  const { system, contents } = writeMessages(request.messages, instruction, rendering);
  const tools = writeTools(rendering);
  const choice = writeToolChoice(request.toolChoice, rendering);
  loseOthers(request, rendering);
  const body = defined<JsonObject>({
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    contents,
    tools: tools.length === 0 ? undefined : tools,
    toolConfig: filled({ functionCallingConfig: choice, ...membersOf(own, 'toolConfig') }),
    generationConfig: filled({ ...config, ...membersOf(own, 'generationConfig') }),
    serviceTier: tierOf(request.serviceTier, rendering),
    ...membersOf(own, ''),
  });
  return {
    body,
    losses: [...rendering.losses(), ...verbosityLoss(request, WIRE), ...vendorLosses(request, WIRE)],
  };
}

/** The members of one object among dotted names; without a name those of the top level. */
function membersOf(fields: JsonObject, parent: string): JsonObject {
  const start = parent === '' ? '' : `${parent}.`;
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) =>
        start === '' ? !/^(?:generationConfig|toolConfig)\./.test(name) : name.startsWith(start),
      )
      .map(([name, value]) => [name.slice(start.length), value]),
  );
}

function filled(object: JsonObject): JsonObject | undefined {
  const members = defined<JsonObject>(object);
  return Object.keys(members).length === 0 ? undefined : members;
}

/** Tiers that are more than the usual. */
const TIERS: ReadonlySet<string> = new Set(['flex', 'priority']);
const USUAL_TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'standard', 'standard_only']);

function tierOf(tier: string | undefined, { lose }: Rendering): string | undefined {
  if (tier === undefined || USUAL_TIERS.has(tier)) return undefined;
  if (TIERS.has(tier)) return tier;
  lose('service_tier', NO_WORD);
  return undefined;
}

function loseOthers(
  { parallelToolCalls, previousResponseId, store }: PivotRequest,
  { lose }: Rendering,
): void {
  if (parallelToolCalls === false) lose('parallel_tool_calls', NO_WORD);
  if (previousResponseId !== undefined)
    lose('previous_response_id', 'only who gave it knows the conversation');
  if (store === true) lose('store', NO_WORD);
}
