import { asObject, type JsonObject, type PivotError } from '../pivot/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { Target } from '../router/index.ts';
import { exchangeHeaders } from './answer-head.ts';
import type { Call } from './attempt.ts';
import type { AttemptFailure } from './decide.ts';
import { failed, type Job } from './job.ts';
import { emptyReading } from './reading.ts';
import { withoutVendor } from './translate/call.ts';
import { prepare } from './translate/request.ts';
import { collectText } from './whole.ts';

/** Members of a generation request that a Messages count request may have: it refuses every other. */
const MESSAGES_COUNTED: readonly string[] = [
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
];

/** A generation request as the count endpoint of its wire takes it. */
const COUNT_BODY: Partial<Record<ProtocolId, (body: JsonObject, model: string) => JsonObject>> = {
  'anthropic-messages': (body) =>
    Object.fromEntries(Object.entries(body).filter(([name]) => MESSAGES_COUNTED.includes(name))),
  gemini: (body, model) => ({ generateContentRequest: { model: `models/${model}`, ...body } }),
};

const MALFORMED: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the upstream counted no tokens',
};

/** Asks a target of another protocol for a count. Only for targets that have such an endpoint. @throws GatewayError 400 */
export function countCall(job: Job, target: Target): Call {
  const { inbound, deps } = job;
  const upstream = deps.protocol(target.surface.protocol);
  const { body } = prepare(job, target);
  const shaped = COUNT_BODY[upstream.id]?.(body, target.model) ?? body;
  return {
    path: upstream.countPath?.(target.model) ?? '',
    body: [Buffer.from(JSON.stringify(shaped))],
    contentType: 'application/json',
    headers: withoutVendor(inbound.headers),
    async read(response) {
      const tokens = countIn(await collectText(response));
      if (tokens === null) return failed(MALFORMED);
      sendCount(job, tokens, false);
      return { type: 'answered', cut: null, reading: { ...emptyReading(), ended: true } };
    },
  };
}

function countIn(text: string): number | null {
  try {
    const json = asObject(JSON.parse(text));
    const tokens = json.input_tokens ?? json.totalTokens;
    return typeof tokens === 'number' && tokens >= 0 ? tokens : null;
  } catch {
    // Not JSON: no count.
    return null;
  }
}

/** Nobody is asked: the target has no endpoint that counts. */
export function countsHere(job: Job, { surface }: Target): boolean {
  return (
    job.inbound.endpoint === 'count-tokens' &&
    surface.protocol !== job.inbound.protocol &&
    job.deps.protocol(surface.protocol).countPath === undefined
  );
}

/** Statuses by which a server says that it has no such endpoint. */
const NO_ENDPOINT: ReadonlySet<number> = new Set([404, 405, 501]);

/** A failed count that is better answered by an estimate: agents ask before every turn, and cannot do without. */
export function countsAnyway(job: Job, { surface }: Target, { error }: AttemptFailure): boolean {
  if (job.inbound.endpoint !== 'count-tokens' || error.kind === 'client') return false;
  return surface.protocol !== job.inbound.protocol || NO_ENDPOINT.has(error.status);
}

/** Answers with our own estimate, as this target counts. @throws GatewayError 400 when the request makes no sense */
export function answerEstimate(job: Job, target: Target): void {
  const { counts } = job.memory;
  counts.ask(target);
  const tokens = counts.corrected(target, job.estimate().tokens);
  job.exchange.provider = target.provider.id;
  job.exchange.model = target.model;
  sendCount(job, tokens, true);
}

function sendCount(job: Job, tokens: number, estimated: boolean): void {
  const { client, exchange, deps, inbound } = job;
  const body = Buffer.from(JSON.stringify(deps.protocol(inbound.protocol).encodeTokenCount(tokens)));
  // A count request costs nothing, so its cost is known before anything is recorded.
  exchange.cost = { nanoUsd: 0, state: 'none', source: null };
  client.head(200, {
    'content-type': 'application/json',
    ...exchangeHeaders(exchange, true),
    ...(estimated ? { 'x-unorouter-estimated': 'true' } : {}),
    'content-length': String(body.length),
  });
  client.write(body);
  client.end();
}
