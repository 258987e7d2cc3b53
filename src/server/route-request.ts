import type { Exchange } from '../exchange.ts';
import { protocolOf } from '../protocols/index.ts';
import { type Inbound, mostInputTokens, requestFacts } from '../relay/index.ts';
import type { RouteRequest } from '../router/index.ts';

/** A request as routing may look at it: who asks was found out already, the body is looked into when a rule asks. */
export function routeRequest(inbound: Inbound, exchange: Exchange): RouteRequest {
  const { model, protocol, endpoint, asIs, headers } = inbound;
  const { agent, project, projectSource, session } = exchange;
  const declared = projectSource === 'label' || projectSource === 'header';
  return {
    model,
    protocol,
    endpoint,
    asIs,
    agent,
    project: declared ? project : null,
    session,
    headers,
    mostInputTokens: mostInputTokens(inbound),
    facts: () => requestFacts(inbound, protocolOf(protocol)),
  };
}
