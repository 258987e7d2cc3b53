import { createCollector, type PivotEvent, type PivotRequest, perCandidate } from '../../pivot/index.ts';
import { contextOf, withCandidates } from '../../protocols/index.ts';
import type { EncodeContext, Protocol } from '../../protocols/protocol.ts';
import type { Target } from '../../router/index.ts';
import { encodeContext, type Job, masked } from '../job.ts';
import { addLoss } from '../losses.ts';
import { foreignError } from './errors.ts';

/** One answer on its way from a wire to another. */
export interface Translation {
  /** Tells candidates apart, where several were asked for and the client's wire has a place for them. */
  upstream: Protocol;
  client: Protocol;
  context: EncodeContext;
  /** An event as the client shall have it. Hears every event once, in order; the end makes the answer remembered. */
  tell(event: PivotEvent): PivotEvent;
}

/** Creates the translation of one answer. `request` = as it was rendered. */
export function createTranslation(job: Job, target: Target, request: PivotRequest): Translation {
  const { deps, inbound, exchange, memory } = job;
  const context: EncodeContext = {
    ...encodeContext(job),
    tools: request.tools,
    // Worked out only by the wire that begins with it.
    get inputEstimate() {
      return memory.counts.corrected(target, job.estimate().tokens);
    },
  };
  const client = deps.protocol(inbound.protocol);
  const asked = client.candidates === undefined ? 1 : (request.sampling.n ?? 1);
  const collectors = perCandidate(createCollector);
  // Text is kept only for those who may refer to the answer later.
  const referable = inbound.protocol === 'openai-responses' && request.store !== false;

  /** Of several candidates any may be the one that the client goes on with. */
  function remember(): void {
    for (const [, collector] of collectors.all())
      memory.thoughts.remember(collector.collected().blocks, exchange.session);
    if (referable) memory.conversations.keep(context.id, request, collectors.of().collected().blocks);
  }

  function named(event: PivotEvent): PivotEvent {
    if (event.type === 'error')
      return { ...event, error: masked(foreignError(event.error, inbound.protocol), job) };
    // Ids that a wire leaves out (Gemini) are ours from here on, so that what the client sends back is known again.
    return event.type === 'tool-call-start' && event.id === ''
      ? { ...event, id: `call_${contextOf(context, event.candidate).id}_${event.block}` }
      : event;
  }

  function noteLoss(event: PivotEvent): void {
    const what = lostIn(event, client);
    if (what === undefined) return;
    addLoss(exchange.losses, { what: `${what} in the answer`, why: `${client.id} has no place for it` });
  }

  return {
    upstream: withCandidates(deps.protocol(target.surface.protocol), asked),
    client,
    context,
    tell(event) {
      const told = named(event);
      noteLoss(told);
      if (referable || told.type !== 'text-delta') collectors.of(told.candidate).add(told);
      if (told.type === 'end') remember();
      return told;
    },
  };
}

/** What a wire has no place for, in the words of the list of losses. What a provider's own tools do is nobody else's. */
function lostIn(event: PivotEvent, client: Protocol): string | undefined {
  if (event.type === 'vendor') return event.name;
  if (event.type === 'tool-call-start' && event.kind === 'server') return `call of ${event.name}`;
  if (event.type !== 'media' && event.type !== 'transcript' && event.type !== 'citation') return undefined;
  if (client.carries(event)) return undefined;
  if (event.type === 'citation') return 'source without an address';
  return event.type === 'media' ? event.mediaType : 'transcript of a sound';
}
