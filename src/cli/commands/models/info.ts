import type { ModelInfo } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { readVerified, type Verified } from '../../../verified/index.ts';
import type { Context } from '../../context.ts';
import {
  bestPlace,
  isFreeName,
  type Place,
  type Reading,
  readName,
  sellersOfName,
  unknownModel,
} from '../../model-name.ts';
import {
  type Column,
  day,
  jsonFields,
  jsonText,
  type Look,
  lookOf,
  safeText,
  table,
  wrap,
} from '../../render/index.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';
import { cachePrice, keySign, limit, tokenPrice } from './cells.ts';
import { checkLine } from './check-line.ts';
import { defaultInfo, type Offer, offerJson, offerOf } from './offers.ts';

/**
 * `models info M`: one model across its sellers.
 * @throws UserError `unknown_model` (exit 9)
 */
export async function showInfo(context: Context, name: string): Promise<void> {
  const shelves = await loadShelves(context);
  const reading = readName(name, shelves);
  const best = reading && bestPlace(reading);
  if (!best?.info) throw notKnown(name, best ?? null, shelves);
  const sellers = sellersOf(best.info, shelves);
  const names = namesOf(best.info, sellers, shelves);
  const verified = verifiedOf(sellers, context);
  if (context.json) {
    const { json } = context;
    const { id: _id, provider: _provider, price: _price, live: _live, ...facts } = best.info;
    const answer = { ...facts, asked: name, names, sellers: sellers.map(offerJson), verified };
    context.stdout.write(jsonText(jsonFields([answer], json)[0]));
    return;
  }
  const look = lookOf(context, context.stdout);
  const [title = '', about = ''] = headline(best.info, shelves, look);
  const folded = (line: string): string =>
    wrap(safeText(line), look.width)
      .map((part) => `${part}\n`)
      .join('');
  context.stdout.write(
    [
      reading?.by === 'alias' ? folded(aliasLine(name, reading)) : '',
      `${title}\n${folded(about)}\n`,
      table(sellerColumns(look), sellers, look),
      folded(sourceLine(sellers)),
      folded(`Names that reach it: ${names.join(', ')}`),
      ...verified.map((one) => verifiedText(one, context, look)),
    ].join(''),
  );
}

/** What was found when it was tried, at each of its sellers. */
function verifiedOf(sellers: readonly Offer[], { paths }: Context): Verified[] {
  const all = readVerified(paths.verifiedFile);
  return sellers.flatMap(({ model }) => all.get(model) ?? []);
}

function verifiedText({ target, at, checks }: Verified, { utc }: Context, look: Look): string {
  const head = wrap(safeText(`Tried at ${target} on ${day(at, utc)}:`), look.width).join('\n');
  return `${head}\n${checks.map((check) => checkLine({ ...check, costNanoUsd: 0 }, look)).join('')}`;
}

/** `{provider}/x` is forwarded even if nobody knows x, so it gets a sentence of its own. */
function notKnown(name: string, place: Place | null, shelves: Shelves): UserError {
  const anyName = 'to accept any name: {cmd} config set unknown_model default';
  if (!place) return unknownModel(name, shelves, anyName);
  const { id } = place.provider;
  const near = shelves.catalog.suggest(place.model, 1).filter((one) => shelves.catalog.info(id, one));
  return new UserError({
    code: 'unknown_model',
    exit: EXIT.nothingFound,
    message: `unknown model "${name}"`,
    why: `no list of ${id} has it; requests for it are sent there all the same`,
    fix: [
      ...near.map((one) => `did you mean ${id}/${shelves.catalog.info(id, one)?.id}?`),
      `{cmd} models --all --provider ${id}`,
    ],
  });
}

