import {
  asArray,
  asCount,
  asObject,
  type Count,
  defined,
  type JsonObject,
  saneUsage,
  type Usage,
} from '../../pivot/index.ts';
import { serviceTier } from '../openai-usage.ts';

/**
 * Anthropic's usage: `input_tokens` leaves cache reads and writes out, so all three are added.
 * https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
 */
export function readUsage(value: unknown): Usage | undefined {
  const usage = asObject(value);
  const fresh = asCount(usage.input_tokens);
  const output = asCount(usage.output_tokens);
  const cacheRead = asCount(usage.cache_read_input_tokens);
  const byAge = asObject(usage.cache_creation);
  const cacheWrite1h = asCount(byAge.ephemeral_1h_input_tokens);
  const parts = [asCount(byAge.ephemeral_5m_input_tokens), cacheWrite1h].filter((n) => n !== undefined);
  const cacheWrite =
    asCount(usage.cache_creation_input_tokens) ??
    (parts.length > 0 ? parts.reduce((sum, n) => sum + n, 0) : undefined);
  if (fresh === undefined && output === undefined) return undefined;
  const serverTools = asObject(usage.server_tool_use);
  return saneUsage(
    defined<Usage>({
      input: fresh === undefined ? undefined : fresh + (cacheRead ?? 0) + (cacheWrite ?? 0),
      cacheRead,
      cacheWrite,
      cacheWrite1h,
      output,
      reasoning: asCount(asObject(usage.output_tokens_details).thinking_tokens),
      searches: asCount(serverTools.web_search_requests),
      serverTools: otherTools(serverTools),
      tier: serviceTier(usage.service_tier),
    }),
  );
}

/** Calls of server tools other than searches (fetches, code), whatever they will be called; nothing said is unknown. */
function otherTools({ web_search_requests: _searches, ...others }: JsonObject): number | undefined {
  const counts = Object.values(others).flatMap((count) => asCount(count) ?? []);
  return counts.length > 0 ? counts.reduce((sum, n) => sum + n, 0) : undefined;
}

/** A count that makes sense stands in it. */
export const saysUsage = (value: unknown): boolean =>
  readUsage(value) !== undefined || asArray(asObject(value).iterations).length > 0;

/** Fields of a later event replace those of an earlier one; null says nothing. */
export function mergeWire(into: JsonObject, value: unknown): JsonObject {
  const named = Object.entries(asObject(value)).filter(([, v]) => v !== null && v !== undefined);
  return { ...into, ...Object.fromEntries(named) };
}

/**
 * What is billed: with server-side compaction the top-level counts leave out the earlier rounds, and `iterations` lists
 * all of them.
 */
export function billedUsage(wire: JsonObject): Usage | undefined {
  const top = readUsage(wire);
  const rounds = asArray(wire.iterations).flatMap((round) => readUsage(round) ?? []);
  if (!top || !asArray(wire.iterations).some((round) => asObject(round).type === 'compaction')) return top;
  const sum = (key: Count): number | undefined =>
    top[key] === undefined ? undefined : rounds.reduce((n, round) => n + (round[key] ?? 0), 0);
  return {
    ...top,
    ...defined<Usage>({
      input: sum('input'),
      cacheRead: sum('cacheRead'),
      cacheWrite: sum('cacheWrite'),
      output: sum('output'),
    }),
  };
}
