import type { ModelPrice, UserPrice } from '../../../catalog/index.ts';
import { usageError } from '../../usage-error.ts';
import { rate } from './cells.ts';

/** Flags that set a price, as commander reads them. */
export type PartFlags = { [F in Part['flag']]?: string };

/** Parts of a price as the configuration file has them. */
export type FilePrice = Record<string, number>;

const MOST_USD_PER_MILLION = 1_000_000;
const MOST_USD_PER_CALL = 1_000;

/** Every part of a price: its flag, its name in the file and in the code, in a list, and for people. */
const PARTS = [
  { flag: 'in', file: 'input', own: 'input', list: 'input', words: 'in' },
  { flag: 'out', file: 'output', own: 'output', list: 'output', words: 'out' },
  { flag: 'cached', file: 'cached', own: 'cached', list: 'cacheRead', words: 'cached' },
  { flag: 'cacheWrite', file: 'cache_write', own: 'cacheWrite', list: 'cacheWrite', words: 'cache write' },
  {
    flag: 'cacheWrite1h',
    file: 'cache_write_1h',
    own: 'cacheWrite1h',
    list: 'cacheWrite1h',
    words: 'for an hour',
  },
  { flag: 'audioIn', file: 'input_audio', own: 'inputAudio', list: 'inputAudio', words: 'audio in' },
  { flag: 'audioOut', file: 'output_audio', own: 'outputAudio', list: 'outputAudio', words: 'audio out' },
  { flag: 'imageIn', file: 'input_image', own: 'inputImage', list: 'inputImage', words: 'image in' },
  { flag: 'imageOut', file: 'output_image', own: 'outputImage', list: 'outputImage', words: 'image out' },
  { flag: 'perRequest', file: 'per_request', own: 'perRequest', list: 'perRequest', words: 'a request' },
  { flag: 'perSearch', file: 'per_search', own: 'perSearch', list: 'perSearch', words: 'a search' },
] as const satisfies readonly {
  flag: string;
  file: string;
  own: keyof UserPrice;
  list: keyof ModelPrice;
  words: string;
}[];

type Part = (typeof PARTS)[number];

const CALLS: ReadonlySet<Part['flag']> = new Set(['perRequest', 'perSearch']);

/** The flags as the file has them. @throws UserError (exit 2) for what is no price */
export function pricesIn(flags: PartFlags): FilePrice {
  return Object.fromEntries(
    PARTS.flatMap((part) => {
      const text = flags[part.flag];
      return text === undefined ? [] : [[part.file, usd(part, text)] as const];
    }),
  );
}

function usd({ flag }: Part, text: string): number {
  const amount = /^\$?\d+(\.\d+)?$/.test(text) ? Number(text.replace('$', '')) : Number.NaN;
  const isCall = CALLS.has(flag);
  if (amount <= (isCall ? MOST_USD_PER_CALL : MOST_USD_PER_MILLION)) return amount;
  const name = flag.replace(/[A-Z]|1h/g, (part) => `-${part.toLowerCase()}`);
  throw usageError(
    `--${name} is a price in USD ${isCall ? 'for each' : 'per million tokens'}, not "${text}"`,
    '{cmd} models price acme/llama-4 --in 0.2 --out 0.6',
  );
}

/** What is set already, as the file has it. */
export function ownParts(price: UserPrice | undefined): FilePrice {
  return said(PARTS.map(({ file, own }) => [file, price?.[own]]));
}

/** A list price, by the names of the file. */
export function listedParts(price: ModelPrice): FilePrice {
  return said(PARTS.map(({ file, list }) => [file, price[list]]));
}

const said = (entries: readonly (readonly [string, number | null | undefined])[]): FilePrice =>
  Object.fromEntries(
    entries.filter((entry): entry is [string, number] => entry[1] !== null && entry[1] !== undefined),
  );

/** `in $3.00, out $15.00, cached $0.30 per million tokens; $0.01 a search` */
export function priceText(price: FilePrice): string {
  const text = (calls: boolean, write: (words: string, usd: string) => string): string =>
    PARTS.filter(({ flag }) => CALLS.has(flag) === calls)
      .flatMap(({ file, words }) => {
        const amount = price[file];
        return amount === undefined ? [] : [write(words, `$${rate(amount)}`)];
      })
      .join(', ');
  const tokens = text(false, (words, amount) => `${words} ${amount}`);
  const calls = text(true, (words, amount) => `${amount} ${words}`);
  return [tokens === '' ? '' : `${tokens} per million tokens`, calls].filter(Boolean).join('; ');
}
