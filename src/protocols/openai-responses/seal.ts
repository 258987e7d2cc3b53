import { type Opaque, type ReasoningPart, sealText, unsealText } from '../../pivot/index.ts';

const FAMILY = 'openai';

type Sealed = NonNullable<ReasoningPart['sealed']>;

/** What a foreign seal is stands before its value: this wire has one field for both. */
const KIND = /^(signature|redacted)\.([\s\S]*)$/;

/** An opaque value as `encrypted_content`; foreign ones survive the client's round trip. */
export function sealReasoning(opaque: Opaque, kind: Sealed['kind']): string {
  const { origin, value } = opaque;
  return origin === FAMILY ? value : sealText({ origin, value: `${kind}.${value}` }, FAMILY);
}

/** The inverse: an `encrypted_content` that a client sent back. */
export function unsealReasoning(text: string): Sealed {
  const { origin, value } = unsealText(text, FAMILY);
  const [, kind, bare] = (origin === FAMILY ? null : KIND.exec(value)) ?? [];
  return { kind: kind === 'redacted' ? 'redacted' : 'signature', origin, value: bare ?? value };
}
