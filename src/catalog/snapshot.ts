/** `[above, input, output, cacheRead, cacheWrite]`: rates of a request whose input is larger than `above` tokens. */
export type TierRow = readonly [
  above: number,
  input: number | null,
  output: number | null,
  cacheRead: number | null,
  cacheWrite: number | null,
];

/** One model in models.data.json: id, limits, abilities (1 tools + 2 vision + 4 reasoning), USD per million tokens. */
export type ModelRow = readonly [
  id: string,
  context?: number | null,
  maxOutput?: number | null,
  abilities?: number,
  input?: number | null,
  output?: number | null,
  cacheRead?: number | null,
  cacheWrite?: number | null,
  tiers?: readonly TierRow[] | null,
];

/** Where facts come from. The first source is the price package. */
export interface DataSource {
  name: string;
  version: string;
  /** `YYYY-MM-DD` */
  date: string;
}

/** The shape of models.data.json; tools/make-catalog.mjs writes it. */
export interface Snapshot {
  sources: readonly DataSource[];
  /** Name across sellers -> further spellings of it. */
  names: Readonly<Record<string, readonly string[]>>;
  /** Provider id -> index of the source -> its models. */
  providers: Readonly<Record<string, Readonly<Record<string, readonly ModelRow[]>>>>;
}

/** Loads the bundled data: a chunk of its own, so that starting does not wait for it. */
export async function loadSnapshot(): Promise<Snapshot> {
  const { default: data } = await import('./models.data.json');
  return data as unknown as Snapshot;
}
