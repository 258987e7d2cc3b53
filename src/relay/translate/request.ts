import { GatewayError } from '../../errors.ts';
import type { JsonObject, PivotRequest, Rendered } from '../../pivot/index.ts';
import type { Protocol } from '../../protocols/protocol.ts';
import type { Target } from '../../router/index.ts';
import type { Job } from '../job.ts';
import { applyQuirks } from '../repair.ts';
import type { Inbound } from '../types.ts';

/** A request for one target. */
export interface Prepared extends Rendered {
  /** The whole conversation as it was rendered, with what was remembered of it. */
  request: PivotRequest;
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
  const { memory, exchange } = job;
  const own = job.request();
  const request = memory.thoughts.restore(memory.conversations.resume(own), exchange.session);
  const { body, losses } = render(job, target, request);
  if (losses.length === 0 || request === own) return { request, body, losses };
  // What we remembered ourselves is no loss of the client's when it does not fit.
  const known = new Set(render(job, target, own).losses.map(({ what, why }) => `${what}\n${why}`));
  return { request, body, losses: losses.filter(({ what, why }) => known.has(`${what}\n${why}`)) };
}

function render(job: Job, target: Target, request: PivotRequest): Rendered {
  const { deps, memory } = job;
  const tried = job.repair?.target === target ? job.repair.repair : null;
  const quirks = memory.repairs.applied(target, deps.quirks(target), tried);
  const seen = applyQuirks(request, quirks, `${target.provider.id}/${target.model}`);
  const { body, losses } = deps
    .protocol(target.surface.protocol)
    .renderRequest(
      { ...seen.request, model: target.model },
      { model: target.model, provider: target.provider.id, quirks, ...deps.modelFacts(target) },
    );
  return { body, losses: [...seen.losses, ...losses] };
}
