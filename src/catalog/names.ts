/**
 * The identity of a model across sellers: `anthropic/claude-opus-4.5`, `claude-opus-4-5-20251101` and
 * `claude-opus-4-5` are one model. Which spellings belong together is data (`names` of models.data.json, made by
 * tools/make-catalog.mjs); what is here only brings a spelling into the form in which the data is looked up.
 */

/** The last part of an id, without `maker/` or `accounts/.../models/`. */
export function withoutMaker(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The look-up form: no maker, lower case, every separator a dash. */
export function spelling(id: string): string {
  return withoutMaker(id)
    .trim()
    .toLowerCase()
    .replace(/[._:@\s]+/g, '-');
}

const DATE = /-(20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$/;

/** A spelling without its date or `-latest`, and that date (`latest` for the word); null when it has neither. */
export function splitVersion(spelled: string): { base: string; version: string } | null {
  const date = DATE.exec(spelled);
  if (date) return { base: spelled.slice(0, date.index), version: date.slice(1).join('') };
  return spelled.endsWith('-latest')
    ? { base: spelled.slice(0, -'-latest'.length), version: 'latest' }
    : null;
}

/** Looks names up. */
export interface Names {
  /** The name across sellers. An id that no data knows is its own name, without maker. */
  of(id: string): string;
}

/**
 * @param table name -> further spellings of it
 * @param ids every id that the data knows, so that a dated snapshot with a name of its own keeps it
 */
export function createNames(
  table: Readonly<Record<string, readonly string[]>>,
  ids: Iterable<string>,
): Names {
  const index = new Map<string, string>();
  for (const [name, further] of Object.entries(table)) {
    for (const form of [name, ...further]) index.set(spelling(form), name);
  }
  for (const id of ids) {
    const spelled = spelling(id);
    if (!index.has(spelled)) index.set(spelled, withoutMaker(id));
  }
  // Models of which several dated snapshots are sold (gpt-4o): there an unknown date is not just another spelling.
  const pinned = new Set<string>();
  for (const [spelled, name] of index) {
    const split = splitVersion(spelled);
    if (split && index.get(split.base) !== name) pinned.add(split.base);
  }
  return {
    of(id) {
      const spelled = spelling(id);
      const split = splitVersion(spelled);
      const byBase = split && !pinned.has(split.base) ? index.get(split.base) : undefined;
      return index.get(spelled) ?? byBase ?? withoutMaker(id);
    },
  };
}
