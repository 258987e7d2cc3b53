import { UserError } from '../../../../errors.ts';
import { createKeys, keyName, maskKey } from '../../../../keys/index.ts';
import { plural } from '../../../render/index.ts';
import { createProber, type Probe } from '../../keys/probe.ts';
import { openKeyRoom } from '../../keys/room.ts';
import { type Candidate, everyKey } from '../../keys/test.ts';
import { type Facts, type Finding, ok } from '../finding.ts';

/** Whether keys can be stored. That there is no keychain hurts only who has keys in it, or wants to. */
export async function keychain({ context }: Facts): Promise<Finding[]> {
  if (context.env.UNOROUTER_NO_KEYCHAIN)
    return [{ state: 'skip', text: 'keychain: switched off by $UNOROUTER_NO_KEYCHAIN' }];
  const keys = createKeys({ paths: context.paths, env: context.env });
  await keys.load();
  const trouble = keys.trouble();
  if (trouble) return [asFinding(trouble, 'bad')];
  try {
    await keys.checkKeychain('unorouter');
    return [ok('keychain: opens')];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [asFinding(error, keys.stored().length > 0 ? 'bad' : 'warn')];
  }
}

function asFinding({ message, why, fix }: UserError, state: Finding['state']): Finding {
  return {
    state,
    text: message,
    ...(why === undefined ? {} : { why }),
    ...(fix[0] === undefined
      ? {}
      : { fix: fix[0].replaceAll('UNOROUTER_UNOROUTER_', 'UNOROUTER_<PROVIDER>_') }),
  };
}

/** Asks every provider with a key whether it takes it; free of charge. */
export async function keys({ context, config, offline }: Facts): Promise<Finding[]> {
  if (!config) return [{ state: 'skip', text: 'keys: not tested while the configuration has a mistake' }];
  const room = await openKeyRoom(context);
  await room.keys.load();
  const candidates = everyKey(room);
  if (candidates.length === 0)
    return [{ state: 'warn', text: 'no provider has a key yet', fix: '{cmd} keys add <provider>' }];
  const names = candidates.map(({ provider, label }) => keyName({ provider: provider.id, label }));
  if (offline)
    return [
      { state: 'skip', text: `${plural(names.length, 'key')} not tested (--offline): ${names.join(', ')}` },
    ];
  const prober = await createProber(room.config, context.env).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
  if (prober instanceof UserError) return [asFinding(prober, 'bad')];
  const probes = await Promise.all(
    candidates.map(async (one) => ({ one, probe: await prober.probe(one.provider, one.key) })),
  ).finally(() => prober.close());
  return probes.map(({ one, probe }) => findingOf(one, probe));
}

function findingOf({ provider, label, key }: Candidate, probe: Probe): Finding {
  const name = keyName({ provider: provider.id, label });
  if (probe.kind === 'works') return ok(`${name}: reachable, key accepted, ${plural(probe.models, 'model')}`);
  if (probe.kind === 'untestable') return { state: 'skip', text: `${name}: not tested, ${probe.words}` };
  if (probe.kind === 'refused')
    return {
      state: 'bad',
      text: `${name} refuses the key ${maskKey(key)}`,
      why: probe.words,
      fix: `{cmd} keys add ${provider.id}`,
    };
  const tls = probe.reason === 'tls';
  return {
    state: 'bad',
    text: `${name} cannot be asked`,
    why: probe.words,
    fix: tls ? 'NODE_EXTRA_CA_CERTS=/path/ca.pem {cmd} serve' : `{cmd} keys test ${provider.id}     later`,
  };
}
