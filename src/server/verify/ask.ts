import type { Exchange } from '../../exchange.ts';
import type { OwnAnswer } from '../own-request.ts';

/** A request of the Messages API, which has words for everything that is tried. */
export type Body = Record<string, unknown>;

/** Asks the model that is being verified. `stopAfter` = goes away after so many pieces of the answer. */
export type Ask = (body: Body, stopAfter?: number) => Promise<OwnAnswer>;

/** What a check says; its cost is counted by who runs it. */
export interface Finding {
  id: string;
  title: string;
  verdict: 'pass' | 'fail' | 'unknown';
  note: string;
}

export const user = (content: unknown): object => ({ role: 'user', content });

const MOST_WORDS = 160;

/** Kinds of failure that say something of the model, not of the moment. */
const TELLING: ReadonlySet<string> = new Set(['bad-request', 'context-too-long', 'not-found']);

/** A request that was not answered: the provider refuses such requests, or nothing can be told. */
export function unanswered({ attempts, errorMessage }: Exchange): Pick<Finding, 'verdict' | 'note'> {
  const refused = TELLING.has(attempts.at(-1)?.failure ?? '');
  const words = (attempts.at(-1)?.message ?? errorMessage ?? 'no answer').slice(0, MOST_WORDS);
  return { verdict: refused ? 'fail' : 'unknown', note: refused ? `refused: ${words}` : words };
}
