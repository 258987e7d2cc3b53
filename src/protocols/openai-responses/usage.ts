import { asArray, asObject, asText, defined, type Usage } from '../../pivot/index.ts';
import { tieredUsage } from '../openai-usage.ts';
import type { WireResponse } from './wire.ts';

/** Items of the output that are calls of tools at the provider, billed per call. */
const SERVER_TOOLS: ReadonlySet<string> = new Set([
  'code_interpreter_call',
  'file_search_call',
  'image_generation_call',
]);

/**
 * Usage of a response. Tool calls are no tokens and stand in no count: they are the items of the output. Of a search's
 * actions only the search itself is billed, not the opening of what it found.
 * https://platform.openai.com/docs/pricing#built-in-tools
 */
export function responseUsage(response: WireResponse): Usage | undefined {
  const usage = tieredUsage(response.usage, response.service_tier);
  if (!usage) return undefined;
  const items = asArray(response.output).map(asObject);
  const searches = items.filter(
    ({ type, action }) =>
      type === 'web_search_call' && (asText(asObject(action).type) ?? 'search') === 'search',
  ).length;
  const others = items.filter(({ type }) => SERVER_TOOLS.has(asText(type) ?? '')).length;
  return defined<Usage>({
    ...usage,
    searches: usage.searches ?? (searches > 0 ? searches : undefined),
    serverTools: usage.serverTools ?? (others > 0 ? others : undefined),
  });
}
