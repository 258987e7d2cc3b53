import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, UserError } from '../errors.ts';
import { writePrivate } from '../home/index.ts';
import { parseConfig, readConfigText } from './load.ts';
import { invalidConfig } from './problem.ts';
import type { ConfigEdit, SettingName } from './types.ts';

/** The JSON Schema beside the file. Its name stands in the first line of a new file. */
export const SCHEMA_FILE = 'config.schema.json';
const PERMISSIONS = 0o777;

// The parser takes 100 ms to load: commands that edit nothing do not pay for it.
const text = (): Promise<typeof import('./edit/text.ts')> => import('./edit/text.ts');

/** The same edits for a YAML file of somebody else, once the parser is loaded. */
export const yamlEdits = text;

/**
 * The value at a path of a YAML text (entries of lists by index); undefined = not there.
 * @throws UserError `config_invalid` when the text is not YAML
 */
export const getIn = async (source: string, path: readonly string[]): Promise<unknown> =>
  (await text()).getIn(source, path);

/**
 * The text with one value set. Every byte outside the lines of that key stays as it is: comments, order, spacing, quotes,
 * line ends. An empty text becomes a new file that names its JSON Schema.
 * @throws UserError `config_invalid` when the text is not YAML, or the path leads through something that is not a mapping
 */
export const setIn = async (source: string, path: readonly string[], value: unknown): Promise<string> =>
  (await text()).setIn(source, path, value);

/**
 * The text without one key; mappings that would be left empty go with it. No such key: the text as it was.
 * @throws UserError `config_invalid`
 */
export const deleteIn = async (source: string, path: readonly string[]): Promise<string> =>
  (await text()).deleteIn(source, path);

/**
 * The text with one more entry in a list at the top of the file, before the one that has this index (its length = last).
 * Every other line stays as it is; a list that does not exist is made.
 * @throws UserError `config_invalid`
 */
export const insertEntry = async (
  source: string,
  key: string,
  index: number,
  entry: Readonly<Record<string, unknown>>,
): Promise<string> => (await text()).insertEntry(source, key, index, entry);

/**
 * The text without one entry of a list at the top of the file; comments above it stay.
 * @throws UserError `config_invalid`
 */
export const removeEntry = async (source: string, key: string, index: number): Promise<string> =>
  (await text()).removeEntry(source, key, index);

/**
 * The text with one entry of a list at another place, its lines unchanged and with the comments directly above them. `to`
 * is its index afterwards.
 * @throws UserError `config_invalid`
 */
export const moveEntry = async (source: string, key: string, from: number, to: number): Promise<string> =>
  (await text()).moveEntry(source, key, from, to);

/**
 * The keys that a name such as `server.port`, `routes[0].to` or `aliases.gpt-5.1` stands for, or why it is no setting.
 * Names that the user chose may hold dots: of several readings one that is in the file wins, so a setting of an older
 * version can still be removed.
 * @throws UserError `config_invalid` when the text is not YAML
 */
export async function settingPath(source: string, name: string): Promise<SettingName> {
  const { getIn } = await text();
  const { readSettingName } = await import('./setting-name.ts');
  const read = readSettingName(name, (path) => getIn(source, path) !== undefined);
  if (read.path) return read;
  const literal = name.split('.');
  return getIn(source, literal) !== undefined ? { path: literal } : read;
}

/** The JSON Schema of the file, for editors (draft 2020-12). */
export const configSchemaJson = async (): Promise<Record<string, unknown>> =>
  (await import('./names.ts')).configSchema();

/** What `config edit` starts from: every setting, each behind `#`, with a word of explanation. */
export const configTemplate = async (): Promise<string> => (await import('./template.ts')).TEMPLATE;

const permissionsOf = (file: string): number | undefined => {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  return mode === undefined ? undefined : mode & PERMISSIONS;
};

/** Replaces the file in one step; what could be read by others before still can. */
function replaceFile(file: string, after: string): void {
  const permissions = permissionsOf(file);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writePrivate(file, after);
  if (permissions !== undefined) chmodSync(file, permissions);
}

function cannotWrite(file: string, error: unknown): UserError {
  return new UserError({
    code: 'cannot_write',
    exit: EXIT.failed,
    message: `cannot write ${file}`,
    why: error instanceof Error ? error.message : String(error),
    fix: [`look at it: ls -ld ${dirname(file)}`],
  });
}

/**
 * Changes the file: reads it, lets `edit` make a new text of it (`''` when there is no file), checks that text and only
 * then replaces the file in one step. A new file gets its JSON Schema beside it. A text that stays the same writes nothing.
 * @throws UserError `config_invalid` (exit 3) when the new text is not valid or the file is not safe to use: it is untouched
 * @throws UserError `cannot_write` (exit 1)
 */
export async function editConfig(
  file: string,
  edit: (source: string) => string | Promise<string>,
): Promise<ConfigEdit> {
  const source = readConfigText(file);
  const before = source ?? '';
  const after = await edit(before);
  const result = await parseConfig(file, after);
  if (!result.ok) throw invalidConfig(result.problems, result.source);
  const done = { before, after, config: result.config, warnings: result.warnings };
  if (after === before) return done;
  const created = source === null;
  const schema = created ? `${JSON.stringify(await configSchemaJson(), null, 1)}\n` : '';
  try {
    replaceFile(file, after);
    if (created) replaceFile(join(dirname(file), SCHEMA_FILE), schema);
  } catch (error) {
    throw error instanceof UserError ? error : cannotWrite(file, error);
  }
  return done;
}
