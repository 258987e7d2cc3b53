import { type KeyEntry, type KeyOwner, keyName } from '../../../keys/index.ts';
import type { Context } from '../../context.ts';
import {
  type Column,
  jsonFields,
  jsonText,
  type Look,
  lookOf,
  plural,
  safeText,
  table,
  wrap,
} from '../../render/index.ts';
import { type KeyRoom, openKeyRoom, readKeys, takesKey } from './room.ts';
import { hint } from './say.ts';

/** One line: a key, or a provider without one. */
interface Line extends KeyEntry {
  /** A key is stored for it, but no configuration knows it any more. */
  orphan: boolean;
}

const NARROW = 80;
const FIELDS = ['provider', 'label', 'masked', 'source', 'where', 'shadowed', 'problem'];

/** `keys list`: which providers have a key, masked, from where, and what is ignored beside it. */
export async function listKeys(context: Context, options: { all?: boolean }): Promise<void> {
  const room = await openKeyRoom(context);
  await readKeys(room);
  const lines = linesOf(room);
  const shown = options.all ? lines : lines.filter(isWorthIt);
  if (context.json) {
    const rows = shown.map(({ orphan: _orphan, ...entry }) => entry);
    context.stdout.write(jsonText(jsonFields(rows, context.json, FIELDS)));
    return;
  }
  const look = lookOf(context, context.stdout);
  if (shown.length > 0) context.stdout.write(table(columns(context.prefix, look), shown, look));
  for (const line of shown) for (const sentence of ignored(line, look)) context.stdout.write(`${sentence}\n`);
  hintFor(context, shown.length, lines.length - shown.length);
}

function hintFor(context: Context, shown: number, others: number): void {
  const all = `${context.prefix} keys list --all`;
  if (shown === 0)
    hint(context, `No keys yet. Add one: ${context.prefix} keys add <provider>     all of them: ${all}`);
  else if (others > 0) hint(context, `${plural(others, 'provider')} without a key: ${all}`);
}

function linesOf({ catalog, keys }: KeyRoom): Line[] {
  const providers = catalog.providers();
  const unknown = new Set(
    keys.stored().flatMap(({ provider }) => (catalog.provider(provider) ? [] : [provider])),
  );
  const orphans: KeyOwner[] = [...unknown].map((id) => ({ id, env: [], builtinOrigins: [] }));
  const entries = keys.list([...providers.filter(takesKey), ...orphans]);
  return entries.map((entry) => ({ ...entry, orphan: orphans.some(({ id }) => id === entry.provider) }));
}

const isWorthIt = (line: Line): boolean => line.problem !== 'missing' || line.shadowed.length > 0;

function columns(prefix: string, look: Look): Column<Line>[] {
  const narrow = look.width < NARROW;
  const title = (text: string): string => (narrow ? '' : text);
  return [
    { title: title('PROVIDER'), cell: (line) => `${keyName(line)}  `, shrink: 10 },
    {
      title: title('KEY'),
      cell: ({ masked }) => `${(masked ?? look.glyphs.none).replaceAll('…', look.glyphs.ellipsis)}  `,
    },
    { title: title('FROM'), cell: ({ where }) => `${where ?? look.glyphs.none}  `, shrink: 10 },
    {
      title: title('STATE'),
      cell: (line) => stateOf(line, prefix, look, narrow),
      shrink: 6,
      paint: (text, line, { style }) => style[COLOUR[signOf(line)]](text),
    },
  ];
}

const COLOUR = { dot: 'green', circle: 'dim', warn: 'yellow' } as const;

function signOf({ problem, orphan }: Line): keyof typeof COLOUR {
  if (problem === 'missing') return 'circle';
  return problem === null && !orphan ? 'dot' : 'warn';
}

const PROBLEMS: Record<NonNullable<KeyEntry['problem']>, string> = {
  missing: 'no key',
  locked: 'locked or removed',
  'no-keychain': 'no keychain here',
  'foreign-origin': 'for another address',
};

function stateOf(line: Line, prefix: string, look: Look, narrow: boolean): string {
  const sign = look.glyphs[signOf(line)];
  if (line.orphan) return `${sign} unknown provider`;
  if (line.problem === null) return `${sign} ready`;
  if (line.problem === 'missing' && !narrow) return `${sign} ${prefix} keys add ${line.provider}`;
  return `${sign} ${PROBLEMS[line.problem]}`;
}

/** A sentence for every key that is there and not used. */
function ignored(line: Line, look: Look): string[] {
  return line.shadowed.flatMap(({ where, masked, foreign }) => {
    const reason = foreign ? 'it belongs to another address than the configured one.' : winner(line);
    const text = where.startsWith('$')
      ? `${where} is ${foreign ? '' : 'also '}set (${masked}) and ignored: ${reason}`
      : `The stored key for ${keyName(line)} (${masked}) is ignored: ${reason}`;
    const lines = wrap(safeText(text).replaceAll('…', look.glyphs.ellipsis), look.width - 2);
    return lines.map((part, i) => (i === 0 ? `${look.style.yellow('!')} ${part}` : `  ${part}`));
  });
}

function winner({ where, source, problem }: Line): string {
  if (problem !== null) return 'the stored key wins, and cannot be read now.';
  return source === 'keychain' || source === 'file' ? 'the stored key wins.' : `${where} wins.`;
}
