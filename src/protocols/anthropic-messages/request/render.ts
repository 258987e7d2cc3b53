import {
  asObject,
  defined,
  type JsonObject,
  type PivotRequest,
  type Rendered,
  type RenderTarget,
  vendorFields,
  vendorLosses,
  verbosityLoss,
} from '../../../pivot/index.ts';
import { settleMarks } from './marks-out.ts';
import { writeMessages } from './messages-out.ts';
import { createNotes, textBlock } from './notes.ts';
import { maxTokensOf, writeFormat, writeRest, writeSampling } from './settings-out.ts';
import { writeThinking } from './thinking-out.ts';
import { writeTools } from './tools-out.ts';

const WIRE = 'anthropic-messages';

/** Writes a Messages request for a target. https://docs.anthropic.com/en/api/messages */
export function renderRequest(request: PivotRequest, target: RenderTarget): Rendered {
  const notes = createNotes();
  const { system, turns } = writeMessages(request.messages, target, notes);
  const offer = writeTools(request, target, notes);
  const forced = ['any', 'tool'].includes(String(asObject(offer.tool_choice).type));
  const wished = maxTokensOf(request, target, notes);
  const { fields, maxTokens, on } = writeThinking(request, turns, forced, wished, target, notes);
  const { format, instruction } = writeFormat(request, target, notes);
  const { output_config: config, metadata, ...own } = vendorFields(request, WIRE);
  const output = defined<JsonObject>({ ...asObject(config), effort: fields.effort, format });
  const prompt = [...system, ...(instruction === undefined ? [] : [textBlock(instruction)])];
  const body = defined<JsonObject>({
    model: target.model,
    max_tokens: maxTokens,
    stream: request.stream ? true : undefined,
    thinking: fields.thinking,
    output_config: Object.keys(output).length === 0 ? undefined : output,
    ...writeSampling(request, on, target, notes),
    ...writeRest(request, notes),
    // Who the user is, is Anthropic's to know, not everybody's who speaks its language.
    metadata: target.provider === 'anthropic' ? metadata : undefined,
    ...own,
    ...offer,
    system: prompt.length === 0 ? undefined : prompt,
    messages: turns.map(({ role, blocks }) => ({ role, content: blocks })),
  });
  settleMarks(body, notes);
  return {
    body,
    losses: [...notes.losses(), ...verbosityLoss(request, WIRE), ...vendorLosses(request, WIRE)],
  };
}
