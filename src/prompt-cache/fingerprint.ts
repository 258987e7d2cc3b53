import { entriesOf, type ScannedObject } from '../json-scan.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import { canonical } from './canonical.ts';

/** Short keyed hashes of what a prompt is made of, in the order in which providers cache it. No text is kept. */
export interface Fingerprint {
  tools: string;
  system: string;
  messages: readonly string[];
}

/** Where each wire has its parts. Chat's system prompt is its first messages. */
const PARTS: Readonly<Record<ProtocolId, { tools: string[]; system: string[]; messages: string }>> = {
  'anthropic-messages': { tools: ['tools'], system: ['system'], messages: 'messages' },
  'openai-chat': { tools: ['tools', 'functions'], system: [], messages: 'messages' },
  'openai-responses': { tools: ['tools'], system: ['instructions'], messages: 'input' },
  gemini: { tools: ['tools'], system: ['systemInstruction', 'system_instruction'], messages: 'contents' },
};

const SYSTEM_ROLE = /"role"\s*:\s*"(system|developer)"/;
/** A role stands at the front of a message, or behind its text, which is of no interest here. */
const ROLE_WITHIN = 100;

/** Hashes with a key of this process, so that nobody can try texts against them. */
export type Hash = (bytes: Buffer | string) => string;

/** Remembers the hash of an entry by the hash of its bytes: most of a conversation is the same every time. */
export type Memo = Map<string, string>;

/** What a request is made of; null = it has no messages. `memo` gets this request's entries. */
export function fingerprint(
  request: { bytes: Buffer; scanned: ScannedObject; protocol: ProtocolId },
  hash: Hash,
  before: Memo,
  memo: Memo,
): Fingerprint | null {
  const { bytes, scanned, protocol } = request;
  const parts = PARTS[protocol];
  const hashed = ({ start, end }: { start: number; end: number }): string => {
    const raw = hash(bytes.subarray(start, end));
    const known = before.get(raw) ?? hash(canonical(bytes.toString('utf8', start, end)));
    memo.set(raw, known);
    return known;
  };
  const member = (names: readonly string[]): string =>
    names
      .flatMap((name) => scanned.members.get(name) ?? [])
      .map(hashed)
      .join();
  const list = scanned.members.get(parts.messages);
  if (!list) return null;
  const entries = entriesOf(bytes, list);
  const isSystem = ({ start, end }: { start: number; end: number }): boolean =>
    protocol === 'openai-chat' &&
    SYSTEM_ROLE.test(bytes.toString('latin1', start, Math.min(end, start + ROLE_WITHIN)));
  const first = entries.findIndex((entry) => !isSystem(entry));
  const heads = first < 0 ? entries : entries.slice(0, first);
  return {
    tools: member(parts.tools),
    system: [member(parts.system), ...heads.map(hashed)].join(),
    messages: (first < 0 ? [] : entries.slice(first)).map(hashed),
  };
}
