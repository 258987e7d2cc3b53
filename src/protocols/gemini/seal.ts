import {
  asArray,
  asObject,
  asString,
  asText,
  decodeBase64,
  encodeBase64,
  type Opaque,
  parseJson,
  type ReasoningPart,
  sealText,
  unsealText,
} from '../../pivot/index.ts';

/** Who makes this wire's own signatures. */
export const FAMILY = 'google';

/** Stands where a signature must be and none is to be had. https://ai.google.dev/gemini-api/docs/thought-signatures */
export const NO_SIGNATURE = 'skip_thought_signature_validator';
const NO_SIGNATURES: ReadonlySet<string> = new Set([NO_SIGNATURE, 'context_engineering_is_the_way_to_go']);

/** How base64 of our mark begins: only such values are looked into. */
const MARKED = encodeBase64('uno').slice(0, 4);

/** The origin under which whole reasoning parts travel in a signature; see `carry`. */
const CARRIED = 'reasoning';

/** An opaque value as a `thoughtSignature`. The field is bytes on this wire, so what another family made is put into base64. */
export function signatureOf(opaque: Opaque): string {
  return opaque.origin === FAMILY ? opaque.value : encodeBase64(sealText(opaque, FAMILY));
}

/** The inverse. Undefined = there is none, or only the word for it. */
export function readSignature(value: unknown): Opaque | undefined {
  const text = asText(value);
  if (text === undefined || NO_SIGNATURES.has(text)) return undefined;
  const marked = text.startsWith(MARKED) ? decodeBase64(text) : undefined;
  return marked === undefined ? { origin: FAMILY, value: text } : unsealText(marked, FAMILY);
}

/**
 * What a foreign model thought before a call, as the signature of that call. Clients of this wire (Gemini CLI) leave
 * thoughts out of their history but keep the signatures of calls; other families refuse a call without its thoughts.
 */
export function carry(thoughts: readonly ReasoningPart[]): string {
  return signatureOf({ origin: CARRIED, value: JSON.stringify(thoughts) });
}

/** The thoughts that a signature carries; undefined when it is a signature and nothing else. */
export function carried(signature: Opaque | undefined): ReasoningPart[] | undefined {
  if (signature?.origin !== CARRIED) return undefined;
  return asArray(parseJson(signature.value)).map(readThought);
}

function readThought(value: unknown): ReasoningPart {
  const { text, sealed } = asObject(value);
  const { kind, origin, value: seal } = asObject(sealed);
  const known = (kind === 'signature' || kind === 'redacted') && asText(origin) !== undefined;
  return {
    type: 'reasoning',
    text: asString(text),
    ...(known ? { sealed: { kind, origin: asString(origin), value: asString(seal) } } : {}),
  };
}
