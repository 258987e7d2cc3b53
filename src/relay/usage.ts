import type { EndpointId, UsageSource } from '../exchange.ts';
import type { Usage } from '../pivot/index.ts';
import type { Reading } from './reading.ts';

/** Bytes of request JSON per token: a guess for requests whose provider never told. */
const BYTES_PER_TOKEN = 4;

/** Tokens of a request of so many bytes, where nobody has counted them. */
export function estimateInput(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** Endpoints that generate nothing and bill nothing. */
export const FREE: ReadonlySet<EndpointId> = new Set<EndpointId>(['count-tokens', 'moderations']);
/** Endpoints whose requests are text, so that their length says something about tokens. A picture's does not. */
const TEXT: ReadonlySet<EndpointId> = new Set<EndpointId>(['generate', 'completions', 'embeddings']);

/**
 * What goes on the bill: the provider's own counts where it gave them; for an answer that broke off, what was read
 * (an output count that is a placeholder from the start of the stream never beats what visibly arrived).
 */
export function settleUsage(
  reading: Reading,
  request: { bytes: number; endpoint: EndpointId },
  complete: boolean,
): { usage: Usage; source: UsageSource } {
  const { usage } = reading;
  if (FREE.has(request.endpoint)) return { usage: {}, source: 'none' };
  const reported = usage.input !== undefined || usage.output !== undefined;
  if (complete && reported) return { usage, source: 'reported' };
  if (!reported && !TEXT.has(request.endpoint)) return { usage: {}, source: 'none' };
  if (!complete && !reported && !reading.content) return { usage: {}, source: 'none' };
  const input = usage.input ?? estimateInput(request.bytes);
  const output = reading.counted
    ? (usage.output ?? reading.outputEstimate)
    : Math.max(usage.output ?? 0, reading.outputEstimate);
  return { usage: { ...usage, input, output }, source: reported ? 'partial' : 'estimated' };
}
