import type { ModelInfo, ModelPrice, Provider } from '../../../catalog/index.ts';
import type { Glyphs } from '../../render/index.ts';

const MIB = 1_048_576;
const KIB = 1_024;

/** 131,072 is 128 Ki; 128,000, which 1,024 divides as well, is 128 thousand. */
const isBinary = (count: number, unit: number): boolean => count % 1_000 !== 0 && count % unit === 0;

/** A limit as vendors write it: `128k` for 131,072 as well as for 128,000, `1M`. Unknown is a dash. */
export function limit(count: number | null, none: string): string {
  if (count === null) return none;
  if (count >= 999_500) {
    const millions = isBinary(count, MIB) ? count / MIB : count / 1e6;
    return `${Number(millions.toFixed(1))}M`;
  }
  if (count < 1_000) return String(count);
  return `${Math.round(isBinary(count, KIB) ? count / KIB : count / 1e3)}k`;
}

/** USD per million tokens: two digits or more, up to four where they say something. */
export function rate(usd: number, digits = 2): string {
  if (usd > 0 && usd < 0.0001) return '<0.0001';
  const [whole = '', part = ''] = usd.toFixed(4).split('.');
  return `${whole}.${part.replace(/0+$/, '').padEnd(digits, '0')}`;
}

/** What stands instead of figures: nobody pays a local server, and the demo's figures are invented. */
function wordFor(price: ModelPrice, provider: Provider): string | null {
  if (provider.kind === 'demo') return 'demo';
  if (price.input !== 0 || price.output !== 0 || (price.perRequest ?? 0) > 0) return null;
  return provider.kind === 'local' ? 'local' : 'free';
}

/** What an input or output token costs: `3.00`, `local`, `free`, `demo`, and `?` when that is not known. */
export function tokenPrice(price: ModelPrice | null, provider: Provider, part: 'input' | 'output'): string {
  if (price === null) return '?';
  const usd = price[part];
  return wordFor(price, provider) ?? (usd === null ? '?' : rate(usd));
}

/** What tokens cost that come from a cache or go into one; a dash where no such price is listed. */
export function cachePrice(
  price: ModelPrice | null,
  provider: Provider,
  part: 'cacheRead' | 'cacheWrite',
  none: string,
): string {
  if (price === null) return '?';
  const usd = price[part];
  return usd === null || wordFor(price, provider) !== null ? none : rate(usd, part === 'cacheRead' ? 3 : 2);
}

/** `T V R`: tools, vision, reasoning; a gap for what it cannot, nothing where nothing is known. */
export function abilities({ tools, vision, reasoning }: ModelInfo, between: string): string {
  return [tools && 'T', vision && 'V', reasoning && 'R']
    .map((letter) => letter || ' ')
    .join(between)
    .trimEnd();
}

/** Key there or none needed, or not. */
export const keySign = (callable: boolean, { dot, circle }: Glyphs): string => (callable ? dot : circle);

/** Its provider says that it ends, or lists it no longer. */
export const isRetired = ({ gone, deprecated }: ModelInfo): boolean => gone || deprecated !== null;