/** Everybody who sells it, those that can be called first; the demo sells its own alone. */
function sellersOf(info: ModelInfo, shelves: Shelves): Offer[] {
  const own = readName(`${info.provider}/${info.id}`, shelves)?.places ?? [];
  const places = info.provider === 'demo' ? own : sellersOfName(info.name, shelves);
  const chosen = defaultInfo(shelves);
  return places
    .flatMap(({ provider, info: there, callable }) =>
      there
        ? [
            offerOf(
              { provider, callable, info: there },
              `${provider.id}/${there.id}`,
              chosen?.provider === provider.id && chosen.id === there.id,
            ),
          ]
        : [],
    )
    .sort((a, b) => Number(b.callable) - Number(a.callable));
}

/** Aliases that lead here first, the bare name, and the full name at each seller that can be called. */
function namesOf(info: ModelInfo, sellers: readonly Offer[], shelves: Shelves): string[] {
  const aliases = [...shelves.config.aliases.keys()].filter((alias) => {
    const read = readName(alias, shelves);
    const there = read?.by === 'alias' ? bestPlace(read).info : null;
    return sellers.some((offer) => offer.info === there);
  });
  const bare = info.provider === 'demo' || !isFreeName(info.name, shelves) ? [] : [info.name];
  const able = sellers.filter(({ callable }) => callable);
  return [...aliases, ...bare, ...(able.length > 0 ? able : sellers.slice(0, 1)).map(({ model }) => model)];
}

function aliasLine(name: string, { places }: Reading): string {
  return `${name} is an alias: ${places.map(({ provider, model }) => `${provider.id}/${model}`).join(', then ')}`;
}

function headline(info: ModelInfo, { catalog }: Shelves, { style, glyphs }: Look): string[] {
  const maker = info.maker === null ? null : (catalog.provider(info.maker)?.name ?? info.maker);
  const can = [info.tools && 'tools', info.vision && 'vision', info.reasoning && 'reasoning'].filter(Boolean);
  const facts = [
    maker,
    info.provider === 'demo' ? 'built in, invented prices' : null,
    info.context === null ? null : `${limit(info.context, '')} context`,
    info.maxOutput === null ? null : `${limit(info.maxOutput, '')} out`,
    can.length > 0 ? can.join(', ') : null,
  ].filter((fact) => fact !== null);
  const about = facts.length > 0 ? facts.join(` ${glyphs.sep} `) : 'nothing more is known of it';
  return [style.bold(safeText(info.name)), safeText(about)];
}

function sellerColumns({ glyphs, style }: Look): Column<Offer>[] {
  const price = { align: 'right' } as const;
  return [
    { title: 'VIA', cell: ({ provider }) => provider.id },
    { title: 'ID THERE', cell: ({ info }) => info.id, shrink: 28 },
    { title: 'IN', cell: (o) => tokenPrice(o.price, o.provider, 'input'), ...price },
    {
      title: 'CACHED',
      cell: (o) => cachePrice(o.price, o.provider, 'cacheRead', glyphs.none),
      ...price,
      drop: 2,
    },
    {
      title: 'WRITE',
      cell: (o) => cachePrice(o.price, o.provider, 'cacheWrite', glyphs.none),
      ...price,
      drop: 1,
    },
    { title: 'OUT', cell: (o) => tokenPrice(o.price, o.provider, 'output'), ...price },
    {
      title: 'KEY',
      cell: ({ callable }) => ` ${keySign(callable, glyphs)}`,
      paint: (text, { callable }) => (callable ? style.green(text) : style.dim(text)),
    },
  ];
}

/** `genai-prices openai/gpt-5 2026-09-23` without the model, which the row says. */
const shortSource = (source: string): string => source.replace(/^(\S+) \S+ (\d{4}-\d\d-\d\d)$/, '$1 $2');

/** Which sellers' prices come from where. */
function sourceLine(sellers: readonly Offer[]): string {
  const bySource = new Map<string, string[]>();
  for (const { price, provider } of sellers) {
    const source = price ? shortSource(price.source) : 'not known';
    bySource.set(source, [...(bySource.get(source) ?? []), provider.id]);
  }
  const parts = [...bySource].map(([source, ids]) =>
    bySource.size === 1 ? source : `${source} (${ids.join(', ')})`,
  );
  return `Prices in $ per 1M tokens: ${parts.join('; ')}`;
}
