import { asArray, asObject, type JsonObject, objectOrNothing } from '../../../pivot/index.ts';

/** Where a schema stands: what is above it and how it was reached. */
export interface Place {
  root: JsonObject;
  /** References that were followed on the way here. */
  refs: readonly string[];
  depth: number;
}

/** A schema without references and `allOf`: they are part of it now. */
export interface Flat {
  schema: JsonObject;
  place: Place;
  /** Not followed any further: the reference that leads in a circle. */
  cut?: string;
}

/** How often a reference may stand inside itself before it is cut: one level of a tree can be seen. */
const TURNS = 2;
const MAX_PARTS = 50;

/** Puts what a schema refers to, and all that must hold at once, into the schema itself. */
export function flatten(value: unknown, place: Place): Flat {
  const { $ref: ref, allOf, ...own } = asObject(value);
  let flat: Flat = { schema: own, place };
  if (typeof ref === 'string') flat = both(flat, follow(ref, place));
  for (const part of asArray(allOf).slice(0, MAX_PARTS)) {
    // Sees all references of its siblings: that may cut too early, never too late.
    flat = both(flat, flatten(part, flat.place));
  }
  return flat;
}

function both(a: Flat, b: Flat): Flat {
  const cut = a.cut ?? b.cut;
  const schema = merge(a.schema, b.schema);
  return { schema, place: b.place, ...(cut === undefined ? {} : { cut }) };
}

function follow(ref: string, place: Place): Flat {
  const target = objectOrNothing(resolve(ref, place.root));
  if (!target) return { schema: { description: `(${ref})` }, place };
  if (place.refs.filter((one) => one === ref).length >= TURNS || place.refs.length > MAX_PARTS)
    return { schema: typeof target.type === 'string' ? { type: target.type } : {}, place, cut: ref };
  return flatten(target, { ...place, refs: [...place.refs, ref] });
}

/** A JSON pointer into the root schema (`#/$defs/x`). Other documents are not fetched. */
function resolve(ref: string, root: JsonObject): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at: unknown = root;
  for (const step of ref.slice(2).split('/')) {
    const key = decoded(step).replace(/~1/g, '/').replace(/~0/g, '~');
    const inside = Array.isArray(at) ? { ...at } : asObject(at);
    at = Object.hasOwn(inside, key) ? (inside as JsonObject)[key] : undefined;
  }
  return at;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // A percent sign that is one.
    return step;
  }
}

type Combine = (a: unknown, b: unknown) => unknown;

const larger: Combine = (a, b) => (typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : a);
const smaller: Combine = (a, b) => (typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : a);

/** What two schemas say of the same keyword, where the first word is not enough. */
const COMBINE: ReadonlyMap<string, Combine> = new Map<string, Combine>([
  ...['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'].map(
    (key) => [key, larger] as const,
  ),
  ...['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'].map(
    (key) => [key, smaller] as const,
  ),
  ['properties', (a, b) => joinProperties(asObject(a), asObject(b))],
  ['required', (a, b) => [...new Set([...asArray(a), ...asArray(b)])]],
  ['enum', (a, b) => asArray(a).filter((one) => asArray(b).includes(one))],
  ['description', (a, b) => (a === b ? a : `${a} ${b}`)],
  ['type', narrower],
]);

/** One schema for what must hold of both. Of keywords that cannot be joined the first stays. */
export function merge(a: JsonObject, b: JsonObject): JsonObject {
  return Object.fromEntries([
    ...Object.entries(a).map(([key, one]) => [
      key,
      Object.hasOwn(b, key) ? (COMBINE.get(key)?.(one, b[key]) ?? one) : one,
    ]),
    ...Object.entries(b).filter(([key]) => !Object.hasOwn(a, key)),
  ]);
}

function joinProperties(a: JsonObject, b: JsonObject): JsonObject {
  return Object.fromEntries([
    ...Object.entries(a).map(([name, one]) => [
      name,
      Object.hasOwn(b, name) ? { allOf: [one, b[name]] } : one,
    ]),
    ...Object.entries(b).filter(([name]) => !Object.hasOwn(a, name)),
  ]);
}

function narrower(a: unknown, b: unknown): unknown {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  const common = list(a).filter(
    (one) => list(b).includes(one) || (one === 'integer' && list(b).includes('number')),
  );
  if (common.length === 0 && list(a).includes('number') && list(b).includes('integer')) return 'integer';
  return common.length === 0 ? a : common;
}
