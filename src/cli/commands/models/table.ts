import { type Column, type Look, table } from '../../render/index.ts';
import { abilities, cachePrice, isRetired, keySign, limit, tokenPrice } from './cells.ts';
import type { Offer } from './offers.ts';

/** Which of the columns to show that not every list has. */
export interface Shown {
  /** The seller, where the name does not say it. */
  via: boolean;
  /** Whether there is a key, where some have none. */
  key: boolean;
}

/** From here on there is room for a second line of titles. */
const ROOMY = 80;

const NARROWEST_NAME = 22;

/** null = the line of units below the titles. */
type Row = Offer | null;

interface OfferColumn extends Omit<Column<Row>, 'cell' | 'paint'> {
  unit?: string;
  cell(offer: Offer): string;
  paint?(text: string, offer: Offer, look: Look): string;
}

function columnsFor(shown: Shown, look: Look): OfferColumn[] {
  const { none } = look.glyphs;
  const between = look.width < ROOMY ? '' : ' ';
  const price = { align: 'right', unit: '$/1M' } as const;
  return [
    {
      title: '',
      cell: mark,
      paint: (text, { isDefault }, { style }) => (isDefault ? style.green(text) : text),
    },
    { title: 'MODEL', cell: ({ model }) => model, shrink: NARROWEST_NAME, paint: paintName },
    ...(shown.via ? [{ title: 'VIA', cell: ({ provider }: Offer) => provider.id, drop: 3 }] : []),
    ...(shown.key
      ? [{ title: 'KEY', cell: ({ callable }: Offer) => ` ${keySign(callable, look.glyphs)}`, drop: 4 }]
      : []),
    { title: 'IN', cell: (o) => tokenPrice(o.price, o.provider, 'input'), ...price },
    { title: 'CACHED', cell: (o) => cachePrice(o.price, o.provider, 'cacheRead', none), ...price, drop: 2 },
    { title: 'OUT', cell: (o) => tokenPrice(o.price, o.provider, 'output'), ...price },
    { title: 'CTX', cell: ({ info }) => limit(info.context, none), align: 'right' },
    { title: 'OUT MAX', cell: ({ info }) => limit(info.maxOutput, none), align: 'right', drop: 1 },
    { title: 'CAN', cell: ({ info }) => abilities(info, between) },
  ];
}

function mark({ isDefault, price, info }: Offer): string {
  if (isDefault) return '*';
  if (isRetired(info)) return '-';
  return price === null ? '!' : '';
}

const paintName = (text: string, { callable, isDefault }: Offer, { style }: Look): string => {
  if (!callable) return style.dim(text);
  return isDefault ? style.bold(text) : text;
};

/** Whether the table says the unit of prices itself. */
export const saysUnit = (look: Look): boolean => look.width >= ROOMY && Number.isFinite(look.width);

/** Offers as a table. Piped, every line but the first is a row; on a screen the units have a line of their own. */
export function offerTable(offers: readonly Offer[], shown: Shown, look: Look): string {
  const marked = offers.some((offer) => mark(offer) !== '');
  const wanted = columnsFor(shown, look).filter(({ title }) => marked || title !== '');
  const columns = wanted.map(
    ({ unit = '', cell, paint, ...rest }): Column<Row> => ({
      ...rest,
      cell: (row) => (row === null ? unit : cell(row)),
      paint: (text, row, lookNow) =>
        row === null ? lookNow.style.dim(text) : (paint?.(text, row, lookNow) ?? text),
    }),
  );
  return table(columns, saysUnit(look) ? [null, ...offers] : offers, look);
}
