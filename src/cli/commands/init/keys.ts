import { UserError } from '../../../errors.ts';
import { maskKey } from '../../../keys/index.ts';
import { cancelled } from '../../ask.ts';
import type { Context } from '../../context.ts';
import { plural } from '../../render/index.ts';
import { addKey } from '../keys/add.ts';
import { copyKey, type ImportRow, importable } from '../keys/import.ts';
import { type KeyRoom, openKeyRoom, readKeys, takesKey } from '../keys/room.ts';
import { tellServer } from '../keys/tell-server.ts';
import { lookAround } from '../providers/detect.ts';
import { type Outcome, SKIP, type Wizard } from './step.ts';

/** Keys that lie around are copied into the keychain, or a first one is typed; local servers need none. */
export async function keysStep(wizard: Wizard): Promise<Outcome> {
  const { context } = wizard;
  const room = await openKeyRoom(context);
  await readKeys(room);
  const around = await lookAround(room.config, context.env);
  wizard.local = around.filter(({ state }) => state === 'found');
  const store = await canStore(room);
  const fresh = store ? importable(context, room) : [];
  const chosen = wizard.asks ? await choose(context, fresh) : wizard.acts ? fresh : [];
  for (const row of chosen) await copyKey(room, row, 'keychain');
  if (chosen.length > 0) await tellServer(context, 'The running unorouter picked them up.');
  if (wizard.asks && store && keyNames(room).length === 0) await askForOne(context, room);
  return outcomeOf(wizard, room, { store, fresh: fresh.length - chosen.length });
}

/** A keychain that is missing or locked is told by `doctor`; here it only means that nothing is offered. */
function canStore(room: KeyRoom): Promise<boolean> {
  return room.keys.checkKeychain('unorouter').then(
    () => true,
    (error: unknown) => {
      if (error instanceof UserError) return false;
      throw error;
    },
  );
}

async function choose(context: Context, fresh: readonly ImportRow[]): Promise<readonly ImportRow[]> {
  if (fresh.length === 0) return [];
  const { multiselect, isCancel } = await import('@clack/prompts');
  const picked = await multiselect({
    message: 'Keys were found. Copy which into the keychain? (space chooses, enter goes on)',
    required: false,
    initialValues: [...fresh],
    options: fresh.map((row) => ({
      value: row,
      label: row.provider.id,
      hint: `${maskKey(row.secret)} ${row.where}`,
    })),
    input: context.stdin,
    output: context.stderr.stream,
  });
  if (isCancel(picked)) throw cancelled('nothing was stored');
  return picked;
}

const MOST_SHOWN = 7;

async function askForOne(context: Context, room: KeyRoom): Promise<void> {
  const { autocomplete, isCancel } = await import('@clack/prompts');
  const providers = room.catalog.providers().filter(takesKey);
  const picked = await autocomplete({
    message: 'No key yet. For which provider have you one? (type to filter)',
    options: [
      { value: SKIP, label: 'none now', hint: 'goes on without' },
      ...providers.map(({ id, name }) => ({ value: id, label: id, hint: name })),
    ],
    maxItems: MOST_SHOWN,
    input: context.stdin,
    output: context.stderr.stream,
  });
  if (isCancel(picked)) throw cancelled('nothing was stored');
  if (picked === SKIP) return;
  await addKey(context, picked, { store: 'keychain', test: true, exposed: false });
  await readKeys(room);
}

/** `openai (keychain)` for each that can be used. */
function keyNames({ keys, catalog }: KeyRoom): string[] {
  return keys
    .list(catalog.providers())
    .filter(({ masked, problem }) => masked !== null && problem === null)
    .map(({ provider, where }) => `${provider} (${where})`);
}

function outcomeOf(
  { context, local }: Wizard,
  room: KeyRoom,
  { store, fresh }: { store: boolean; fresh: number },
): Outcome {
  const names = [
    ...keyNames(room),
    ...local.map(({ name, models }) => `${name} (${plural(models.length, 'model')})`),
  ];
  if (names.length > 0) {
    const more = fresh > 0 ? `; ${plural(fresh, 'key')} found and not stored` : '';
    return {
      done: true,
      text: names.join(', ') + more,
      command: fresh > 0 ? 'keys import' : null,
    };
  }
  return store
    ? {
        done: false,
        text: 'none yet; demo/echo and demo/coder answer without',
        command: 'keys add <provider>',
      }
    : {
        done: false,
        text: `none yet, and ${context.env.UNOROUTER_NO_KEYCHAIN ? 'the keychain is switched off' : 'there is no keychain'}: set UNOROUTER_<PROVIDER>_API_KEY, or store one as plain text`,
        command: 'keys add <provider> --store file',
      };
}
