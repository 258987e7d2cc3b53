import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';
import { exchangeJson } from '../exchange.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { Client, Inbound, Relay } from '../relay/index.ts';
import {
  planQuestion,
  protocolOfQuestion,
  type RouteQuestion,
  type RouteState,
  targetId,
} from '../router/index.ts';
import { ENDPOINTS, geminiCall } from './endpoints.ts';
import { readGeminiInbound, readInbound } from './inbound.ts';
import { newExchange } from './proxy.ts';
import type { RouteTestEvent } from './types.ts';

/** The rule under which the rows of tests stand. */
const TEST_RULE = 'routes test';

const PROMPT = 'Say hi.';
/** The Responses API takes no fewer. */
const FEW_TOKENS = 16;

/** The smallest request that a model answers, by protocol. */
const TINY: { readonly [P in ProtocolId]: (model: string) => object } = {
  'openai-chat': (model) => ({
    model,
    stream: true,
    max_tokens: FEW_TOKENS,
    messages: [{ role: 'user', content: PROMPT }],
  }),
  'openai-responses': (model) => ({
    model,
    stream: true,
    max_output_tokens: FEW_TOKENS,
    store: false,
    input: PROMPT,
  }),
  'anthropic-messages': (model) => ({
    model,
    stream: true,
    max_tokens: FEW_TOKENS,
    messages: [{ role: 'user', content: PROMPT }],
  }),
  gemini: () => ({
    contents: [{ role: 'user', parts: [{ text: PROMPT }] }],
    generationConfig: { maxOutputTokens: FEW_TOKENS },
  }),
};

const HEADERS: IncomingHttpHeaders = { 'content-type': 'application/json' };

/** A tiny request as a client of that protocol would send it. */
function tinyInbound(question: RouteQuestion): Inbound {
  const protocol = protocolOfQuestion(question);
  const bytes = Buffer.from(JSON.stringify(TINY[protocol](question.model)));
  const call =
    protocol === 'gemini'
      ? geminiCall(`/v1beta/models/${encodeURIComponent(question.model)}:streamGenerateContent`)
      : null;
  if (call) return readGeminiInbound({ url: '?alt=sse', headers: HEADERS }, bytes, call);
  const endpoint = ENDPOINTS.find((row) => row.protocol === protocol && row.endpoint === 'generate');
  if (!endpoint) throw new Error(`no endpoint generates in ${protocol}`);
  return readInbound({ url: '', headers: HEADERS }, bytes, endpoint);
}

/** Nobody reads the answer; what is known of it stands in the exchange. */
function nobody(signal: AbortSignal): Client {
  return { signal, head() {}, write() {}, end() {}, full: () => false, onDrain() {} };
}

/** What a test needs of a running server. */
export interface RouteTestDeps {
  /** One attempt a target. */
  relay: Relay;
  routeState(): RouteState;
  newId(): string;
  now(): number;
}

/**
 * Sends one tiny real request to each target of a plan, in order, each as an exchange of its own. What cannot be planned
 * was told before. Ends early when whoever asked goes away.
 * @throws GatewayError as planning does
 */
export async function testRoute(
  question: RouteQuestion,
  deps: RouteTestDeps,
  say: (event: RouteTestEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const planned = planQuestion(question, deps.routeState());
  const inbound = tinyInbound(question);
  for (const target of planned.targets) {
    if (signal.aborted) return;
    const names = {
      agent: question.agent ?? null,
      agentSource: question.agent === undefined ? null : ('header' as const),
      project: question.project ?? null,
      projectSource: question.project === undefined ? null : ('header' as const),
      session: question.session ?? null,
    };
    const exchange = newExchange(inbound, names, deps);
    const single = { ...planned, targets: [target], rule: TEST_RULE, stick: null };
    try {
      await deps.relay(inbound, single, exchange, nobody(signal));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
    }
    say({ type: 'hop', target: targetId(target), exchange: exchangeJson(exchange) });
  }
}
