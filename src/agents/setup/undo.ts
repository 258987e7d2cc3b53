import { rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { diffLines } from 'diff';
import { EXIT, UserError } from '../../errors.ts';
import { type Format, loadFormat } from '../formats/index.ts';
import { textOf } from '../known/shared.ts';
import type { Value } from '../types.ts';
import { forget, type JournalEntry, type JournalFile } from './journal.ts';
import { replaceFile } from './write.ts';

/** What undoing makes of one file. */
export interface UndoStep {
  file: string;
  /** As it is now; null = it is gone. */
  before: string | null;
  /** null = it is removed. */
  after: string | null;
  /** Permissions it had before us. */
  mode: number | null;
  /** The topmost directory that was made for it; null = none. */
  made: string | null;
  /** Somebody has changed it since: only what is ours is taken out. */
  edited: boolean;
}

/** Tokens are renewed without a new entry: two texts that differ in them alone are the same. */
const withoutToken = (text: string): string => text.replace(/uno-[a-z2-7]{26}/g, 'uno-');

/**
 * What the files become when these entries (the newest first) are undone: their exact bytes where they are as we left them,
 * else the present text without our settings. Nothing is written.
 * @throws UserError `undo_conflict` for a file out of which nothing can be taken
 */
export async function planUndo(entries: readonly JournalEntry[]): Promise<UndoStep[]> {
  const steps = new Map<string, UndoStep>();
  for (const entry of entries) {
    for (const done of entry.files) {
      const step = steps.get(done.file) ?? firstStep(done.file);
      steps.set(done.file, await undone(step, done, entry));
    }
  }
  return [...steps.values()];
}

function firstStep(file: string): UndoStep {
  const text = textOf(file);
  return { file, before: text, after: text, mode: null, made: null, edited: false };
}

async function undone(step: UndoStep, done: JournalFile, entry: JournalEntry): Promise<UndoStep> {
  const { after } = step;
  const mode = done.mode ?? step.mode;
  const made = done.made ?? step.made;
  // Removed by its owner, or never written because we were interrupted.
  if (after === null || after === done.before) return { ...step, mode, made };
  if (withoutToken(after) === withoutToken(done.after)) return { ...step, mode, made, after: done.before };
  return { ...step, mode, made, edited: true, after: await withoutOurs(after, done, entry) };
}

async function withoutOurs(text: string, done: JournalFile, entry: JournalEntry): Promise<string | null> {
  if (done.format === 'lines') return withoutOurLines(text, done, entry);
  const format = await loadFormat(done.format);
  const problem = format.problem(text);
  if (problem !== null) throw conflict(done.file, problem, entry);
  const before = done.before ?? '';
  const next = [...done.settings].reverse().reduce((state, { path, value }) => {
    if (!isOurs(format.get(state, path), value)) return state;
    return tidied(format, format.set(state, path, format.get(before, path)), before, path);
  }, text);
  const empty = done.before === null && isEmpty(next, format);
  return empty ? null : next;
}

function isOurs(present: Value | undefined, ours: Value | undefined): boolean {
  if (present === undefined || ours === undefined) return present === ours;
  return isDeepStrictEqual(
    JSON.parse(withoutToken(JSON.stringify(present))),
    JSON.parse(withoutToken(JSON.stringify(ours))),
  );
}

/** Without the tables around a setting that we made and that are empty now. */
function tidied(format: Format, text: string, before: string, path: readonly string[]): string {
  let state = text;
  for (let length = path.length - 1; length > 0; length--) {
    const above = path.slice(0, length);
    if (format.get(before, above) !== undefined || !isEmptyTable(format.get(state, above))) break;
    state = format.set(state, above, undefined);
  }
  return state;
}

const isEmptyTable = (value: Value | undefined): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const isEmpty = (text: string, format: Format): boolean =>
  text.trim() === '' || (/^\s*\{\s*\}\s*$/.test(text) && isEmptyTable(format.get(text, [])));

/** A file that was ours alone: what somebody added to it stays. */
function withoutOurLines(text: string, done: JournalFile, entry: JournalEntry): string | null {
  if (done.before !== null) throw conflict(done.file, 'it was replaced as a whole, and edited since', entry);
  const added = diffLines(withoutToken(done.after), withoutToken(text))
    .filter((part) => part.added)
    .map((part) => part.value)
    .join('');
  return added.trim() === '' ? null : added;
}

/** Error 22. */
function conflict(file: string, why: string, { directory, agent }: JournalEntry): UserError {
  return new UserError({
    code: 'undo_conflict',
    exit: EXIT.failed,
    message: `${file} changed since unorouter wrote it`,
    why,
    fix: [
      `take our lines out by hand; they are told by: {cmd} setup ${agent} --print`,
      `what it was lies in ${directory}`,
    ],
  });
}

/** Writes what was planned, then forgets the entries. Interrupted in between, it can be asked for again. */
export function applyUndo(steps: readonly UndoStep[], entries: readonly JournalEntry[]): void {
  for (const { file, before, after, mode, made } of steps) {
    if (after === null) {
      rmSync(file, { force: true });
      if (made !== null) removeEmpty(dirname(file), made);
    } else if (before !== after || mode !== null) {
      replaceFile(file, after, mode ?? undefined);
    }
  }
  for (const entry of entries) forget(entry);
}

/** Directories that were made for a file, from the inside out, as long as nobody has put anything into them. */
function removeEmpty(directory: string, top: string): void {
  for (let at = directory; at.startsWith(top); at = dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      return;
    }
  }
}
