import { deleteIn, editConfig, getIn, setIn } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText } from '../../render/index.ts';
import { tildePath } from '../config/places.ts';
import { openKeyRoom, providerNamed } from '../keys/room.ts';
import { hint, say } from '../keys/say.ts';

/** What can be done to a provider in the configuration file. */
type Edit = 'rm' | 'disable' | 'enable';

/**
 * `providers rm|disable|enable`. Comments and order of the file stay.
 * @throws UserError `unknown_provider`, `not_configured` (exit 9), `config_invalid` when rules still name it (exit 3)
 */
export async function editProvider(context: Context, edit: Edit, name: string): Promise<void> {
  const room = await openKeyRoom(context);
  const { id, builtin } = providerNamed(room, name);
  const file = context.paths.configFile;
  const { before, after } = await editConfig(file, async (source) => {
    const key = await keyIn(source, name, id);
    if (edit === 'disable') return setIn(source, ['providers', key, 'enabled'], false);
    if (edit === 'enable') return deleteIn(source, ['providers', key, 'enabled']);
    if ((await getIn(source, ['providers', key])) === undefined) throw notConfigured(id);
    return deleteIn(source, ['providers', key]);
  });
  const changed = before !== after;
  if (context.json) {
    context.stdout.write(jsonText(jsonFields([{ provider: id, edit, changed, file }], context.json)[0]));
    return;
  }
  const where = changed ? `saved in ${tildePath(context, file)}` : 'nothing to change';
  say(
    context,
    context.stdout,
    edit === 'disable' ? 'circle' : 'dot',
    `${saidOf(edit, id, builtin)}   ${where}`,
  );
  if (edit !== 'rm') return;
  await room.keys.load();
  const stored = room.keys.stored().some(({ provider }) => provider === id);
  if (stored) hint(context, `Its key is still stored. Remove it: ${context.prefix} keys rm ${id}`);
}

/** The name under which it stands there: people write aliases, too. */
async function keyIn(source: string, name: string, id: string): Promise<string> {
  return (await getIn(source, ['providers', name])) === undefined ? id : name;
}

function saidOf(edit: Edit, id: string, builtin: boolean): string {
  if (edit === 'enable') return `${id} is switched on.`;
  if (edit === 'disable') return `${id} is switched off: nothing is sent there.`;
  return builtin ? `${id} is back to its built-in settings.` : `${id} is gone.`;
}

function notConfigured(id: string): UserError {
  return new UserError({
    code: 'not_configured',
    exit: EXIT.nothingFound,
    message: `the configuration says nothing of ${id}`,
    why: 'it is built in, and cannot be removed',
    fix: [`{cmd} providers disable ${id}     sends nothing there`],
  });
}
