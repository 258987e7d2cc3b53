import { type JsonObject, type Opaque, sealText, unsealText } from '../../pivot/index.ts';

/**
 * Who made the opaque values of `reasoning_details`, by their `format`; the first format of a family is the one written.
 * https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
const FORMATS: readonly (readonly [format: string, family: string])[] = [
  ['anthropic-claude-v1', 'anthropic'],
  ['google-gemini-v1', 'google'],
  ['openai-responses-v1', 'openai'],
  ['azure-openai-responses-v1', 'openai'],
  ['xai-responses-v1', 'xai'],
];

/** Who made the opaque value of a detail: its format says it, else a mark of ours, else it is the wire's own. */
export function opaqueOf(value: string, { format }: JsonObject): Opaque {
  const family = FORMATS.find(([name]) => name === format)?.[1];
  return unsealText(value, family ?? 'openai');
}

/** An opaque value and its format. One of a family that has no format here is marked. */
function sealed(opaque: Opaque, field: 'data' | 'signature'): JsonObject {
  const format = FORMATS.find(([, family]) => family === opaque.origin)?.[0];
  return format === undefined
    ? { [field]: sealText(opaque, 'openai'), format: 'unknown' }
    : { [field]: opaque.value, format };
}

/** The details that say what was thought together with its seal: Anthropic's as text and signature, others encrypted. */
export function detailsOf(text: string, opaque: Opaque & { kind: 'signature' | 'redacted' }): JsonObject[] {
  if (opaque.origin === 'anthropic' && opaque.kind === 'signature')
    return [{ type: 'reasoning.text', text, ...sealed(opaque, 'signature') }];
  const encrypted: JsonObject = { type: 'reasoning.encrypted', ...sealed(opaque, 'data') };
  return text === ''
    ? [encrypted]
    : [{ type: 'reasoning.summary', summary: text, format: encrypted.format }, encrypted];
}

/** The detail that signs a tool call. */
export function callDetail(signature: Opaque, id: string): JsonObject {
  return { type: 'reasoning.encrypted', ...sealed(signature, 'data'), id };
}

/** Families by what their models are called, whoever sells them. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/claude/i, 'anthropic'],
  [/gemini/i, 'google'],
  [/(^|[/.])(gpt-(?!oss)|o\d|codex)/i, 'openai'],
  [/grok/i, 'xai'],
];

/** The family whose opaque values a model understands, and nobody's thoughts without them; undefined = none that we know. */
export function familyOfModel(model: string): string | undefined {
  return NAMES.find(([pattern]) => pattern.test(model))?.[1];
}
