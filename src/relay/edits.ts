import { memberValue, type Splice, splice } from '../json-scan.ts';
import type { Target } from '../router/index.ts';
import type { Inbound } from './types.ts';

/** The bytes that leave, and whether the answer must lose the usage frame that only we asked for. */
export interface EditedRequest {
  bytes: Buffer;
  dropUsageFrame: boolean;
}

const USAGE_MEMBER = '"include_usage":true';

/**
 * The named edits of the same-protocol road, and no others: the model id when it differs from the name that was sent,
 * and `stream_options.include_usage` on Chat streams (without it OpenAI reports no tokens on streams).
 */
export function editRequest(inbound: Inbound, target: Target): EditedRequest {
  const changes: Splice[] = target.model === inbound.model ? [] : inbound.modelSplices(target.model);
  const asksUsage = usageSplice(inbound, target);
  if (asksUsage) changes.push(asksUsage);
  return { bytes: splice(inbound.bytes, changes), dropUsageFrame: asksUsage !== null };
}

function usageSplice(inbound: Inbound, target: Target): Splice | null {
  const { scanned, bytes } = inbound;
  if (inbound.protocol !== 'openai-chat' || !inbound.stream || !scanned) return null;
  if (inbound.endpoint !== 'generate' && inbound.endpoint !== 'completions') return null;
  if (target.provider.quirks.includes('no-stream-options')) return null;
  const member = scanned.members.get('stream_options');
  const empty = scanned.members.size === 0;
  if (!member) {
    return {
      start: scanned.inside,
      end: scanned.inside,
      text: `"stream_options":{${USAGE_MEMBER}}${empty ? '' : ','}`,
    };
  }
  const options = memberValue(bytes, scanned, 'stream_options');
  if (options === null) return { start: member.start, end: member.end, text: `{${USAGE_MEMBER}}` };
  if (typeof options !== 'object' || Array.isArray(options) || 'include_usage' in options) {
    return asksForFalse(options) ? replaceOptions(member, options) : null;
  }
  const inside = member.start + 1;
  const comma = Object.keys(options).length > 0 ? ',' : '';
  return { start: inside, end: inside, text: `${USAGE_MEMBER}${comma}` };
}

function asksForFalse(options: unknown): options is Record<string, unknown> {
  return (
    typeof options === 'object' &&
    options !== null &&
    'include_usage' in options &&
    options.include_usage === false
  );
}

/** `include_usage: false` becomes true inside its own small object; the frame is removed again for the client. */
function replaceOptions(member: { start: number; end: number }, options: Record<string, unknown>): Splice {
  return { start: member.start, end: member.end, text: JSON.stringify({ ...options, include_usage: true }) };
}
