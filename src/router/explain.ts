import type { ModelPrice } from '../catalog/index.ts';
import type { CostState } from '../exchange.ts';
import type { PlaceHealth } from '../health/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import { plan } from './plan.ts';
import type { PassedOver, Plan, RouteRequest, RouteState, RuleVerdict, Target } from './types.ts';
import { targetId } from './words.ts';

/** A request that nobody has sent: what `routes explain` asks about. Everything but the model may be left out. */
export interface RouteQuestion {
  model: string;
  /** Left out = the agent's own, else Chat Completions. */
  protocol?: ProtocolId;
  agent?: string;
  /** Counts as declared. */
  project?: string;
  session?: string;
  /** Names in lower case. */
  headers?: Record<string, string>;
  /** Tokens of the input; left out = those of a short question. */
  tokens?: number;
  tools?: boolean;
  image?: boolean;
  /** ms since 1970 for rules with a time or a day; left out = now. */
  at?: number;
}

/** One target of a plan with what is known of it. */
export interface ExplainedTarget {
  /** `anthropic/claude-opus-4-5` */
  target: string;
  provider: string;
  model: string;
  protocol: ProtocolId;
  /** The request is translated to this target's protocol. */
  translated: boolean;
  /** Where its key is: `keychain`, a variable's name; null = it needs none. */
  key: string | null;
  /** Label of the key, out of a pool. */
  keyLabel: string | null;
  health: PlaceHealth;
  price: ModelPrice | null;
  /** What the input costs when nothing of it is cached; integer nano-dollars, null = unknown. */
  inputNanoUsd: number | null;
  costState: CostState;
}

/** A plan for people: the answer of `routes explain`, and its JSON. */
export interface RouteExplanation {
  asked: string;
  agent: string | null;
  project: string | null;
  protocol: ProtocolId;
  tokens: number;
  rule: string;
  why: string[];
  verdicts: RuleVerdict[];
  /** In the order in which they would be tried. */
  targets: ExplainedTarget[];
  passedOver: PassedOver[];
  /** What cannot be translated is refused; null = as configured. */
  strict: boolean | null;
  /** The target that the session would be kept at; null = nothing to keep. */
  sticky: string | null;
}

/** A short question of a few sentences. */
const USUAL_TOKENS = 1_000;

/** What agents speak when nobody says otherwise. */
const SPOKEN_BY: ReadonlyMap<string, ProtocolId> = new Map([
  ['claude', 'anthropic-messages'],
  ['codex', 'openai-responses'],
  ['gemini', 'gemini'],
  ['qwen', 'openai-chat'],
]);

/** The protocol that a question is asked in. */
export function protocolOfQuestion({ protocol, agent }: RouteQuestion): ProtocolId {
  return protocol ?? SPOKEN_BY.get(agent ?? '') ?? 'openai-chat';
}

/** The request that a question is about. */
function requestOf(question: RouteQuestion): RouteRequest {
  const { model, agent = null, project = null, session = null, headers = {} } = question;
  const facts = {
    inputTokens: question.tokens ?? USUAL_TOKENS,
    images: question.image === true,
    documents: false,
    tools: question.tools === true,
  };
  return {
    model,
    protocol: protocolOfQuestion(question),
    endpoint: 'generate',
    agent,
    project,
    session,
    headers,
    facts: () => facts,
  };
}

/**
 * The plan for a question. @throws GatewayError as `plan` does
 */
export function planQuestion(question: RouteQuestion, state: RouteState): Plan {
  return plan(requestOf(question), question.at === undefined ? state : { ...state, now: question.at });
}

const MILLION = 1_000_000;
const NANO = 1_000_000_000;

/** The price of a model that no catalog knows: the user's own. */
function ownPrice({ provider, model }: Target, { catalog, now }: RouteState): ModelPrice | null {
  const [input, output] = [
    catalog.cost(provider.id, model, { input: MILLION, output: 0 }, now),
    catalog.cost(provider.id, model, { input: 0, output: MILLION }, now),
  ];
  if (input.nanoUsd === null || output.nanoUsd === null) return null;
  return {
    input: input.nanoUsd / NANO,
    output: output.nanoUsd / NANO,
    cacheRead: null,
    cacheWrite: null,
    source: input.source ?? '',
  };
}

function explainedTarget(
  target: Target,
  question: RouteQuestion,
  state: RouteState,
  keyWhere: (target: Target) => string | null,
): ExplainedTarget {
  const { provider, model, surface, key } = target;
  const usage = { input: question.tokens ?? USUAL_TOKENS, output: 0 };
  const cost = state.catalog.cost(provider.id, model, usage, question.at ?? state.now);
  return {
    target: targetId(target),
    provider: provider.id,
    model,
    protocol: surface.protocol,
    translated: surface.protocol !== protocolOfQuestion(question),
    key: keyWhere(target),
    keyLabel: key ?? null,
    health: state.health(target),
    price: state.catalog.info(provider.id, model)?.price ?? ownPrice(target, state),
    inputNanoUsd: cost.nanoUsd,
    costState: cost.state,
  };
}

/**
 * Where a request would go and why; nobody is called.
 * @param keyWhere names the place of a target's key, never the key
 * @throws GatewayError as `plan` does
 */
export function explainRoute(
  question: RouteQuestion,
  state: RouteState,
  keyWhere: (target: Target) => string | null,
): RouteExplanation {
  const planned = planQuestion(question, state);
  return {
    asked: question.model,
    agent: question.agent ?? null,
    project: question.project ?? null,
    protocol: protocolOfQuestion(question),
    tokens: question.tokens ?? USUAL_TOKENS,
    rule: planned.rule,
    why: planned.why,
    verdicts: planned.verdicts(),
    targets: planned.targets.map((target) => explainedTarget(target, question, state, keyWhere)),
    passedOver: planned.passedOver,
    strict: planned.strict ?? null,
    sticky: planned.stick?.target ?? null,
  };
}
