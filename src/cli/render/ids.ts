/** Even with few rows an id should look like one, and stay good for the next few thousand requests. */
const SHORTEST = 6;

/**
 * The shortest tails of ids that are unique among them, all of one length. Ids of one list differ in their random end;
 * commands take any unique part.
 */
export function ulidTail(ids: readonly string[]): Map<string, string> {
  const unique = [...new Set(ids)];
  const longest = Math.max(0, ...unique.map((id) => id.length));
  let length = SHORTEST;
  while (length < longest && new Set(unique.map((id) => id.slice(-length))).size < unique.length) length++;
  return new Map(unique.map((id) => [id, id.slice(-length).toLowerCase()]));
}
