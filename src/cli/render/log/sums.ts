import type { Today } from '../../../server/index.ts';
import { percent, sum } from '../units.ts';

/** A sum of money with its pedigree: `$4.82`, `~$4.82 + 3 unpriced` when parts are estimates or not known. */
export function spent({ costNanoUsd, estimated, unpriced }: Today): string {
  const about = estimated > 0 ? '~' : '';
  return `${about}${sum(costNanoUsd)}${unpriced > 0 ? ` + ${unpriced} unpriced` : ''}`;
}

/** `prompt cache 71%`: the share of prompt tokens that were read from a cache; null when no prompt was counted. */
export function promptCache({ input, cacheRead }: Today): string | null {
  return input > 0 ? `prompt cache ${percent(cacheRead, input)}` : null;
}
