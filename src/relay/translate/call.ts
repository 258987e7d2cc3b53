import type { IncomingHttpHeaders } from 'node:http';
import type { Target } from '../../router/index.ts';
import { readAnswer } from '../answer.ts';
import type { Call } from '../attempt.ts';
import type { Job } from '../job.ts';
import { lossTexts, refusable, wouldDrop } from '../losses.ts';
import { prepare } from './request.ts';
import { createTranslation } from './translation.ts';

/** Headers that mean something to the client's vendor only. */
const VENDOR_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'anthropic-version',
  'anthropic-beta',
  'openai-beta',
  'x-goog-api-client',
]);

/** A client's headers without those of its vendor. */
export function withoutVendor(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !VENDOR_HEADERS.has(name)));
}

/** The call of a target of another protocol. @throws GatewayError 400: unreadable, or strict and something would get lost */
export function translateCall(job: Job, target: Target): Call {
  const { inbound, exchange, deps } = job;
  const { request, body, losses } = prepare(job, target);
  exchange.losses = lossTexts(losses);
  const missing = lossTexts(refusable(losses));
  if (missing.length > 0 && isStrict(job)) throw wouldDrop(missing, target, inbound.protocol, deps.prefix);
  return {
    path: deps.protocol(target.surface.protocol).path(target.model, inbound.stream),
    body: [Buffer.from(JSON.stringify(body))],
    contentType: 'application/json',
    headers: withoutVendor(inbound.headers),
    read: (response) =>
      readAnswer(job, target, response, { translation: createTranslation(job, target, request) }),
  };
}

/** By the rule that planned it, else by configuration; or for this request by its header. */
function isStrict({ inbound, deps, plan }: Job): boolean {
  return (plan.strict ?? deps.strict()) || inbound.headers['x-unorouter-strict'] === 'true';
}
