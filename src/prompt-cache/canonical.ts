type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Blocks that clients put into their prompts and providers take out again. */
const NOT_CACHED = /^x-anthropic-billing-header/;

const isCached = (value: unknown): boolean =>
  !(isObject(value) && typeof value.text === 'string' && NOT_CACHED.test(value.text));

/** A member as far as it is part of the prompt. */
function member([name, value]: [string, unknown]): [string, unknown][] {
  // Marks that say where to cache move on with every turn, and are no text.
  if (name === 'cache_control') return [];
  // A text alone is short for one block of text.
  if (name === 'content' && typeof value === 'string') return [[name, [{ type: 'text', text: value }]]];
  return [[name, plain(value)]];
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(isCached).map(plain);
  return isObject(value) ? Object.fromEntries(Object.entries(value).flatMap(member)) : value;
}

/** A part of a request without what changes nothing about the prompt. Text that is no JSON stays as it is. */
export function canonical(json: string): string {
  try {
    return JSON.stringify(plain(JSON.parse(json)));
  } catch {
    return json;
  }
}
