import type { Provider } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { type KeyStore, LABEL, maskKey, maskText, ownVariable, UNLABELLED } from '../../../keys/index.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, plural } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { createProber, type Probe } from './probe.ts';
import { probeError } from './refused.ts';
import { addressesOf, type KeyRoom, openKeyRoom, providerNamed, readKeys, takesKey } from './room.ts';
import { hint, say } from './say.ts';
import { readSecret, type SecretSource } from './secret.ts';
import { tellServer } from './tell-server.ts';

/** The flags of `keys add`. */
export interface AddOptions extends SecretSource {
  store: KeyStore;
  test: boolean;
  /** A further key of the same provider, beside the one without a label. */
  label?: string;
}

/** `keys add P`: ask, test, store, tell. What is refused is not stored, and the key before it stays. */
export async function addKey(
  context: Context,
  name: string,
  options: AddOptions & { exposed: boolean },
): Promise<void> {
  if (options.exposed || maskText(name, []) !== name) throw secretInArguments(name);
  const label = labelOf(options.label);
  const room = await openKeyRoom(context);
  const provider = providerNamed(room, name);
  if (!takesKey(provider)) throw needsNone(provider);
  if (options.store === 'keychain') await room.keys.checkKeychain(provider.id);
  await readKeys(room);
  if (context.interactive && provider.keyPage !== null) hint(context, `Get a key at ${provider.keyPage}`);
  const secret = await readSecret(context, options, provider);
  const probe = options.test ? await tested(context, room, { provider, label }, secret) : null;
  const where = await room.keys.add({
    provider: provider.id,
    label,
    urls: addressesOf(provider),
    secret,
    store: options.store,
  });
  if (context.json)
    answerJson(context, { provider: provider.id, label, masked: maskKey(secret), where, probe });
  else report(context, provider, options.store, where, probe);
  warnOfStronger(context, room, provider);
  await tellServer(context, 'The running unorouter picked it up.');
}

/** @throws UserError `key_refused` */
async function tested(
  context: Context,
  room: KeyRoom,
  { provider, label }: { provider: Provider; label: string },
  secret: string,
): Promise<Probe> {
  const prober = await createProber(room.config, context.env);
  const probe = await prober.probe(provider, secret).finally(() => prober.close());
  if (probe.kind !== 'refused') return probe;
  const kept = room.keys.stored().some((key) => key.provider === provider.id && key.label === label);
  const note = kept
    ? 'replace it (the old one stays until the new one works)'
    : 'try another one; nothing was stored';
  throw probeError(provider, secret, probe, `{cmd} keys add ${provider.id}     ${note}`);
}

function report(
  context: Context,
  provider: Provider,
  store: KeyStore,
  where: string,
  probe: Probe | null,
): void {
  if (probe?.kind === 'works')
    say(context, context.stdout, 'dot', `Works: ${plural(probe.models, 'model')}.`);
  if (probe?.kind === 'untestable')
    say(
      context,
      context.stderr,
      'circle',
      `Not tested: ${provider.id} cannot be asked without spending (${probe.words}).`,
    );
  if (probe?.kind === 'failed')
    say(
      context,
      context.stderr,
      'warn',
      `Could not be tested: ${probe.words}. Later: ${context.prefix} keys test ${provider.id}`,
    );
  const text =
    store === 'keychain'
      ? `Stored in ${where}. Not written to any file.`
      : `Stored as plain text in ${where} (mode 0600): whoever can read your files can read this key.`;
  say(context, context.stdout, 'dot', text);
}

function answerJson(
  context: Context,
  answer: { provider: string; label: string; masked: string; where: string; probe: Probe | null },
): void {
  const { provider, label, masked, where, probe } = answer;
  const row = {
    provider,
    label,
    masked,
    where,
    outcome: probe?.kind ?? 'untested',
    models: probe?.kind === 'works' ? probe.models : null,
  };
  context.stdout.write(jsonText(jsonFields([row], context.json ?? [])[0]));
}

/** A variable for this very provider beats what was just stored. */
function warnOfStronger(context: Context, room: KeyRoom, provider: Provider): void {
  const [entry] = room.keys.list([provider]);
  if (entry?.source === 'environment')
    say(context, context.stderr, 'warn', `$${ownVariable(provider.id)} is set and wins over the stored key.`);
}

/** @throws UserError exit 2 */
function labelOf(label: string | undefined): string {
  if (label === undefined) return UNLABELLED;
  // A key may be pasted here, too: it is not repeated.
  if (maskText(label, []) !== label) throw secretInArguments('<provider>');
  if (!LABEL.test(label))
    throw usageError('--label: lower-case letters, digits, dot, dash and underscore; at most 41 of them');
  return label;
}

/** Error 8. The provider is named only where it cannot be the key itself. */
function secretInArguments(name: string): UserError {
  const provider = maskText(name, []) === name ? name : '<provider>';
  return new UserError({
    code: 'secret_in_args',
    exit: EXIT.usage,
    message: 'keys are not accepted as arguments',
    why: 'arguments end up in the shell history and in ps; treat that key as leaked, replace it',
    fix: [`{cmd} keys add ${provider}         asks for it without showing it`],
  });
}

function needsNone({ id, kind }: Provider): UserError {
  return kind === 'demo'
    ? usageError(`${id} needs no key`)
    : usageError(
        `${id} needs no key: its calls carry none`,
        `{cmd} config set providers.${id}.auth bearer     if yours asks for one`,
      );
}
