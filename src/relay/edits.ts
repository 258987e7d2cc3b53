import { memberValue, type Splice, scanObject, splice } from '../json-scan.ts';
import type { Target } from '../router/index.ts';
import type { Inbound } from './types.ts';

/** The parts of the body that leaves, and whether the answer must lose the usage frame that only we asked for. */
export interface EditedRequest {
  parts: Buffer[];
  dropUsageFrame: boolean;
}

const USAGE_MEMBER = '"include_usage":true';

/**
 * The named edits of the same-protocol road, and no others: the model id when it differs from the name that was sent,
 * `stream_options.include_usage` on Chat streams (without it OpenAI reports no tokens on streams), and on Messages, for
 * providers that are not Anthropic (quirk `no-user-id`), an empty `metadata.user_id` and an empty billing header.
 */
export function editRequest(inbound: Inbound, target: Target): EditedRequest {
  const changes: Splice[] = target.model === inbound.model ? [] : inbound.modelSplices(target.model);
  const asksUsage = usageSplice(inbound, target);
  if (asksUsage) changes.push(asksUsage);
  if (inbound.protocol === 'anthropic-messages' && target.provider.quirks.includes('no-user-id'))
    changes.push(...userSplices(inbound), ...billingSplices(inbound));
  return { parts: splice(inbound.bytes, changes), dropUsageFrame: asksUsage !== null };
}

/** Who asks, emptied: the value of `metadata.user_id`, whatever it is. */
function userSplices({ scanned, bytes }: Inbound): Splice[] {
  const metadata = scanned?.members.get('metadata');
  if (!metadata) return [];
  const inner = scanObject(bytes.subarray(metadata.start, metadata.end));
  const user = 'problem' in inner ? undefined : inner.members.get('user_id');
  if (!user) return [];
  return [{ start: metadata.start + user.start, end: metadata.start + user.end, text: '""' }];
}

/** How Claude Code's first system text begins. What follows differs from request to request, which spoils prompt caches. */
const BILLING_HEADER = '"x-anthropic-billing-header:';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Claude Code's billing header without its value. The text itself stays: an empty one is refused. */
function billingSplices({ scanned, bytes }: Inbound): Splice[] {
  const system = scanned?.members.get('system');
  if (!system) return [];
  const at = bytes.subarray(0, system.end).indexOf(BILLING_HEADER, system.start);
  if (at < 0 || bytes[at - 1] === BACKSLASH) return [];
  const start = at + BILLING_HEADER.length;
  return [{ start, end: endOfString(bytes, start), text: '' }];
}

/** Where the string ends that this position is inside of: at its closing quote. */
function endOfString(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
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
  if (options === undefined) return null;
  if (options === null) return { start: member.start, end: member.end, text: `{${USAGE_MEMBER}}` };
  return memberSplice(bytes.subarray(member.start, member.end), member.start);
}

/** Asks for usage inside `stream_options`; nothing when it is asked for already or is no object. */
function memberSplice(options: Buffer, offset: number): Splice | null {
  const scanned = scanObject(options);
  if ('problem' in scanned) return null;
  const asked = scanned.members.get('include_usage');
  if (!asked) {
    const inside = offset + scanned.inside;
    return { start: inside, end: inside, text: `${USAGE_MEMBER}${scanned.members.size > 0 ? ',' : ''}` };
  }
  // The frame is removed again for a client that said false.
  return memberValue(options, scanned, 'include_usage') === false
    ? { start: offset + asked.start, end: offset + asked.end, text: 'true' }
    : null;
}
