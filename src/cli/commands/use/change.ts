import { deleteIn, editConfig, setIn } from '../../../config/index.ts';
import type { Context } from '../../context.ts';
import { bestPlace, readName } from '../../model-name.ts';
import { jsonFields, jsonText, lookOf, safeText, wrap } from '../../render/index.ts';
import type { Shelves } from '../../shelves.ts';
import { warningsFor } from './choose.ts';
import { keepPrevious, readPrevious } from './previous.ts';
import { homeShort } from './show.ts';

/** Writes another default (null = none) into the configuration file, and keeps the one before for `use -`. */
export async function writeDefault(
  context: Context,
  before: string | null,
  next: string | null,
): Promise<void> {
  if (next === before) return;
  await editConfig(context.paths.configFile, (source) =>
    next === null ? deleteIn(source, ['default']) : setIn(source, ['default'], next),
  );
  keepPrevious(context, before);
}

/** The same, and says what that means. */
export async function changeDefault(context: Context, shelves: Shelves, next: string | null): Promise<void> {
  const file = context.paths.configFile;
  const before = shelves.config.default;
  await writeDefault(context, before, next);
  const warnings = warningsFor(next, shelves).map((line) => line.replaceAll('{cmd}', context.prefix));
  const variable = context.env.UNOROUTER_MODEL;
  const all =
    variable && variable !== next
      ? [...warnings, `$UNOROUTER_MODEL is ${variable}, and it wins over the file`]
      : warnings;
  if (context.json) {
    const answer = {
      default: next,
      provider: sellerOf(next, shelves),
      previous: before,
      changed: next !== before,
      file,
      warnings: all,
    };
    context.stdout.write(jsonText(jsonFields([answer], context.json)[0]));
    return;
  }
  tell(context, shelves, { before, next, warnings: all });
}

/** The provider that would serve it now. */
function sellerOf(name: string | null, shelves: Shelves): string | null {
  const reading = name === null ? null : readName(name, shelves);
  return reading && bestPlace(reading).provider.id;
}

interface Change {
  before: string | null;
  next: string | null;
  warnings: readonly string[];
}

function tell(context: Context, shelves: Shelves, { before, next, warnings }: Change): void {
  const out = lookOf(context, context.stdout);
  const seller = sellerOf(next, shelves);
  const to = `${next ?? 'none'}${seller ? ` (${seller})` : ''}`;
  const change =
    next === before
      ? `Default model: ${to}   unchanged`
      : `Default model: ${before ?? 'none'} ${out.glyphs.arrow} ${to}   saved in ${homeShort(context.paths.configFile, context.env)}`;
  context.stdout.write(`${wrap(safeText(change), out.width).join('\n')}\n`);
  const look = lookOf(context, context.stderr);
  const write = (line: string): void => {
    for (const part of wrap(safeText(line), look.width)) context.stderr.write(`${part}\n`);
  };
  for (const warning of warnings) write(`${look.glyphs.warn} ${warning}`);
  if (context.quiet || next === before) return;
  if (next !== null) for (const line of meaning(shelves)) write(line);
  if (readPrevious(context)) write(`Undo: ${context.prefix} use -`);
}

function meaning({ config }: Shelves): string[] {
  const unknown = config.unknownModel === 'default' ? ', or for a model that nobody knows' : '';
  return [
    `Used when an agent asks for "default" or "auto"${unknown}.`,
    'Agents that name a model themselves are not changed.',
  ];
}
