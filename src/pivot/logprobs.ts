/** How likely a token was, in the model's own eyes. */
export interface TokenProb {
  token: string;
  logprob: number;
  /** Its UTF-8 bytes, where the wire says them: a token may be half of a character. */
  bytes?: number[];
}

/** A token of an answer, and what else the model might have said there. */
export interface TokenChoice extends TokenProb {
  alternatives: TokenProb[];
}
