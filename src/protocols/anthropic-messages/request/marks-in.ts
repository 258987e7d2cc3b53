import { asObject, type CacheMark, type JsonObject } from '../../../pivot/index.ts';

/** `cache_control` of a block or tool. https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching */
export function readMark(block: JsonObject): { cache?: CacheMark } {
  const mark = asObject(block.cache_control);
  if (mark.type !== 'ephemeral') return {};
  return { cache: mark.ttl === '5m' || mark.ttl === '1h' ? { ttl: mark.ttl } : {} };
}
