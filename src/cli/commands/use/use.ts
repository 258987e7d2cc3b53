import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { loadShelves } from '../../shelves.ts';
import { usageError } from '../../usage-error.ts';
import { changeDefault } from './change.ts';
import { chosenName } from './choose.ts';
import { readPrevious } from './previous.ts';
import { showDefault } from './show.ts';

/**
 * `use`, `use M`, `use -`, `use --unset`, and the same as `models default`.
 * @throws UserError `unknown_model` (exit 9), `no_previous_default` (exit 9), `config_invalid` (exit 3), usage (exit 2)
 */
export async function useModel(
  context: Context,
  name: string | undefined,
  flags: { unset?: true },
): Promise<void> {
  if (flags.unset && name !== undefined)
    throw usageError('--unset takes no model', '{cmd} use --unset', `{cmd} use ${name}`);
  const shelves = await loadShelves(context);
  if (flags.unset) return changeDefault(context, shelves, null);
  if (name === undefined) return showDefault(context, shelves);
  if (name === '-') return changeDefault(context, shelves, previousOf(context));
  return changeDefault(context, shelves, chosenName(name, shelves));
}

function previousOf(context: Context): string | null {
  const previous = readPrevious(context);
  if (previous) return previous.model;
  throw new UserError({
    code: 'no_previous_default',
    exit: EXIT.nothingFound,
    message: 'there is no earlier default model to go back to',
    fix: ['{cmd} use <model>'],
  });
}
