import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SCHEMA_FILE } from '../../../config/index.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf, pad, safeText, table } from '../../render/index.ts';
import { tildePath } from './places.ts';

interface Place {
  name: string;
  path: string;
  used: boolean;
}

/** `config path`: everything that may lie on disk. */
export function showPaths(context: Context): void {
  const places = placesOf(context);
  if (context.json) {
    context.stdout.write(jsonText(jsonFields(places.map(asRow), context.json)));
    return;
  }
  const look = lookOf(context, context.stdout);
  const shown = (place: Place): string => tildePath(context, place.path);
  const lines = table<Place>(
    [
      { title: '', cell: ({ name }) => name, paint: (text, _, { style }) => style.dim(text) },
      { title: '', cell: (place) => `${shown(place)}  ${state(place)}` },
    ],
    places,
    { ...look, width: Number.POSITIVE_INFINITY },
  );
  const widest = Math.max(...places.map((place) => shown(place).length)) + WIDEST_NAME + WIDEST_STATE;
  context.stdout.write(widest <= look.width ? lines : narrow(context, places));
}

const WIDEST_NAME = 14;
const WIDEST_STATE = 11;

const asRow = ({ name, path, used }: Place): Record<string, unknown> => ({ name, path, used });

const state = ({ used }: Place): string => (used ? '(used)' : '(missing)');

/** A path is there to be copied, so it is never cut: it gets a line of its own. */
function narrow(context: Context, places: readonly Place[]): string {
  const { style } = lookOf(context, context.stdout);
  return places
    .map(
      (place) =>
        `${style.dim(pad(place.name, WIDEST_NAME))} ${state(place)}\n  ${safeText(tildePath(context, place.path))}\n`,
    )
    .join('');
}

function placesOf({ paths }: Context): Place[] {
  const named: readonly (readonly [string, string])[] = [
    ['configuration', paths.configFile],
    ['its schema', join(dirname(paths.configFile), SCHEMA_FILE)],
    ['state', paths.stateDir],
    ['ledger', paths.ledgerFile],
    ['local token', paths.tokenFile],
    ['server', paths.serverFile],
    ['key index', paths.keyIndexFile],
    ['keys in file', paths.keysFile],
    ['cache', paths.cacheDir],
    ['model lists', paths.modelsDir],
    ['crash reports', paths.crashDir],
  ];
  return named.map(([name, path]) => ({ name, path, used: existsSync(path) }));
}
