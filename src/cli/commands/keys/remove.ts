import { EXIT, UserError } from '../../../errors.ts';
import { ownVariable } from '../../../keys/index.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { type KeyRoom, openKeyRoom, providerNamed, readKeys } from './room.ts';
import { hint, say } from './say.ts';
import { tellServer } from './tell-server.ts';

/** `keys rm P`: asks first; a key that only lies in a variable is not ours to remove. */
export async function removeKey(context: Context, name: string): Promise<void> {
  const room = await openKeyRoom(context);
  await readKeys(room);
  const id = storedUnder(room, name);
  if (!context.yes && !(await confirmed(context, id))) {
    hint(context, 'Nothing was removed.');
    context.exit(EXIT.failed);
    return;
  }
  const where = await room.keys.remove(id);
  if (where === null) throw notStored(room, id);
  if (context.json)
    context.stdout.write(jsonText(jsonFields([{ provider: id, removed: true, where }], context.json)[0]));
  else say(context, context.stdout, 'dot', `Removed the key for ${id} from ${where}.`);
  warnOfRemaining(context, room, id);
  await tellServer(context, 'The running unorouter no longer uses it.');
}

/** The id under which a key is stored: also of a provider that the configuration no longer has. @throws UserError exit 9 */
function storedUnder(room: KeyRoom, name: string): string {
  const stored = room.keys.stored();
  if (stored.includes(name)) return name;
  const { id } = providerNamed(room, name);
  if (!stored.includes(id)) throw notStored(room, id);
  return id;
}

function notStored({ catalog, keys }: KeyRoom, id: string): UserError {
  const provider = catalog.provider(id);
  const [entry] = provider ? keys.list([provider]) : [];
  const variable = entry?.where ?? entry?.shadowed[0]?.where;
  return new UserError({
    code: 'key_not_stored',
    exit: EXIT.nothingFound,
    message: `no key is stored for ${id}`,
    ...(variable === undefined ? {} : { why: `the one that there is comes from ${variable}` }),
    fix: [
      variable === undefined
        ? '{cmd} keys list     shows what is stored'
        : `unset ${variable.replace('$', '')}`,
    ],
  });
}

async function confirmed(context: Context, id: string): Promise<boolean> {
  if (!context.interactive)
    throw usageError('removing a key asks first, and there is nobody to ask', `{cmd} keys rm ${id} -y`);
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({
    message: `Remove the stored key for ${id}?`,
    initialValue: false,
    input: context.stdin,
    output: context.stderr.stream,
  });
  return answer === true;
}

/** Requests may go on with another key, which would surprise. */
function warnOfRemaining(context: Context, { catalog, keys }: KeyRoom, id: string): void {
  const provider = catalog.provider(id);
  const [entry] = provider ? keys.list([provider]) : [];
  if (!entry?.where) return;
  const own = entry.where === `$${ownVariable(id)}` ? '' : ' now';
  say(context, context.stderr, 'warn', `${entry.where} (${entry.masked}) is used for ${id}${own}.`);
}
