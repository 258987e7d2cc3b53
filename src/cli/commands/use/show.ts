import { describeOrigin } from '../../../config/index.ts';
import { readOwned } from '../../../home/index.ts';
import type { Context } from '../../context.ts';
import { bestPlace, readName } from '../../model-name.ts';
import { jsonFields, jsonText, lookOf, safeText, wrap } from '../../render/index.ts';
import type { Shelves } from '../../shelves.ts';
import { warningsFor } from './choose.ts';
import { readPrevious } from './previous.ts';

/** A path with `~` for the user's own directory. */
export function homeShort(path: string, env: NodeJS.ProcessEnv): string {
  const home = env.HOME || env.USERPROFILE;
  return home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** The present default, and where it comes from. */
export async function showDefault(context: Context, shelves: Shelves): Promise<void> {
  const { defaultModel } = shelves;
  const { source, where } = await originOf(context);
  const reading = defaultModel === null ? null : readName(defaultModel, shelves);
  const best = reading && bestPlace(reading);
  const warnings = warningsFor(defaultModel, shelves).map((line) => line.replaceAll('{cmd}', context.prefix));
  if (context.json) {
    const answer = {
      default: defaultModel,
      provider: best?.provider.id ?? null,
      id: best?.info?.id ?? best?.model ?? null,
      callable: best?.callable ?? false,
      source,
      where,
      previous: readPrevious(context)?.model ?? null,
      warnings,
    };
    context.stdout.write(jsonText(jsonFields([answer], context.json)[0]));
    return;
  }
  const out = lookOf(context, context.stdout);
  const seller = best ? ` (${best.provider.id})` : '';
  const line =
    defaultModel === null ? 'Default model: none' : `Default model: ${defaultModel}${seller}   from ${where}`;
  context.stdout.write(`${wrap(safeText(line), out.width).join('\n')}\n`);
  const look = lookOf(context, context.stderr);
  for (const warning of warnings)
    context.stderr.write(`${wrap(safeText(`${look.glyphs.warn} ${warning}`), look.width).join('\n')}\n`);
  if (defaultModel === null && !context.quiet)
    context.stderr.write(
      `Set one: ${context.prefix} use <model>     which there are: ${context.prefix} models\n`,
    );
}

async function originOf({ env, paths }: Context): Promise<{ source: string; where: string }> {
  const file = paths.configFile;
  return describeOrigin(['default'], { env, flags: {}, file, source: readOwned(file) });
}
