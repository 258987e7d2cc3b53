import type { Catalog } from '../catalog/index.ts';
import type { Cost, EndpointId } from '../exchange.ts';
import { memberValue } from '../json-scan.ts';
import { estimateInput, type Inbound } from '../relay/index.ts';
import type { Target } from '../router/index.ts';

/** Endpoints that bill nothing. */
const FREE: ReadonlySet<EndpointId> = new Set<EndpointId>(['count-tokens', 'moderations']);
/** Endpoints that answer with text; the others have no output tokens that anybody could foresee. */
const WRITING: ReadonlySet<EndpointId> = new Set<EndpointId>(['generate', 'completions']);

/** Where the wires say how long an answer may become. */
const LIMITS: readonly (readonly string[])[] = [
  ['max_completion_tokens'],
  ['max_tokens'],
  ['max_output_tokens'],
  ['generationConfig', 'maxOutputTokens'],
  ['generation_config', 'max_output_tokens'],
];
/** An answer whose length nobody limits: more than most agents' turns, less than models can. */
const UNLIMITED_TOKENS = 8_192;
const MOST_ANSWERS = 128;

/** What a request would cost at a target at most, as far as that can be known before: its input, and the longest answer. */
export function estimateCost(inbound: Inbound, target: Target, catalog: Catalog, now: number): Cost {
  if (FREE.has(inbound.endpoint)) return { nanoUsd: 0, state: 'none', source: null };
  const { provider, model } = target;
  const most = catalog.info(provider.id, model)?.maxOutput ?? Number.POSITIVE_INFINITY;
  const output = WRITING.has(inbound.endpoint)
    ? Math.min(saidLimit(inbound) ?? UNLIMITED_TOKENS, most) * answers(inbound)
    : 0;
  return catalog.cost(provider.id, model, { input: estimateInput(inbound.bytes), output }, now);
}

function saidLimit(inbound: Inbound): number | null {
  for (const [member = '', ...inner] of LIMITS) {
    const found = inner.reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      memberOf(inbound, member),
    );
    if (typeof found === 'number' && found > 0) return found;
  }
  return null;
}

/** Chat gives several answers at once when it is asked to. */
function answers(inbound: Inbound): number {
  const n = memberOf(inbound, 'n');
  return typeof n === 'number' && n >= 1 ? Math.min(Math.floor(n), MOST_ANSWERS) : 1;
}

function memberOf({ bytes, scanned }: Inbound, member: string): unknown {
  return scanned ? memberValue(bytes, scanned, member) : undefined;
}
