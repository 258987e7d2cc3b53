import type { Provider } from '../../../catalog/index.ts';
import type { ProtocolId } from '../../../protocols/protocol.ts';
import type { KeyState } from '../../../router/index.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { type Column, jsonFields, jsonText, type Look, lookOf, table } from '../../render/index.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';

/** One provider as it is listed. */
interface Line {
  provider: Provider;
  models: number;
  /** The best that one of its surfaces has. */
  key: KeyState;
  callable: boolean;
  /** The configuration names it. */
  configured: boolean;
}

const FIELDS = [
  'id',
  'name',
  'kind',
  'protocols',
  'url',
  'models',
  'key',
  'enabled',
  'callable',
  'builtin',
  'configured',
];

/** `providers list`: those that can be called, those of the configuration and those switched off; all with `--all`. */
export async function listProviders(context: Context, flags: { all?: true }): Promise<void> {
  const shelves = await loadShelves(context, { prices: false });
  const lines = linesOf(shelves);
  const shown = flags.all ? lines : lines.filter(({ callable, configured }) => callable || configured);
  if (context.json) {
    context.stdout.write(jsonText(jsonFields(shown.map(rowOf), context.json, FIELDS)));
    return;
  }
  const look = lookOf(context, context.stdout);
  context.stdout.write(table(columns(look), shown, look));
  const others = lines.length - shown.length;
  if (others > 0)
    hint(
      context,
      `${others} more without a key: ${context.prefix} providers --all     add one: ${context.prefix} keys add <provider>`,
    );
}

function linesOf({ catalog, config, keyState, callable }: Shelves): Line[] {
  const configured = new Set([...config.providers.keys()].map((id) => catalog.provider(id)?.id));
  return catalog.providers().map((provider) => ({
    provider,
    models: catalog.modelsOf(provider.id).length,
    key: bestOf(provider.surfaces.map((surface) => keyState(provider, surface))),
    callable: callable(provider),
    configured: configured.has(provider.id),
  }));
}

/** What a user may want to know first. */
const RANK: readonly KeyState[] = [
  'disabled',
  'have',
  'none',
  'locked',
  'foreign-origin',
  'no-keychain',
  'missing',
];

const bestOf = (states: readonly KeyState[]): KeyState =>
  RANK.find((state) => states.includes(state)) ?? 'missing';

function rowOf({ provider, models, key, callable, configured }: Line): Record<string, unknown> {
  const { id, name, kind, surfaces, enabled, builtin } = provider;
  return {
    ...{ id, name, kind },
    protocols: surfaces.map(({ protocol }) => protocol),
    url: surfaces[0]?.url ?? null,
    ...{ models, key, enabled, callable, builtin, configured },
  };
}

const SHORT: Record<ProtocolId, string> = {
  'openai-chat': 'chat',
  'openai-responses': 'responses',
  'anthropic-messages': 'messages',
  gemini: 'gemini',
};

const KEYS: Record<
  KeyState,
  { sign: 'dot' | 'circle' | 'warn' | 'none'; colour: 'green' | 'dim' | 'yellow'; word: string }
> = {
  have: { sign: 'dot', colour: 'green', word: '' },
  none: { sign: 'none', colour: 'dim', word: '' },
  missing: { sign: 'circle', colour: 'dim', word: '' },
  disabled: { sign: 'circle', colour: 'dim', word: ' off' },
  locked: { sign: 'warn', colour: 'yellow', word: ' locked' },
  'no-keychain': { sign: 'circle', colour: 'dim', word: '' },
  'foreign-origin': { sign: 'warn', colour: 'yellow', word: ' for another address' },
};

const NARROW = 80;

function columns(look: Look): Column<Line>[] {
  const { glyphs, width } = look;
  const spoken = ({ surfaces }: Provider): string =>
    surfaces.map(({ protocol }) => SHORT[protocol]).join(',');
  return [
    { title: 'PROVIDER', cell: ({ provider }) => provider.id, shrink: 10 },
    { title: 'PROTOCOLS', cell: ({ provider }) => spoken(provider), shrink: 9, drop: 1 },
    { title: 'MODELS', cell: ({ models }) => (models > 0 ? String(models) : glyphs.none), align: 'right' },
    {
      title: 'KEY',
      cell: ({ key }) => `${glyphs[KEYS[key].sign]}${KEYS[key].word}`,
      paint: (text, { key }, { style }) => style[KEYS[key].colour](text),
    },
    { title: width < NARROW ? 'URL' : 'BASE URL', cell: (line) => address(line), shrink: 12 },
  ];
}

function address({ provider, configured }: Line): string {
  const { kind, builtin, surfaces } = provider;
  if (kind === 'demo') return 'built in';
  const note = configured ? (builtin ? ' (configured)' : ' (custom)') : '';
  return `${surfaces[0]?.url ?? ''}${note}`;
}
