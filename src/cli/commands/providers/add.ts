import { createCatalog } from '../../../catalog/index.ts';
import {
  type Config,
  deleteIn,
  editConfig,
  normaliseProviderUrl,
  type ProviderConfig,
  setIn,
} from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { type KeyStore, maskText, UNLABELLED } from '../../../keys/index.ts';
import type { ProtocolId } from '../../../protocols/protocol.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, plural } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { tildePath } from '../config/places.ts';
import { addressesOf, type KeyRoom, openKeyRoom } from '../keys/room.ts';
import { hint, say } from '../keys/say.ts';
import { readSecret, type SecretSource } from '../keys/secret.ts';
import { tellServer } from '../keys/tell-server.ts';
import { readHeader } from '../routes/question.ts';
import { type Discovery, discover } from './discover.ts';

/** The flags of `providers add`. */
export interface AddFlags extends SecretSource {
  url?: string;
  protocol?: string;
  header: string[];
  key?: true;
  store: KeyStore;
  test: boolean;
  resetUrl?: true;
}

/**
 * `providers add NAME`: asks the endpoint what it speaks, then writes it down with comments and order of the file kept.
 * What does not answer is not written.
 * @throws UserError `usage`, `upstream_unreachable`, `key_refused`, `config_invalid`
 */
export async function addProvider(context: Context, name: string, flags: AddFlags): Promise<void> {
  // People paste a key here.
  if (maskText(name, []) !== name)
    throw usageError('that is no name for a provider', '{cmd} keys add --help');
  if (flags.resetUrl) return resetUrl(context, name);
  const url = urlOf(name, flags.url);
  const room = await openKeyRoom(context);
  const settings = { ...room.config.providers.get(name), ...said(flags), url };
  const key = await keyOf(context, room, name, flags);
  const found = flags.test ? await discover({ id: name, settings, key }, room.config, context.env) : null;
  if (found) check(name, found, key);
  const written = await write(context, name, settingsToWrite(settings, found, flags));
  const where = key === null ? null : await store(context, name, written, key, flags.store);
  report(context, { name, found, where });
  await tellServer(context, 'The running unorouter picked it up.');
}

function urlOf(name: string, text: string | undefined): string {
  if (text === undefined)
    throw usageError(
      `--url: where does ${name} answer?`,
      `{cmd} providers add ${name} --url https://llm.example.com/v1`,
      `{cmd} keys add ${name}     if it is built in`,
    );
  const url = normaliseProviderUrl(text);
  if (url === null)
    throw usageError(
      '--url: it must be an http(s) URL without user name and password',
      `{cmd} providers add ${name} --url https://llm.example.com/v1`,
    );
  return url;
}

const list = (text: string): string[] => text.split(',').map((part) => part.trim());

/** What the flags say of the provider itself; the schema checks it when it is written. */
function said({ protocol, header }: AddFlags): ProviderConfig {
  return {
    ...(protocol === undefined || protocol === 'auto' ? {} : { protocol: list(protocol) as ProtocolId[] }),
    ...(header.length > 0 ? { headers: Object.fromEntries(header.map(readHeader)) } : {}),
  };
}

async function keyOf(context: Context, room: KeyRoom, name: string, flags: AddFlags): Promise<string | null> {
  const wanted = flags.key || flags.stdin || flags.fromEnv !== undefined || flags.fromFile !== undefined;
  if (!wanted) return null;
  if (flags.store === 'keychain') await room.keys.checkKeychain(name);
  return readSecret(context, flags, { id: name, name });
}

/** @throws UserError when what was found is nothing to work with */
function check(name: string, found: Discovery, key: string | null): void {
  const { host } = new URL(found.url);
  const anyway = `{cmd} providers add ${name} --url ${found.url} --no-test     writes it down all the same`;
  if (found.unreachable !== null)
    throw new UserError({
      code: 'upstream_unreachable',
      exit: EXIT.upstream,
      message: `cannot reach ${host}`,
      why: `${found.unreachable}; nothing was written`,
      fix: [anyway],
    });
  if (found.refused)
    throw new UserError({
      code: key === null ? 'no_provider_key' : 'key_refused',
      exit: EXIT.key,
      message: key === null ? `${host} wants a key` : `${host} refused the key`,
      why: 'nothing was written',
      fix: [`{cmd} providers add ${name} --url ${found.url} --key     asks for it without showing it`],
    });
  if (found.protocols.length === 0)
    throw new UserError({
      code: 'upstream_malformed',
      exit: EXIT.upstream,
      message: `${host} answers, but speaks none of our protocols there`,
      why: `tried ${found.url}/chat/completions, /responses and /messages; nothing was written`,
      fix: [`{cmd} providers add ${name} --url ${found.url} --protocol openai-chat --no-test`],
    });
}

