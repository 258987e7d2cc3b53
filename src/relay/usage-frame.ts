import type { Frame } from '../protocols/protocol.ts';

/** Whether a Chat frame is the one that comes only because usage was asked for: no choices, but usage. */
export function isUsageFrame({ data }: Frame): boolean {
  // Every frame but the last says null once usage was asked for: not worth parsing.
  if (!data.includes('"usage"') || data.includes('"usage":null')) return false;
  try {
    const json: unknown = JSON.parse(data);
    if (typeof json !== 'object' || json === null || !('usage' in json) || !('choices' in json)) return false;
    return json.usage !== null && Array.isArray(json.choices) && json.choices.length === 0;
  } catch {
    return false;
  }
}
