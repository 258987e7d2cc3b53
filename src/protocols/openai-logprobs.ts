import {
  asArray,
  asObject,
  defined,
  type JsonObject,
  type TokenChoice,
  type TokenProb,
  utf8Bytes,
} from '../pivot/index.ts';

/** Log probabilities as OpenAI's two wires write them. https://platform.openai.com/docs/api-reference/chat/object */

function readToken(value: unknown): TokenProb | undefined {
  const { token, logprob, bytes } = asObject(value);
  if (typeof token !== 'string' || typeof logprob !== 'number') return undefined;
  const known = Array.isArray(bytes) && bytes.every((byte) => Number.isInteger(byte));
  return defined<TokenProb>({ token, logprob, bytes: known ? (bytes as number[]) : undefined });
}

/** The tokens of a list; what is no token is left out. */
export function readLogprobs(value: unknown): TokenChoice[] {
  return asArray(value).flatMap((one) => {
    const token = readToken(one);
    if (!token) return [];
    const alternatives = asArray(asObject(one).top_logprobs).flatMap((other) => readToken(other) ?? []);
    return [{ ...token, alternatives }];
  });
}

function writeToken({ token, logprob, bytes }: TokenProb): JsonObject {
  return { token, logprob, bytes: bytes ?? utf8Bytes(token) };
}

/** The inverse. */
export function writeLogprobs(tokens: readonly TokenChoice[] = []): JsonObject[] {
  return tokens.map((one) => ({ ...writeToken(one), top_logprobs: one.alternatives.map(writeToken) }));
}
