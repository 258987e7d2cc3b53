/** What became of one list. `failed` keeps what was known before. */
export interface Refreshed {
  /** Whose list, or its name. */
  provider: string;
  outcome: 'updated' | 'failed' | 'skipped';
  /** How many models it lists; null unless updated. */
  models: number | null;
  /** Why it failed, or why an updated list is not kept on disk, in words. */
  problem: string | null;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Nothing was taken. */
export function failed(provider: string, problem: string): Refreshed {
  return { provider, outcome: 'failed', models: null, problem };
}

/** An attempt that never rejects. */
export const attempted = (provider: string, result: Promise<Refreshed>): Promise<Refreshed> =>
  result.catch((error: unknown) => failed(provider, wordsOf(error)));

/** A list was taken; a disk that does not keep it is told. */
export async function updated(provider: string, models: number, written: Promise<void>): Promise<Refreshed> {
  const problem = await written.then(
    () => null,
    (error: unknown) => `not kept on disk: ${wordsOf(error)}`,
  );
  return { provider, outcome: 'updated', models, problem };
}

/** Later calls wait for the earlier. The task never rejects. */
export function oneAtATime<A extends unknown[], R>(
  task: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  let running: Promise<unknown> = Promise.resolve();
  return (...args) => {
    const result = running.then(() => task(...args));
    running = result;
    return result;
  };
}
