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

/** The family that writes a format. */
export function familyOfFormat(format: unknown): string | undefined {
  return FORMATS.find(([name]) => name === format)?.[1];
}

/** The format of a family's values. */
export function formatOfFamily(family: string): string | undefined {
  return FORMATS.find(([, name]) => name === family)?.[0];
}

/** Families by what their models are called, whoever sells them. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/claude/i, 'anthropic'],
  [/gemini/i, 'google'],
  [/(^|[/.])(gpt-(?!oss)|o\d|codex)/i, 'openai'],
  [/grok/i, 'xai'],
];

/** The family whose opaque values a model understands; undefined = none that we know. */
export function familyOfModel(model: string): string | undefined {
  return NAMES.find(([pattern]) => pattern.test(model))?.[1];
}
