import type { EndpointId, UsageSource } from '../exchange.ts';
import type { Usage } from '../pivot/index.ts';
import type { Job } from './job.ts';
import type { Reading } from './reading.ts';

/** Bytes of request JSON per token: a guess for requests whose provider never told. */
const BYTES_PER_TOKEN = 4;

/** Pictures and files in base64: no text has so many of these characters in a row. */
const SHORTEST_FILE = 2_000;
const OF_FILES = new Uint8Array(256);
for (const character of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-'))
  OF_FILES[character] = 1;
/** Looked at in such steps, no file is stepped over. */
const STRIDE = SHORTEST_FILE - 1;

/** What a picture comes to with most providers (OpenAI's and Anthropic's are between 85 and 1,600 tokens). */
const TOKENS_PER_FILE = 1_000;

/** Tokens of a request, where nobody has counted them: a guess by its length, in which a file counts as one, not by its size. */
export function estimateInput(request: Buffer): number {
  let files = 0;
  let encoded = 0;
  for (let at = 0; at < request.length; at += STRIDE) {
    const start = at;
    while (isOfFile(request[at])) at++;
    let before = start;
    while (at > start && isOfFile(request[before - 1])) before--;
    if (at - before < SHORTEST_FILE) continue;
    files++;
    encoded += at - before;
  }
  return Math.ceil((request.length - encoded) / BYTES_PER_TOKEN) + files * TOKENS_PER_FILE;
}

function isOfFile(character: number | undefined): boolean {
  return character !== undefined && OF_FILES[character] === 1;
}

/** Endpoints that generate nothing and bill nothing. */
const FREE: ReadonlySet<EndpointId> = new Set<EndpointId>(['count-tokens', 'moderations']);
/** Endpoints whose requests are text, so that their length says something about tokens. A picture's does not. */
const TEXT: ReadonlySet<EndpointId> = new Set<EndpointId>(['generate', 'completions', 'embeddings']);

/** What was used. `billed` false = nothing that could cost anything happened. */
export interface SettledUsage {
  usage: Usage;
  source: UsageSource;
  billed: boolean;
  /** What the provider calls the answer. */
  answerId: string | null;
}

/** What a request comes to that never got an answer. */
export const NOT_USED: SettledUsage = { usage: {}, source: 'none', billed: false, answerId: null };

/**
 * What goes on the bill: the provider's own counts where it gave them; for an answer that broke off, what was read
 * (an output count that is a placeholder from the start of the stream never beats what visibly arrived).
 */
export function settleUsage(
  reading: Reading,
  request: Pick<Job, 'inputEstimate' | 'inbound'>,
  complete: boolean,
): SettledUsage {
  const { usage, answerId } = reading;
  const { endpoint } = request.inbound;
  if (FREE.has(endpoint)) return NOT_USED;
  const reported = usage.input !== undefined || usage.output !== undefined;
  // Messages begins with a placeholder: where no count comes behind the content, nobody counted the output.
  const placeholder = reading.content && !reading.counted;
  if (complete && reported && !placeholder) return { usage, source: 'reported', billed: true, answerId };
  if (!complete && !reported && !reading.content) return NOT_USED;
  if (!reported && !TEXT.has(endpoint)) return { usage, source: 'none', billed: true, answerId };
  const input = usage.input ?? request.inputEstimate();
  const output = reading.counted
    ? (usage.output ?? reading.outputEstimate)
    : Math.max(usage.output ?? 0, reading.outputEstimate);
  return {
    usage: { ...usage, input, output },
    source: reported ? 'partial' : 'estimated',
    billed: true,
    answerId,
  };
}
