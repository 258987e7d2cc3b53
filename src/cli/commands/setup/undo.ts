import {
  type Agent,
  applyUndo,
  type JournalEntry,
  planUndo,
  readJournal,
  type UndoStep,
} from '../../../agents/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { askFirst } from '../../ask.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { jsonFields, jsonText, lookOf, plural } from '../../render/index.ts';
import { homeShort } from '../use/show.ts';
import { diffText } from './diff.ts';

/**
 * Takes back what `setup` wrote, for one agent or for all: at once where the files are as we left them, else after showing
 * what is removed.
 * @throws UserError `undo_conflict` (exit 1)
 */
export async function undoSetup(context: Context, agent: Agent | undefined): Promise<void> {
  const entries = readJournal(context.paths.stateDir).filter((entry) => !agent || entry.agent === agent.id);
  if (entries.length === 0) {
    const what = agent ? `${agent.name} was not set up` : 'No agent was set up';
    if (context.json) printJson(context, entries, []);
    else hint(context, `${what}: nothing to undo.`);
    return;
  }
  const steps = await planUndo(entries);
  const edited = steps.filter((step) => step.edited && step.before !== step.after);
  if (edited.length > 0 && !(await agreed(context, edited, agent))) {
    hint(context, 'Nothing was changed.');
    context.exit(EXIT.failed);
    return;
  }
  applyUndo(steps, entries);
  if (context.json) printJson(context, entries, steps);
  else for (const step of steps) context.stdout.write(`${told(context, step)}\n`);
}

async function agreed(
  context: Context,
  edited: readonly UndoStep[],
  agent: Agent | undefined,
): Promise<boolean> {
  const look = lookOf(context, context.stderr);
  const command = `{cmd} setup${agent ? ` ${agent.id}` : ''} --undo -y`;
  context.stderr.write(
    `${plural(edited.length, 'file')} changed since; only what is ours would go:\n\n${diffText(edited, context.env, look)}\n`,
  );
  if (!context.yes && !context.interactive) throw changedSince(edited[0]?.file ?? '', command);
  return askFirst(context, 'Remove these lines?', command);
}

/** Error 22. */
function changedSince(file: string, command: string): UserError {
  return new UserError({
    code: 'undo_conflict',
    exit: EXIT.failed,
    message: `${file} changed since unorouter wrote it`,
    why: 'a blind restore would lose that; the lines above are what would be removed',
    fix: [command],
  });
}

function told(context: Context, { file, before, after, edited }: UndoStep): string {
  const { glyphs } = lookOf(context, context.stdout);
  const what =
    before === after
      ? 'as it was before'
      : after === null
        ? 'removed'
        : edited
          ? 'without our lines'
          : 'restored to the byte';
  return `${glyphs.dot} ${homeShort(file, context.env)}   ${what}`;
}

function printJson(context: Context, entries: readonly JournalEntry[], steps: readonly UndoStep[]): void {
  const answer = {
    agents: [...new Set(entries.map(({ agent }) => agent))],
    files: steps.map(({ file, after, edited }) => ({ file, removed: after === null, edited })),
  };
  context.stdout.write(jsonText(jsonFields([answer], context.json ?? [])[0]));
}
