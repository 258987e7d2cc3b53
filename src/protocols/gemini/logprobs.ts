import { asArray, asObject, type JsonObject, type TokenChoice, type TokenProb } from '../../pivot/index.ts';

/** `logprobsResult`: what was chosen, and beside it what else might have been. https://ai.google.dev/api/generate-content#LogprobsResult */

function readToken(value: unknown): TokenProb | undefined {
  const { token, logProbability } = asObject(value);
  return typeof token === 'string' && typeof logProbability === 'number'
    ? { token, logprob: logProbability }
    : undefined;
}

/** The tokens of an answer, or of a piece of it. */
export function readLogprobs(value: unknown): TokenChoice[] {
  const { chosenCandidates, topCandidates } = asObject(value);
  const others = asArray(topCandidates);
  return asArray(chosenCandidates).flatMap((one, at) => {
    const token = readToken(one);
    const alternatives = asArray(asObject(others[at]).candidates).flatMap((other) => readToken(other) ?? []);
    return token ? [{ ...token, alternatives }] : [];
  });
}

const written = ({ token, logprob }: TokenProb): JsonObject => ({ token, logProbability: logprob });

/** The inverse; undefined when there are none. */
export function writeLogprobs(tokens: readonly TokenChoice[] = []): JsonObject | undefined {
  if (tokens.length === 0) return undefined;
  return {
    topCandidates: tokens.map(({ alternatives }) => ({ candidates: alternatives.map(written) })),
    chosenCandidates: tokens.map(written),
  };
}
