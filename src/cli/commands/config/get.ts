import {
  describeOrigin,
  effectiveSettings,
  invalidConfig,
  maskSecrets,
  type OriginPlaces,
  parseConfig,
} from '../../../config/index.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf, safeText, table } from '../../render/index.ts';
import { nameOf, pathOf, placesOf } from './setting.ts';
import { inlineText, rawText } from './value-text.ts';

type Path = readonly string[];

/** `config get [K] [--show-origin]`: what holds. */
export async function getSetting(
  context: Context,
  name: string | undefined,
  showOrigin: boolean,
): Promise<void> {
  const places = placesOf(context);
  const checked = await parseConfig(places.file, places.source ?? '');
  if (!checked.ok) throw invalidConfig(checked.problems, checked.source);
  const path = name === undefined ? [] : await pathOf(name, places.source ?? '', (n) => `get ${n}`);
  const value = valueAt(await effectiveSettings(places), path);
  if (showOrigin) await printOrigins(context, path, value, places);
  else print(context, path, value);
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([name]) => name === key)?.[1]
        : undefined,
    data,
  );
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function print(context: Context, path: Path, value: unknown): void {
  const shown = maskSecrets(path, value);
  if (context.json) {
    const fields = context.json;
    context.stdout.write(jsonText(isMapping(shown) ? jsonFields([shown], fields)[0] : (shown ?? null)));
    return;
  }
  if (value !== undefined) context.stdout.write(lines(rawText(shown)));
  else if (!context.quiet) context.stderr.write(`${safeText(nameOf(path))} is not set, and has no default\n`);
}

/** Line ends are ours; all else comes from a file. */
const lines = (text: string): string =>
  text
    .split('\n')
    .map((line) => safeText(line))
    .join('\n');

interface Row {
  where: string;
  source: string;
  key: string;
  value: unknown;
}

async function printOrigins(
  context: Context,
  path: Path,
  value: unknown,
  places: OriginPlaces,
): Promise<void> {
  const rows = await Promise.all(leaves(path, value).map((leaf) => rowOf(leaf, places)));
  if (context.json) {
    const answer = rows.map(({ key, value: shown, source, where }) => ({
      key,
      value: shown ?? null,
      source,
      where,
    }));
    context.stdout.write(jsonText(jsonFields(answer, context.json)));
    return;
  }
  const look = lookOf(context, context.stdout);
  const written = (row: Row): string => (row.value === undefined ? look.glyphs.none : inlineText(row.value));
  context.stdout.write(
    table<Row>(
      [
        { title: 'FROM', cell: ({ where }) => where, shrink: 12 },
        { title: 'SETTING', cell: ({ key }) => key, shrink: 16 },
        { title: 'VALUE', cell: written, shrink: 12 },
      ],
      rows,
      look,
    ),
  );
}

async function rowOf(path: Path, places: OriginPlaces): Promise<Row> {
  const { where, source, value } = await describeOrigin(path, places);
  return { where, source, key: nameOf(path), value: maskSecrets(path, value) };
}

/** Settings that have a value of their own; lists count as one. */
function leaves(path: Path, value: unknown): Path[] {
  if (!isMapping(value) || Object.keys(value).length === 0) return [path];
  const said = Object.entries(value).filter(([, item]) => item !== undefined);
  return said.flatMap(([key, item]) => leaves([...path, key], item));
}
