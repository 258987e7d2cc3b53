/** What a check came to; `unknown` = it could not be told (a rate limit, a provider in trouble). */
export type Verdict = 'pass' | 'fail' | 'unknown';

/** One thing that was tried at a model. */
export interface VerifiedCheck {
  id: string;
  title: string;
  verdict: Verdict;
  /** In words: what came instead, or how much. */
  note: string;
  /** Integer nano-dollars; null = unknown. */
  costNanoUsd: number | null;
}

/** What a model at a provider can do, as far as a check has shown it. Absent = not shown. */
export interface Abilities {
  tools?: boolean;
  vision?: boolean;
  reasoning?: boolean;
  /** Tokens that it takes, where that is less than its list says. */
  context?: number;
}

/** The checks of one model. */
export interface Verified {
  /** `provider/model` */
  target: string;
  /** ms since 1970 */
  at: number;
  checks: VerifiedCheck[];
  abilities: Abilities;
}
