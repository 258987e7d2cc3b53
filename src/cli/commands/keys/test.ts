import type { Provider } from '../../../catalog/index.ts';
import { EXIT } from '../../../errors.ts';
import { keyName, maskKey, UNLABELLED } from '../../../keys/index.ts';
import type { Context } from '../../context.ts';
import { type Column, jsonFields, jsonText, type Look, lookOf, plural, table } from '../../render/index.ts';
import { createProber, type Probe } from './probe.ts';
import { probeError } from './refused.ts';
import { type KeyRoom, missingKey, openKeyRoom, providerNamed, readKeys, takesKey } from './room.ts';
import { hint } from './say.ts';

/** A provider and the key that it is asked about. */
export interface Candidate {
  provider: Provider;
  label: string;
  key: string;
  where: string;
}

interface Tested extends Candidate {
  probe: Probe;
}

/** `keys test [P...]`: GET /models with each key. Exit 4 when one is refused, else 7 when one could not be told. */
export async function testKeys(context: Context, names: readonly string[]): Promise<void> {
  const room = await openKeyRoom(context);
  await readKeys(room);
  const candidates = names.length > 0 ? named(room, names) : everyKey(room);
  if (candidates.length === 0) {
    if (context.json) context.stdout.write(jsonText([]));
    hint(context, `No keys to test. Add one: ${context.prefix} keys add <provider>`);
    return;
  }
  const prober = await createProber(room.config, context.env);
  const results = await Promise.all(
    candidates.map(async (one) => ({ ...one, probe: await prober.probe(one.provider, one.key) })),
  ).finally(() => prober.close());
  answer(context, results);
}

function named(room: KeyRoom, names: readonly string[]): Candidate[] {
  const providers = new Set(names.map((name) => providerNamed(room, name)));
  return [...providers].flatMap((provider) => {
    const found = keysOf(room, provider);
    if (found.length > 0) return found;
    const result = room.keys.get(provider, addressOf(provider));
    if (!result.ok) throw missingKey(provider, result);
    return [{ provider, label: UNLABELLED, key: result.value, where: result.where }];
  });
}

/** Every key that requests may use now. */
export function everyKey(room: KeyRoom): Candidate[] {
  return room.catalog.providers().flatMap((provider) => (takesKey(provider) ? keysOf(room, provider) : []));
}

/** Every key of a provider that would be used: one, or a pool of them. */
function keysOf({ keys }: KeyRoom, provider: Provider): Candidate[] {
  const url = addressOf(provider);
  const labels = keys.labels(provider, url);
  return (labels.length > 0 ? labels : [UNLABELLED]).flatMap((label) => {
    const result = keys.get(provider, url, label);
    return result.ok ? [{ provider, label, key: result.value, where: result.where }] : [];
  });
}

const addressOf = ({ modelsUrl, surfaces }: Provider): string => modelsUrl ?? surfaces[0]?.url ?? '';

function answer(context: Context, results: readonly Tested[]): void {
  const [only] = results;
  if (context.json) context.stdout.write(jsonText(jsonFields(results.map(rowOf), context.json)));
  else if (only && results.length === 1 && isBad(only.probe))
    throw probeError(only.provider, only.key, only.probe, fixFor(only.provider));
  else {
    const look = lookOf(context, context.stdout);
    context.stdout.write(table(columns(look), results, look));
  }
  context.exit(exitCode(results));
}

const fixFor = ({ id }: Provider): string =>
  `{cmd} keys add ${id}     replace it (the old one stays until the new one works)`;

const isBad = (probe: Probe): probe is Extract<Probe, { kind: 'refused' | 'failed' }> =>
  probe.kind === 'refused' || probe.kind === 'failed';

function exitCode(results: readonly Tested[]): number {
  const kinds = results.map(({ probe }) => probe.kind);
  if (kinds.includes('refused')) return EXIT.key;
  return kinds.includes('failed') ? EXIT.upstream : EXIT.done;
}

function rowOf({ provider, label, key, where, probe }: Tested): Record<string, unknown> {
  return {
    provider: provider.id,
    label,
    masked: maskKey(key),
    where,
    outcome: probe.kind,
    models: probe.kind === 'works' ? probe.models : null,
    message: probe.kind === 'works' ? null : probe.words,
  };
}

const SIGNS = {
  works: ['dot', 'green'],
  refused: ['cross', 'red'],
  failed: ['warn', 'yellow'],
  untestable: ['circle', 'dim'],
} as const;

const NARROW = 80;

function columns(look: Look): Column<Tested>[] {
  const narrow = look.width < NARROW;
  const title = (text: string): string => (narrow ? '' : text);
  return [
    {
      title: title('PROVIDER'),
      cell: ({ provider, label }) => `${keyName({ provider: provider.id, label })}  `,
      shrink: 10,
    },
    { title: title('KEY'), cell: ({ key }) => `${maskKey(key).replaceAll('…', look.glyphs.ellipsis)}  ` },
    { title: title('FROM'), cell: ({ where }) => `${where}  `, drop: 1 },
    {
      title: title('RESULT'),
      cell: ({ probe }) => `${look.glyphs[SIGNS[probe.kind][0]]} ${resultOf(probe)}`,
      shrink: 20,
      paint: (text, { probe }, { style }) => style[SIGNS[probe.kind][1]](text),
    },
  ];
}

function resultOf(probe: Probe): string {
  if (probe.kind === 'works') return `works: ${plural(probe.models, 'model')}`;
  if (probe.kind === 'refused') return `refused: ${probe.words}`;
  return probe.kind === 'failed' ? probe.words : 'not testable for free';
}
