import { closest, spelling } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { lookOf, safeText, wrap } from '../../render/index.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';
import { filterOf, type ListFlags, providerOf } from './filters.ts';
import { printJson, printTable } from './list.ts';
import { nameKey, type Offer, offersOf, sortOffers } from './offers.ts';

const NEAR = 10;

/**
 * `models search TEXT`: every model with all words in its name or id, or, where none has, those spelled alike. One line a
 * name, those that can be called first.
 * @throws UserError `no_such_model` (exit 9) when nothing is near
 */
export async function searchModels(context: Context, text: string, flags: ListFlags): Promise<void> {
  const fits = filterOf(flags, context.now());
  const shelves = await loadShelves(context);
  const provider = providerOf(flags, shelves);
  const offers = offersOf({ all: true, everySeller: provider !== null, provider }, shelves).filter(fits);
  const exact = offers.filter(matches(text, shelves));
  const found = exact.length > 0 ? exact : near(text, offers, shelves);
  if (found.length === 0) throw nothingFound(text, shelves);
  const sorted = sortOffers(found, flags.sort);
  const shown = flags.sort ? sorted : [...sorted].sort((a, b) => Number(b.callable) - Number(a.callable));
  if (context.json) {
    printJson(shown, context);
    return;
  }
  if (exact.length === 0 && !context.quiet)
    say(`No name has all of "${text}" in it. Spelled alike:`, context);
  printTable(shown, { via: provider === null, key: true }, context);
  if (context.quiet) return;
  if (shown.some(({ callable }) => !callable))
    say(
      `${lookOf(context, context.stderr).glyphs.circle} needs a key: ${context.prefix} keys add <provider>`,
      context,
    );
}

function say(line: string, context: Context): void {
  const look = lookOf(context, context.stderr);
  context.stderr.write(`${wrap(safeText(line), look.width).join('\n')}\n`);
}

/** Words are looked for in the name however it is separated, in the provider's id and in its own id of the model. */
function matches(text: string, { catalog }: Shelves): (offer: Offer) => boolean {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return ({ info }) => {
    const spelled = spelling(info.name);
    const places = [info, ...othersOf(info.name)].map((one) => `${one.provider}/${one.id}`.toLowerCase());
    return words.every(
      (word) =>
        (!word.includes('/') && spelled.includes(spelling(word))) ||
        places.some((place) => place.includes(word)),
    );
  };

  /** `openrouter opus` finds the name although the table shows its maker. */
  function othersOf(name: string): { provider: string; id: string }[] {
    return catalog.sellers(name).map(({ provider, model }) => ({ provider, id: model }));
  }
}

/** Names spelled like the text as a whole, else those with a part like each of its words. */
function near(text: string, offers: readonly Offer[], { catalog }: Shelves): Offer[] {
  const whole = new Set(
    catalog.suggest(text.trim().replace(/\s+/g, '-'), NEAR).map((name) => name.toLowerCase()),
  );
  const alike = offers.filter(({ info }) => whole.has(nameKey(info)));
  return alike.length > 0 ? alike : nearByWords(text, offers);
}

const partsOf = (name: string): string[] => spelling(name).split('-');

function nearByWords(text: string, offers: readonly Offer[]): Offer[] {
  const parts = new Set(offers.flatMap(({ info }) => partsOf(info.name)));
  const words = text
    .split(/\s+/)
    .flatMap(partsOf)
    .filter((word) => word !== '');
  const likes = words.map((word) => new Set(closest(word, parts, NEAR)));
  return offers.filter(({ info }) => {
    const own = partsOf(info.name);
    return likes.length > 0 && likes.every((like) => own.some((part) => like.has(part)));
  });
}

function nothingFound(text: string, { catalog }: Shelves): UserError {
  const suggestions = text
    .split(/\s+/)
    .flatMap((word) => catalog.suggest(word, 3))
    .slice(0, 3);
  return new UserError({
    code: 'no_such_model',
    exit: EXIT.nothingFound,
    message: `no model is called anything like "${text}"`,
    fix: [
      ...(suggestions.length > 0 ? [`did you mean ${suggestions.join(' or ')}?`] : []),
      '{cmd} models --all     every model there is',
    ],
  });
}
