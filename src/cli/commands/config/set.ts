import { basename } from 'node:path';
import { isMap, isSeq, parseDocument } from 'yaml';
import {
  type ConfigEdit,
  deleteIn,
  describeOrigin,
  editConfig,
  isSecret,
  maskSecrets,
  parseConfig,
  readConfigText,
  type SettingOrigin,
  setIn,
} from '../../../config/index.ts';
import { UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf, safeText, wrap } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { tildePath } from './places.ts';
import { keyRefused, nameOf, pathOf } from './setting.ts';
import { inlineText } from './value-text.ts';

type Path = readonly string[];

/** `config set K V`. */
export async function setSetting(context: Context, name: string, text: string): Promise<void> {
  const file = context.paths.configFile;
  const source = readConfigText(file) ?? '';
  if (isSecret([], [name, text])) throw keyRefused(name.split('.'));
  const path = await pathOf(name, source, (meant) => `set ${meant} …`);
  const values = meanings(name, text);
  if (isSecret(path, values[0])) throw keyRefused(path);
  const value = await firstValid(file, source, path, values);
  const edit = editConfig(file, (before) => setIn(before, path, value));
  await report(context, path, await edit.catch((problem) => untouched(problem, file, source, path)));
}

/** `config unset K`. */
export async function unsetSetting(context: Context, name: string): Promise<void> {
  const file = context.paths.configFile;
  const source = readConfigText(file) ?? '';
  const path = await pathOf(name, source, (meant) => `unset ${meant}`);
  const edit = editConfig(file, (before) => deleteIn(before, path));
  await report(context, path, await edit.catch((problem) => untouched(problem, file, source, path)));
}

/** What somebody may mean by an argument, most likely first: YAML, the only entry of a list, several entries, plain text. */
function meanings(name: string, text: string): readonly unknown[] {
  const document = parseDocument(text, { prettyErrors: false });
  const isCollection = /^\s*[[{"'|>]/.test(text);
  if (document.errors.length > 0 && isCollection)
    throw usageError(
      `the value is not YAML: ${document.errors[0]?.message ?? ''}`,
      `{cmd} config set ${name} "[a, b]"`,
    );
  const value: unknown = document.errors.length > 0 ? text : document.toJS();
  if (value === null || value === undefined)
    throw usageError('the value is empty', `{cmd} config unset ${name}     removes it from the file`);
  if (isCollection && (isMap(document.contents) || isSeq(document.contents))) return [value];
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return [value, [value], ...(entries.length > 1 ? [entries] : []), text, [text]];
}

/** The first meaning that the setting takes; the first of all when it takes none, for the error. */
async function firstValid(
  file: string,
  source: string,
  path: Path,
  values: readonly unknown[],
): Promise<unknown> {
  for (const value of values) {
    if ((await parseConfig(file, await setIn(source, path, value))).ok) return value;
  }
  return values[0];
}

/** The mistake stands in a text that was never saved: the fix is another value, unless the file had a mistake before. */
async function untouched(problem: unknown, file: string, source: string, path: Path): Promise<never> {
  if (!(problem instanceof UserError) || problem.code !== 'config_invalid') throw problem;
  const wasValid = (await parseConfig(file, source)).ok;
  throw new UserError({
    code: problem.code,
    exit: problem.exit,
    message: problem.message,
    why: problem.why ?? `${basename(file)} was not changed`,
    fix: wasValid ? [`{cmd} config get ${nameOf(path)} --show-origin`] : problem.fix,
  });
}

async function report(context: Context, path: Path, edit: ConfigEdit): Promise<void> {
  const { configFile } = context.paths;
  const places = { env: {}, flags: {}, file: configFile };
  const origin = (source: string): Promise<SettingOrigin> => describeOrigin(path, { ...places, source });
  const [before, after] = [await origin(edit.before), await origin(edit.after)];
  const name = nameOf(path);
  const changed = edit.before !== edit.after;
  if (context.json) {
    const answer = {
      key: name,
      old: maskSecrets(path, before.value) ?? null,
      new: maskSecrets(path, after.value) ?? null,
      changed,
      file: configFile,
    };
    context.stdout.write(jsonText(jsonFields([answer], context.json)[0]));
  } else context.stdout.write(sentence(context, path, before, after, changed));
  if (!context.quiet) await warn(context, path, edit);
}

function sentence(
  context: Context,
  path: Path,
  before: SettingOrigin,
  after: SettingOrigin,
  changed: boolean,
): string {
  const { glyphs, style, width } = lookOf(context, context.stdout);
  const file = tildePath(context, context.paths.configFile);
  const said = ({ value, source }: SettingOrigin): string => {
    if (value === undefined) return 'not set';
    const shown = safeText(inlineText(maskSecrets(path, value)));
    return source === 'default' ? `${shown} (default)` : shown;
  };
  const name = safeText(nameOf(path));
  const line = changed
    ? `${name}: ${said(before)} ${glyphs.arrow} ${said(after)}`
    : `${name}: ${said(after)}, as before`;
  const where = changed ? `saved in ${file}` : `nothing to change in ${file}`;
  return `${wrap(line, width).join('\n')}\n${style.dim(wrap(where, width).join('\n'))}\n`;
}

async function warn(context: Context, path: Path, edit: ConfigEdit): Promise<void> {
  const { configFile } = context.paths;
  const origin = await describeOrigin(path, {
    env: context.env,
    flags: {},
    file: configFile,
    source: edit.after,
  });
  if (origin.source === 'env')
    context.stderr.write(`${origin.where} is set, and beats the file: ${safeText(String(origin.value))}\n`);
  const known = await parseConfig(configFile, edit.before);
  const old = known.ok ? known.warnings : [];
  for (const warning of edit.warnings.filter((one) => !old.includes(one)))
    context.stderr.write(`${safeText(warning)}\n`);
}
