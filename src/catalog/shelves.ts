import { makerOf } from './families.ts';
import { type Names, spelling } from './names.ts';
import { DEMO_MODELS } from './providers/index.ts';
import { type Rates, saneRate } from './rates.ts';
import type { DataSource, ModelRow, Snapshot, TierRow } from './snapshot.ts';
import type { LiveModel, ModelInfo, ModelPrice, Provider, Shown } from './types.ts';

/** What the bundled data says of one model. */
export interface BundledModel {
  id: string;
  context: number | null;
  maxOutput: number | null;
  tools: boolean | null;
  vision: boolean | null;
  reasoning: boolean | null;
  /** null = no list price. */
  rates: Rates | null;
  /** `models.dev 2026-05-21` */
  source: string;
}

/** The models of one provider, found by id and by other spellings. */
export interface Shelf {
  infos: readonly ModelInfo[];
  /** By exact id, else by spelling, else by the name across sellers. */
  find(model: string): ModelInfo | undefined;
}

const NO_LIVE: ReadonlyMap<string, LiveModel> = new Map();

const rate = (value: number | null | undefined): number | undefined => saneRate(value ?? undefined);

function tierOf([above, input, output, cacheRead, cacheWrite]: TierRow): { above: number; rates: Rates } {
  return {
    above,
    rates: {
      input: rate(input),
      output: rate(output),
      cacheRead: rate(cacheRead),
      cacheWrite: rate(cacheWrite),
    },
  };
}

function bundledModel(row: ModelRow, source: string): BundledModel {
  const [id, context, maxOutput, abilities, input, output, cacheRead, cacheWrite, tiers] = row;
  const can = (bit: number): boolean | null => (abilities === undefined ? null : (abilities & bit) !== 0);
  const priced = rate(input) !== undefined && rate(output) !== undefined;
  return {
    id,
    context: context ?? null,
    maxOutput: maxOutput ?? null,
    tools: can(1),
    vision: can(2),
    reasoning: can(4),
    rates: priced
      ? {
          input: rate(input),
          output: rate(output),
          cacheRead: rate(cacheRead),
          cacheWrite: rate(cacheWrite),
          tiers: (tiers ?? []).map(tierOf),
        }
      : null,
    source,
  };
}

/** How a source of data is named beside a price. */
export function sourceText(source: DataSource | undefined): string {
  return source ? `${source.name} ${source.date}` : 'bundled';
}

const DEMO_LIMITS = { context: 128_000, maxOutput: 4096, tools: true, vision: false };

function demoModels(): BundledModel[] {
  return DEMO_MODELS.map(({ id, reasoning, price }) => ({
    ...DEMO_LIMITS,
    id,
    reasoning,
    rates: price,
    source: 'demo',
  }));
}

/** The bundled models of a provider, by id. */
export function bundledModels(snapshot: Snapshot, provider: Provider): ReadonlyMap<string, BundledModel> {
  const bySource = provider.kind === 'demo' ? {} : (snapshot.providers[provider.id] ?? {});
  const rows = Object.entries(bySource).flatMap(([source, models]) =>
    models.map((row) => bundledModel(row, sourceText(snapshot.sources[Number(source)]))),
  );
  const all = provider.kind === 'demo' ? demoModels() : rows;
  return new Map(all.map((model) => [model.id, model]));
}

/** A model's maker: by its name; what a maker sells and nobody else makes is its own. */
function maker(name: string, provider: Provider): string | null {
  return makerOf(spelling(name)) ?? (provider.kind === 'maker' ? provider.id : null);
}

/** Everything that a shelf is made from. */
export interface ShelfParts {
  provider: Provider;
  bundled: ReadonlyMap<string, BundledModel>;
  live: ReadonlyMap<string, LiveModel> | undefined;
  names: Names;
  /** What was found out of its models, by id. */
  shown: ReadonlyMap<string, Shown>;
  /** The list price of a model now. */
  priceOf(model: string): ModelPrice | null;
}

/** What the bundled data says of an id; of one that only the live list has, what it says of the same model. */
function bundledFacts({ bundled, live, names }: ShelfParts): (id: string) => BundledModel | undefined {
  if (!live) return (id) => bundled.get(id);
  const byName = new Map([...bundled.values()].map((model) => [names.of(model.id), model]));
  return (id) => bundled.get(id) ?? byName.get(names.of(id));
}

function modelInfo(
  id: string,
  known: BundledModel | undefined,
  isGone: (name: string) => boolean,
  parts: ShelfParts,
): ModelInfo {
  const { provider, live = NO_LIVE, names } = parts;
  const shown = parts.shown.get(id);
  const listed = live.get(id);
  const name = names.of(id);
  return {
    provider: provider.id,
    id,
    name,
    maker: provider.kind === 'demo' ? null : maker(name, provider),
    context: shown?.context ?? listed?.context ?? known?.context ?? null,
    maxOutput: listed?.maxOutput ?? known?.maxOutput ?? null,
    tools: shown?.tools ?? known?.tools ?? null,
    vision: shown?.vision ?? known?.vision ?? null,
    reasoning: shown?.reasoning ?? known?.reasoning ?? null,
    // Worked out when it is read: prices have dates and times of day.
    get price() {
      return parts.priceOf(id);
    },
    live: listed !== undefined,
    gone: isGone(name),
    deprecated: listed?.deprecated ?? null,
    since: listed?.since ?? null,
  };
}

/** A list that names nothing (a local server that is down) says nothing of what is gone. */
function goneTest({ live, names }: ShelfParts): (name: string) => boolean {
  if (!live || live.size === 0) return () => false;
  const listed = new Set([...live.keys()].map((id) => spelling(names.of(id))));
  return (name) => !listed.has(spelling(name));
}

/** The models of one provider: bundled ones and what it lists live. */
export function createShelf(parts: ShelfParts): Shelf {
  // What was tried is no proof that it is sold.
  const ids = new Set([...parts.bundled.keys(), ...(parts.live ?? NO_LIVE).keys()]);
  const factsOf = bundledFacts(parts);
  const isGone = goneTest(parts);
  const infos = [...ids].map((id) => modelInfo(id, factsOf(id), isGone, parts));
  const byId = new Map(infos.map((info) => [info.id, info]));
  const bySpelling = new Map(infos.map((info) => [spelling(info.id), info]));
  const byName = new Map<string, ModelInfo>();
  for (const info of infos) {
    const name = spelling(info.name);
    // Of a model and its dated snapshot the one that is spelled like the name stands for both.
    if (!byName.has(name) || spelling(info.id) === name) byName.set(name, info);
  }
  return {
    infos,
    find: (model) =>
      byId.get(model) ?? bySpelling.get(spelling(model)) ?? byName.get(spelling(parts.names.of(model))),
  };
}