function settingsToWrite(settings: ProviderConfig, found: Discovery | null, flags: AddFlags): ProviderConfig {
  const { url = settings.url, protocols = settings.protocol } = found ?? {};
  const auth = found?.auth ?? settings.auth;
  return {
    ...(url === undefined ? {} : { url }),
    ...(protocols === undefined ? {} : { protocol: protocols }),
    ...(auth === undefined ? {} : { auth }),
    ...(flags.header.length > 0 && settings.headers ? { headers: settings.headers } : {}),
  };
}

/** Only what was found or said changes: the rest of an entry that there is stays. */
async function write(context: Context, name: string, settings: ProviderConfig): Promise<Config> {
  const { config } = await editConfig(context.paths.configFile, async (source) => {
    let text = source;
    for (const [field, value] of Object.entries(settings)) {
      const plain = Array.isArray(value) && value.length === 1 ? value[0] : value;
      text = await setIn(text, ['providers', name, field], plain);
    }
    return text;
  }).catch(unwritten);
  return config;
}

/** The mistake stands in a text that was never saved. */
function unwritten(problem: unknown): never {
  if (!(problem instanceof UserError) || problem.code !== 'config_invalid') throw problem;
  const { code, exit, message } = problem;
  const why = problem.why ?? 'the configuration file was not changed';
  throw new UserError({ code, exit, message, why, fix: ['{cmd} providers add --help'] });
}

async function store(
  context: Context,
  name: string,
  config: Config,
  secret: string,
  place: KeyStore,
): Promise<string> {
  const provider = createCatalog({ providers: config.providers }).provider(name);
  const { keys } = await openKeyRoom(context);
  await keys.load();
  const urls = provider ? addressesOf(provider) : [];
  return keys.add({ provider: provider?.id ?? name, label: UNLABELLED, urls, secret, store: place });
}

function report(
  context: Context,
  { name, found, where }: { name: string; found: Discovery | null; where: string | null },
): void {
  const file = context.paths.configFile;
  if (context.json) {
    const row = {
      provider: name,
      url: found?.url ?? null,
      protocols: found?.protocols ?? null,
      auth: found?.auth ?? null,
      models: found?.models?.length ?? null,
      key: where,
      tested: found !== null,
      file,
    };
    context.stdout.write(jsonText(jsonFields([row], context.json)[0]));
    return;
  }
  if (found) {
    const models = found.models === null ? 'no list of models' : plural(found.models.length, 'model');
    say(context, context.stdout, 'dot', `Speaks ${found.protocols.join(', ')}; ${models}.`);
  }
  const key = where === null ? '' : `; key in ${where}`;
  say(context, context.stdout, 'dot', `Saved providers.${name} in ${tildePath(context, file)}${key}.`);
  const model = found?.models?.[0];
  if (model === undefined) return;
  hint(context, `Try it: ${context.prefix} routes test ${name}/${model}`);
  hint(context, `It has no prices yet. Set them, in USD per 1M tokens:`);
  hint(context, `  ${context.prefix} config set "prices.${name}/${model}" "{ input: 0.2, output: 0.6 }"`);
}

async function resetUrl(context: Context, name: string): Promise<void> {
  const file = context.paths.configFile;
  const { before, after } = await editConfig(file, (source) => deleteIn(source, ['providers', name, 'url']));
  if (before === after)
    throw new UserError({
      code: 'not_configured',
      exit: EXIT.nothingFound,
      message: `the configuration gives ${name} no address of its own`,
      fix: ['{cmd} providers list --all'],
    });
  if (context.json)
    context.stdout.write(jsonText(jsonFields([{ provider: name, changed: true, file }], context.json)[0]));
  else say(context, context.stdout, 'dot', `${name} is back at its built-in address.`);
  await tellServer(context, 'The running unorouter picked it up.');
}
