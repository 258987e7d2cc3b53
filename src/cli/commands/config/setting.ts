import { type OriginPlaces, readConfigText, settingPath } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../usage-error.ts';

/** Where `config` looks for values: no flag of its own beats the file, variables do. */
export function placesOf(context: Context): OriginPlaces {
  const file = context.paths.configFile;
  return { env: context.env, flags: {}, file, source: readConfigText(file) };
}

/**
 * The keys that a name stands for. `rerun` is the command with another name, for the suggestion.
 * @throws UserError `usage` (exit 2) with what was probably meant; `secret_in_args` for names of keys
 */
export async function pathOf(
  name: string,
  source: string,
  rerun: (name: string) => string,
): Promise<readonly string[]> {
  const { path, unknown } = await settingPath(source, name);
  if (path) return path;
  if (unknown.isKey) throw keyRefused(name.split('.'));
  throw usageError(
    `"${name}" is not a setting`,
    ...(unknown.meant === undefined
      ? ['{cmd} config get     shows those that there are']
      : [`did you mean ${unknown.meant}?     {cmd} config ${rerun(unknown.meant)}`]),
  );
}

/** Error 8: a key on a command line, on its way into a file. */
export function keyRefused(path: readonly string[]): UserError {
  const provider = path[0] === 'providers' ? path[1] : undefined;
  return new UserError({
    code: 'secret_in_args',
    exit: EXIT.usage,
    message: 'the configuration file never holds keys, and arguments should not either',
    why: 'arguments end up in the shell history and in ps; treat a key that stood there as leaked, replace it',
    fix: [`{cmd} keys add ${provider ?? 'PROVIDER'}     asks for it without showing it`],
  });
}

/** A setting's name as commands take it. */
export const nameOf = (path: readonly string[]): string => path.join('.');
