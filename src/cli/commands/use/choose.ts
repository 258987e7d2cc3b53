import { readName, unknownModel } from '../../model-name.ts';
import type { Shelves } from '../../shelves.ts';
import { usageError } from '../../usage-error.ts';

/** A name that may become the default. @throws UserError `unknown_model`, usage for names that are no model's */
export function chosenName(name: string, shelves: Shelves): string {
  const trimmed = name.trim();
  if (trimmed === '' || trimmed === 'default' || trimmed === 'auto')
    throw usageError(`"${trimmed}" cannot be the default itself`, '{cmd} use <model>');
  if (!readName(trimmed, shelves)) throw unknownModel(trimmed, shelves);
  return trimmed;
}

/** What the user should know of a default that will not simply work; `{cmd}` is the program's prefix. */
export function warningsFor(name: string | null, shelves: Shelves): string[] {
  if (name === null) return [];
  const reading = readName(name, shelves);
  if (!reading) return [`no provider knows ${name} any more`];
  if (reading.places.some(({ callable }) => callable))
    return reading.places[0].info === null
      ? [`no list of ${reading.places[0].provider.id} has this model; it is sent all the same`]
      : [];
  const { provider, info } = reading.places[0];
  const unlisted = info === null ? [`no list of ${provider.id} has this model`] : [];
  return [
    ...unlisted,
    provider.kind === 'local'
      ? `${provider.name} has not been seen on this machine yet`
      : `no key for ${provider.id}: {cmd} keys add ${provider.id}`,
  ];
}
