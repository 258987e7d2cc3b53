/** What was used of one model on one day, as one side counts it. null = it does not say. */
export interface DayUse {
  /** UTC, `2026-11-25`: days of providers are those of UTC. */
  day: string;
  /** As that side calls it; '' = what belongs to no model. */
  model: string;
  nanoUsd: number | null;
  requests: number | null;
  /** Including what was read from and written to caches. */
  input: number | null;
  output: number | null;
}

/** One page of a report. */
export interface Page {
  uses: DayUse[];
  /** The cursor of the next one; null = it was the last. */
  next: string | null;
}

/** One report of a provider: some tell money and tokens apart. */
export interface Report {
  /** Behind the provider's url. Times are ms since 1970, midnights of UTC, `until` exclusive. */
  path(span: { since: number; until: number }, page: string | null): string;
  /** Reads an answer's JSON; null = that is no such report. */
  read(json: unknown): Page | null;
}

/** What a provider says of one answer; null = it does not say. */
export type AnswerUse = Pick<DayUse, 'nanoUsd' | 'input' | 'output'>;

/** How a provider tells of single answers, with the key that they were asked with. */
export interface AnswerReport {
  /** Behind the provider's url. */
  path(answerId: string): string;
  /** Reads an answer's JSON; null = that is no such report. */
  read(json: unknown): AnswerUse | null;
}

/** How a provider's own figures are had. */
export interface Source {
  /** What a key is called there that may read them. */
  keyName: string;
  /** Where it is made. */
  keyPage: string;
  reports: readonly Report[];
  /** Figures of a day come only when it is over. */
  wholeDays: boolean;
  /** Absent = it tells of days only. */
  answers?: AnswerReport;
}
