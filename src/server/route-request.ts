import type { Exchange } from '../exchange.ts';
import { protocolOf } from '../protocols/index.ts';
import { type Inbound, mostInputTokens, requestFacts } from '../relay/index.ts';
import type { RouteRequest } from '../router/index.ts';

/** The project that the client named by label or header; a guessed one is for reports only. */
export function declaredProject({ project, projectSource }: Exchange): string | null {
  return projectSource === 'label' || projectSource === 'header' ? project : null;
}

/** A request as routing may look at it: who asks was found out already, the body is looked into when a rule asks. */
export function routeRequest(inbound: Inbound, exchange: Exchange): RouteRequest {
  const { model, protocol, endpoint, asIs, headers } = inbound;
  const { agent, session } = exchange;
  return {
    model,
    protocol,
    endpoint,
    asIs,
    agent,
    project: declaredProject(exchange),
    session,
    headers,
    mostInputTokens: mostInputTokens(inbound),
    facts: () => requestFacts(inbound, protocolOf(protocol)),
  };
}
