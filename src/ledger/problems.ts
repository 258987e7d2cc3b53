import type { Trouble } from './trouble.ts';

/** What happened to single exchanges: turned away by a full or shut queue, settled twice, refused by the database. */
export type Loss = 'dropped' | 'refused' | 'lost';

/** What is known to be wrong with a ledger. Each thing is told once, and again when it comes back. */
export interface Problems {
  /** Why records cannot be written or null when they can. */
  trouble(): Trouble | null;
  setTrouble(trouble: Trouble | null, detail: string): void;
  /** Something that happened to the file; stays until the end. */
  note(text: string): void;
  count(loss: Loss, n: number): void;
  /** One sentence each. Empty = all is well. */
  list(): string[];
}

const LATER = 'Requests are served; their records wait in memory and are written when that is over.';

const TROUBLES: Record<Trouble, (file: string, detail: string) => string> = {
  locked: (file) => `The ledger ${file} is locked by another program. ${LATER}`,
  full: (file) => `The disk is full: the ledger ${file} cannot be written. ${LATER}`,
  unwritable: (file, detail) => `The ledger ${file} cannot be written: ${detail}. ${LATER}`,
  corrupt: (file, detail) => `The ledger ${file} is damaged and could not be replaced: ${detail}. ${LATER}`,
  newer: (file, detail) =>
    `The ledger ${file} has the ${detail}. It is left untouched and nothing is recorded: use the newer unorouter.`,
  failed: (file, detail) => `The ledger ${file} takes no records: ${detail}. ${LATER}`,
};

const LOSSES: Record<Loss, (requests: string) => string> = {
  dropped: (requests) => `${requests} not recorded: the ledger could not take them in time.`,
  refused: (requests) => `${requests} reported as finished twice; the first record was kept.`,
  lost: (requests) => `${requests} not recorded: the database did not take the values.`,
};

/** Creates the list of problems of one file. */
export function createProblems(file: string, onProblem: (text: string) => void): Problems {
  let trouble: { kind: Trouble; text: string } | null = null;
  const notes: string[] = [];
  const losses = new Map<Loss, number>();
  const lossText = (loss: Loss, n: number) => LOSSES[loss](n === 1 ? '1 request was' : `${n} requests were`);

  return {
    trouble: () => trouble?.kind ?? null,
    setTrouble(kind, detail) {
      const before = trouble?.kind ?? null;
      trouble = kind === null ? null : { kind, text: TROUBLES[kind](file, detail) };
      if (trouble && kind !== before) onProblem(trouble.text);
    },
    note(text) {
      notes.push(text);
      onProblem(text);
    },
    count(loss, n) {
      if (n === 0) return;
      const before = losses.get(loss) ?? 0;
      losses.set(loss, before + n);
      if (before === 0) onProblem(lossText(loss, n));
    },
    list: () => [
      ...(trouble ? [trouble.text] : []),
      ...notes,
      ...[...losses].map(([loss, n]) => lossText(loss, n)),
    ],
  };
}
