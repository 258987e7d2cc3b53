import { type Opaque, type ReasoningPart, sealText, unsealText } from '../../pivot/index.ts';

const FAMILY = 'openai';

/**
 * What a foreign seal is stands before its value, as this wire has one field (`encrypted_content`) for all: it seals the
 * text beside it, stands for text that nobody may read, or belongs to the call before it (Gemini signs calls).
 */
type SealKind = NonNullable<ReasoningPart['sealed']>['kind'] | 'call';

const MARKED = /^(signature|redacted|call)\.([\s\S]*)$/;

/** An opaque value as `encrypted_content`; foreign ones survive the client's round trip. */
export function sealReasoning(opaque: Opaque, kind: SealKind): string {
  const { origin, value } = opaque;
  return origin === FAMILY ? value : sealText({ origin, value: `${kind}.${value}` }, FAMILY);
}

/** The inverse: an `encrypted_content` that a client sent back. */
export function unsealReasoning(text: string): Opaque & { kind: SealKind } {
  const { origin, value } = unsealText(text, FAMILY);
  const [, kind, bare] = (origin === FAMILY ? null : MARKED.exec(value)) ?? [];
  return { kind: kind === 'redacted' || kind === 'call' ? kind : 'signature', origin, value: bare ?? value };
}
