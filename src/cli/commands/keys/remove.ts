import { EXIT, UserError } from '../../../errors.ts';
import { keyName, ownVariable, UNLABELLED } from '../../../keys/index.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { type KeyRoom, openKeyRoom, providerNamed, readKeys } from './room.ts';
import { hint, say } from './say.ts';
import { tellServer } from './tell-server.ts';

/** A stored key: the provider's own, or a further one. */
interface Named {
  provider: string;
  label: string;
}

/** `keys rm P`: asks first; a key that only lies in a variable is not ours to remove. */
export async function removeKey(context: Context, name: string, label = UNLABELLED): Promise<void> {
  const room = await openKeyRoom(context);
  await readKeys(room);
  const key = storedUnder(room, name, label);
  if (!context.yes && !(await confirmed(context, key))) {
    hint(context, 'Nothing was removed.');
    context.exit(EXIT.failed);
    return;
  }
  const where = await room.keys.remove(key.provider, key.label);
  if (where === null) throw notStored(room, key);
  if (context.json)
    context.stdout.write(jsonText(jsonFields([{ ...key, removed: true, where }], context.json)[0]));
  else say(context, context.stdout, 'dot', `Removed the key for ${keyName(key)} from ${where}.`);
  warnOfRemaining(context, room, key.provider);
  await tellServer(context, 'The running unorouter no longer uses it.');
}

/** A key as it is stored: also of a provider that the configuration no longer has. @throws UserError exit 9 */
function storedUnder(room: KeyRoom, name: string, label: string): Named {
  const isStored = (provider: string): boolean =>
    room.keys.stored().some((key) => key.provider === provider && key.label === label);
  if (isStored(name)) return { provider: name, label };
  const { id } = providerNamed(room, name);
  if (!isStored(id)) throw notStored(room, { provider: id, label });
  return { provider: id, label };
}

function notStored({ catalog, keys }: KeyRoom, { provider: id, label }: Named): UserError {
  const provider = catalog.provider(id);
  const [entry] = provider ? keys.list([provider]) : [];
  const places = [entry?.where ?? '', ...(entry?.shadowed ?? []).map(({ where }) => where)];
  const variable = places.find((where) => where.startsWith('$'));
  const others = keys.stored().filter((key) => key.provider === id && key.label !== label);
  const fix = others.map(
    (key) => `{cmd} keys rm ${id}${key.label === UNLABELLED ? '' : ` --label ${key.label}`}`,
  );
  return new UserError({
    code: 'key_not_stored',
    exit: EXIT.nothingFound,
    message: `no key is stored for ${keyName({ provider: id, label })}`,
    ...(variable === undefined ? {} : { why: `the one that there is comes from ${variable}` }),
    fix:
      fix.length > 0
        ? fix
        : [
            variable === undefined
              ? '{cmd} keys list     shows what is stored'
              : `unset ${variable.replace('$', '')}`,
          ],
  });
}

async function confirmed(context: Context, key: Named): Promise<boolean> {
  if (!context.interactive)
    throw usageError(
      'removing a key asks first, and there is nobody to ask',
      `{cmd} keys rm ${key.provider} -y`,
    );
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({
    message: `Remove the stored key for ${keyName(key)}?`,
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
  const what = entry.label === UNLABELLED ? entry.where : `the key of ${keyName(entry)}`;
  say(context, context.stderr, 'warn', `${what} (${entry.masked}) is used for ${id}${own}.`);
}
