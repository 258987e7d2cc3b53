import { closest, type Provider } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Shelves } from '../../shelves.ts';
import { usageError } from '../../usage-error.ts';
import type { Offer } from './offers.ts';

/** The flags of lists of models, as commander reads them. */
export interface ListFlags {
  all?: true;
  provider?: string;
  free?: true;
  local?: true;
  tools?: true;
  vision?: true;
  reasoning?: true;
  new?: true;
  minContext?: string;
  maxOut?: string;
  sort?: 'name' | 'price' | 'context';
}

/** A model is new for a month. */
const NEW_MS = 30 * 86_400_000;

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6 };

/** `200k`, `1M`, `131072`. */
function tokensFrom(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(text) ?? [];
  if (digits === undefined)
    throw usageError(`--min-context is a number of tokens, not "${text}"`, '{cmd} models --min-context 200k');
  return Number(digits) * (UNITS[unit?.toLowerCase() ?? ''] ?? 1);
}

function usdFrom(text: string): number {
  if (!/^\$?\d+(\.\d+)?$/.test(text))
    throw usageError(
      `--max-out is a price in USD per million tokens, not "${text}"`,
      '{cmd} models --max-out 5',
    );
  return Number(text.replace('$', ''));
}

/** Whether a price is known to be nothing. The demo's figures are no prices. */
function isFree({ price, provider }: Offer): boolean {
  return provider.kind !== 'demo' && price?.input === 0 && price.output === 0;
}

/**
 * What the flags ask of an offer. What is not known does not fit: an unknown price is not below a limit.
 * @throws UserError (exit 2) for values that are no numbers
 */
export function filterOf(flags: ListFlags, now: number): (offer: Offer) => boolean {
  const minContext = flags.minContext === undefined ? null : tokensFrom(flags.minContext);
  const maxOut = flags.maxOut === undefined ? null : usdFrom(flags.maxOut);
  const asked: ((offer: Offer) => boolean)[] = [
    ...(flags.tools ? [({ info }: Offer) => info.tools === true] : []),
    ...(flags.vision ? [({ info }: Offer) => info.vision === true] : []),
    ...(flags.reasoning ? [({ info }: Offer) => info.reasoning === true] : []),
    ...(flags.local ? [({ provider }: Offer) => provider.kind === 'local'] : []),
    ...(flags.free ? [isFree] : []),
    ...(flags.new ? [({ info }: Offer) => (info.since ?? 0) > now - NEW_MS] : []),
    ...(minContext === null ? [] : [({ info }: Offer) => (info.context ?? -1) >= minContext]),
    ...(maxOut === null
      ? []
      : [
          ({ provider, price }: Offer) =>
            provider.kind !== 'demo' && (price?.output ?? Number.POSITIVE_INFINITY) <= maxOut,
        ]),
  ];
  return (offer) => asked.every((fits) => fits(offer));
}

/** Whether the flags leave anything out. */
export const isFiltered = (flags: ListFlags): boolean =>
  Object.keys(flags).some((flag) => flag !== 'all' && flag !== 'sort');

/** The provider that `--provider` names, or null without it. @throws UserError `unknown_provider` (exit 9) */
export function providerOf(flags: ListFlags, { catalog }: Shelves): Provider | null {
  if (flags.provider === undefined) return null;
  const provider = catalog.provider(flags.provider);
  if (provider) return provider;
  const ids = catalog.providers().map(({ id }) => id);
  const near = closest(flags.provider, ids, 3);
  throw new UserError({
    code: 'unknown_provider',
    exit: EXIT.nothingFound,
    message: `unknown provider "${flags.provider}"`,
    fix: near.length > 0 ? [`did you mean ${near.join(' or ')}?`] : ['{cmd} models --all'],
  });
}
