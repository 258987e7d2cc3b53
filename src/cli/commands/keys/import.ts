import { EXIT } from '../../../errors.ts';
import { type KeyStore, maskKey, UNLABELLED } from '../../../keys/index.ts';
import type { Context } from '../../context.ts';
import { type Column, jsonFields, jsonText, type Look, lookOf, plural, table } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { type FoundKey, findKeys, SOURCE_IDS } from './found.ts';
import { addressesOf, type KeyRoom, openKeyRoom, providerNamed, readKeys } from './room.ts';
import { hint, say } from './say.ts';
import { tellServer } from './tell-server.ts';

/** Flags of `keys import`. */
export interface ImportOptions {
  from?: string;
  dryRun?: true;
  store: KeyStore;
}

/** A key that was found, and whether it is ours already. */
export interface ImportRow extends FoundKey {
  /** The very same key is stored already. */
  stored: boolean;
}

/** `keys import [P...]`: shows what lies where, copies what is agreed to. The places stay as they are. */
export async function importKeys(
  context: Context,
  names: readonly string[],
  options: ImportOptions,
): Promise<void> {
  const room = await openKeyRoom(context);
  await readKeys(room);
  const wanted = new Set(names.map((name) => providerNamed(room, name).id));
  const rows = foundRows(context, room, sourcesOf(options.from)).filter(
    ({ provider }) => wanted.size === 0 || wanted.has(provider.id),
  );
  if (!context.json) show(context, rows);
  const chosen = options.dryRun ? [] : await choose(context, firstOfEach(rows));
  const where = new Map<ImportRow, string>();
  for (const row of chosen) where.set(row, await copyKey(room, row, options.store));
  answer(context, rows, where);
  if (chosen.length > 0) await tellServer(context, 'The running unorouter picked them up.');
}

function sourcesOf(text: string | undefined): readonly string[] {
  if (text === undefined) return SOURCE_IDS;
  const ids = text.split(',').map((id) => id.trim());
  const strange = ids.find((id) => !SOURCE_IDS.includes(id));
  if (strange !== undefined)
    throw usageError(
      `--from takes ${SOURCE_IDS.join(', ')}, not "${strange}"`,
      '{cmd} keys import --dry-run',
    );
  return ids;
}

function foundRows(context: Context, room: KeyRoom, from: readonly string[]): ImportRow[] {
  return findKeys(context, room.catalog, from).map((found) => ({ ...found, stored: isStored(room, found) }));
}

/** Several keys of one provider: the first one found, which is the one that tools would use. */
function firstOfEach(rows: readonly ImportRow[]): ImportRow[] {
  const fresh = rows.filter(({ stored }) => !stored);
  return fresh.filter((row, i) => fresh.findIndex(({ provider }) => provider === row.provider) === i);
}

/** Keys of others that could be copied, one for each provider. The room's keys are read already. */
export const importable = (context: Context, room: KeyRoom): ImportRow[] =>
  firstOfEach(foundRows(context, room, SOURCE_IDS));

function isStored({ keys }: KeyRoom, { provider, secret }: FoundKey): boolean {
  const found = keys.get(provider, provider.surfaces[0]?.url ?? '');
  return found.ok && found.value === secret && (found.source === 'keychain' || found.source === 'file');
}

function show(context: Context, rows: readonly ImportRow[]): void {
  if (rows.length === 0) {
    hint(context, 'No keys found in variables, ./.env or files of agents.');
    return;
  }
  hint(
    context,
    `Found ${plural(rows.length, 'key')}. Nothing is copied until you say so; the places themselves are not changed.`,
  );
  const look = lookOf(context, context.stdout);
  context.stdout.write(table(columns(look), rows, look));
}

function columns({ glyphs }: Look): Column<ImportRow>[] {
  return [
    { title: 'PROVIDER', cell: ({ provider }) => `${provider.id} `, shrink: 10 },
    { title: 'KEY', cell: ({ secret }) => `${maskKey(secret).replaceAll('…', glyphs.ellipsis)} ` },
    { title: 'FROM', cell: ({ where }) => `${where} `, shrink: 10 },
    { title: '', cell: ({ stored }) => (stored ? 'stored already' : ''), drop: 1 },
  ];
}

async function choose(context: Context, first: readonly ImportRow[]): Promise<readonly ImportRow[]> {
  if (first.length === 0 || context.yes) return first;
  if (!context.interactive)
    throw usageError(
      'copying keys asks first, and there is nobody to ask',
      '{cmd} keys import -y',
      '{cmd} keys import --dry-run     only shows them',
    );
  const { multiselect, isCancel } = await import('@clack/prompts');
  const picked = await multiselect({
    message: 'Copy which?',
    required: false,
    options: first.map((row) => ({
      value: row,
      label: row.provider.id,
      hint: `${maskKey(row.secret)} ${row.where}`,
    })),
    input: context.stdin,
    output: context.stderr.stream,
  });
  if (!isCancel(picked)) return picked;
  context.exit(EXIT.failed);
  return [];
}

/** Copies one into the store. Answers where it lies. @throws UserError `no_keychain`, `keychain_locked` */
export async function copyKey(
  { keys }: KeyRoom,
  { provider, secret }: ImportRow,
  store: KeyStore,
): Promise<string> {
  if (store === 'keychain') await keys.checkKeychain(provider.id);
  return keys.add({ provider: provider.id, label: UNLABELLED, urls: addressesOf(provider), secret, store });
}

const FIELDS = ['provider', 'masked', 'from', 'where', 'stored', 'imported'];

function answer(context: Context, rows: readonly ImportRow[], where: ReadonlyMap<ImportRow, string>): void {
  if (context.json) {
    const machine = rows.map((row) => ({
      provider: row.provider.id,
      masked: maskKey(row.secret),
      from: row.from,
      where: row.where,
      stored: row.stored || where.has(row),
      imported: where.has(row),
    }));
    context.stdout.write(jsonText(jsonFields(machine, context.json, FIELDS)));
    return;
  }
  const [place] = where.values();
  if (place === undefined) return;
  const names = [...where.keys()].map(({ provider }) => provider.id).join(', ');
  say(context, context.stdout, 'dot', `Stored in ${place}: ${names}.`);
  hint(context, `Test them: ${context.prefix} keys test`);
}
