/** Why the file cannot be written or read at the moment. `failed` = something that we did not foresee. */
export type Trouble = 'locked' | 'full' | 'unwritable' | 'corrupt' | 'newer' | 'failed';

// By words, not by result code: the driver gives the code with some calls only, SQLite's words always.
const WORDS: readonly [RegExp, Trouble][] = [
  [/is locked|is busy/i, 'locked'],
  [/disk is full|ENOSPC|EDQUOT/, 'full'],
  [/malformed|not a database|damaged/i, 'corrupt'],
  [/newer unorouter/, 'newer'],
  [
    /unable to open|readonly database|disk I\/O error|E(ACCES|PERM|ROFS|NOTDIR|ISDIR|EXIST|NOENT|IO|FBIG|BUSY)\b/,
    'unwritable',
  ],
];

/** Sorts an error of SQLite, of the file system or of ours. */
export function troubleOf(error: unknown): Trouble {
  const words = wordsOf(error);
  return WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? 'failed';
}

/** The error in its own words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
