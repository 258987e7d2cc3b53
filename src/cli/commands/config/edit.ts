import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  configSchemaJson,
  configTemplate,
  editConfig,
  invalidConfig,
  parseConfig,
  readConfigText,
  SCHEMA_FILE,
} from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { errorText } from '../../render/error.ts';
import { lookOf } from '../../render/index.ts';
import { findEditor, runEditor } from './editor.ts';
import { tildePath } from './places.ts';

/** `config edit`: a copy is edited, and only a valid one takes the file's place. */
export async function editFile(context: Context): Promise<void> {
  const file = context.paths.configFile;
  const before = readConfigText(file);
  findEditor(context);
  const start = before ?? (await configTemplate());
  const copy = await makeCopy(file, start);
  const after = await editedUntilValid(context, copy, start);
  if (after === start) {
    discard(copy);
    context.stderr.write(`nothing was changed in ${tildePath(context, file)}\n`);
    return;
  }
  const { warnings } = await editConfig(file, (now) => {
    if (now !== (before ?? '')) throw changedMeanwhile(file, copy);
    return after;
  }).catch((problem) => keepCopy(problem, copy));
  discard(copy);
  context.stdout.write(`saved in ${tildePath(context, file)}\n`);
  if (!context.quiet) for (const warning of warnings) context.stderr.write(`${warning}\n`);
}

/** A copy of one's own, under the file's name and with its schema beside it, so that editors know what it is. */
async function makeCopy(file: string, text: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'unorouter-'));
  const copy = join(directory, basename(file));
  writeFileSync(copy, text, { mode: 0o600 });
  writeFileSync(join(directory, SCHEMA_FILE), JSON.stringify(await configSchemaJson()), { mode: 0o600 });
  return copy;
}

const discard = (copy: string): void => rmSync(dirname(copy), { recursive: true, force: true });

/** Opens the copy, again and again while it has mistakes and the user wants to mend them. */
async function editedUntilValid(context: Context, copy: string, start: string): Promise<string> {
  for (;;) {
    const code = await runEditor(context, copy).catch((problem) => {
      discard(copy);
      throw problem;
    });
    const text = read(copy);
    if (code !== 0) throw editorFailed(code, copy, text !== start);
    const result = await parseConfig(context.paths.configFile, text);
    if (result.ok) return text;
    const error = withCopy(invalidConfig(result.problems, result.source), copy);
    if (!context.interactive) throw error;
    context.stderr.write(errorText(error, context.prefix, lookOf(context, context.stderr)));
    if (!(await wantsAgain(context))) throw abandoned(copy);
  }
}

function read(copy: string): string {
  try {
    return readFileSync(copy, 'utf8');
  } catch (error) {
    throw new UserError({
      code: 'no_file',
      exit: EXIT.failed,
      message: 'the edited copy is gone, so nothing was changed',
      why: error instanceof Error ? error.message : String(error),
      fix: ['{cmd} config edit'],
    });
  }
}

async function wantsAgain(context: Context): Promise<boolean> {
  // Yes to everything would open an editor for ever.
  if (context.yes) return false;
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({
    message: 'Open it again?',
    input: context.stdin,
    output: context.stderr.stream,
  });
  return !isCancel(answer) && answer;
}

function withCopy(error: UserError, copy: string): UserError {
  return new UserError({
    code: error.code,
    exit: error.exit,
    message: error.message,
    why: 'the configuration file was not changed',
    fix: [`your text is kept: ${copy}`, '{cmd} config edit     starts again from the file'],
  });
}

function keepCopy(problem: unknown, copy: string): never {
  if (!(problem instanceof UserError) || problem.fix.some((fix) => fix.includes(copy))) throw problem;
  throw withCopy(problem, copy);
}

function abandoned(copy: string): UserError {
  return new UserError({
    code: 'config_invalid',
    exit: EXIT.config,
    message: 'the configuration file was not changed',
    fix: [`your text is kept: ${copy}`],
  });
}

function editorFailed(code: number | null, copy: string, isWorthKeeping: boolean): UserError {
  if (!isWorthKeeping) discard(copy);
  return new UserError({
    code: 'editor_failed',
    exit: EXIT.failed,
    message: `the editor ended with ${code === null ? 'a signal' : `exit code ${code}`}; nothing was changed`,
    fix: isWorthKeeping ? [`your text is kept: ${copy}`] : ['EDITOR=nano {cmd} config edit'],
  });
}

function changedMeanwhile(file: string, copy: string): UserError {
  return new UserError({
    code: 'config_changed',
    exit: EXIT.failed,
    message: `${basename(file)} was changed by somebody else while you edited it; that change stays`,
    fix: [`your text is kept: ${copy}`, '{cmd} config edit     starts again from the file'],
  });
}
