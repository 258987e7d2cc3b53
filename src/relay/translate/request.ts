import { GatewayError } from '../../errors.ts';
import type { JsonObject, Loss, PivotRequest } from '../../pivot/index.ts';
import type { Protocol } from '../../protocols/protocol.ts';
import type { Target } from '../../router/index.ts';
import type { Job } from '../job.ts';
import { applyQuirks } from '../repair.ts';
import type { Inbound } from '../types.ts';

/** A request for one target. */
export interface Prepared {
  /** The whole conversation as it was rendered, with what was remembered of it. */
  request: PivotRequest;
  body: JsonObject;
  losses: Loss[];
}

/** @throws GatewayError 400 */
function problem(message: string, param?: string): GatewayError {
  return new GatewayError({
    code: 'invalid_request',
    kind: 'client',
    status: 400,
    message: `unorouter: ${message}`,
    ...(param === undefined ? {} : { param }),
  });
}

/** Reads a client's request. @throws GatewayError 400 when it makes no sense */
export function readRequest(inbound: Inbound, protocol: Protocol): PivotRequest {
  let json: JsonObject;
  try {
    json = JSON.parse(inbound.bytes.toString('utf8')) as JsonObject;
  } catch {
    // The scan has checked brackets and commas, not what is inside strings.
    throw problem('the body is not valid JSON');
  }
  // Gemini's countTokens may wrap the request that it counts.
  const wrapped = inbound.endpoint === 'count-tokens' ? json.generateContentRequest : undefined;
  const request = protocol.parseRequest(
    typeof wrapped === 'object' && wrapped !== null ? (wrapped as JsonObject) : json,
    { model: inbound.model, stream: inbound.stream },
  );
  if ('problem' in request) throw problem(request.problem, request.param);
  return request;
}

/** The request for this target: with what was remembered, without what the target refuses. @throws GatewayError 400 */
export function prepare(job: Job, target: Target): Prepared {
  const { deps, memory, exchange } = job;
  const name = `${target.provider.id}/${target.model}`;
  const request = memory.thoughts.restore(memory.conversations.resume(job.request()), exchange.session);
  const quirks = memory.repairs.applied(
    target,
    deps.quirks(target),
    job.repair?.target === target ? job.repair.repair : null,
  );
  const seen = applyQuirks(request, quirks, name);
  const { body, losses } = deps
    .protocol(target.surface.protocol)
    .renderRequest(
      { ...seen.request, model: target.model },
      { model: target.model, provider: target.provider.id, quirks, ...deps.modelFacts(target) },
    );
  return { request, body, losses: [...seen.losses, ...losses] };
}
