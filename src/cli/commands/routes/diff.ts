/** A line that went or came. */
export interface ChangedLine {
  sign: '+' | '-';
  text: string;
}

/** What one edit changed: the lines between those at both ends that stayed. */
export function changedLines(before: string, after: string): ChangedLine[] {
  const [old, now] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  const shortest = Math.min(old.length, now.length);
  let start = 0;
  while (start < shortest && old[start] === now[start]) start++;
  let end = 0;
  while (end < shortest - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const changed = (sign: ChangedLine['sign'], lines: readonly string[]): ChangedLine[] =>
    lines
      .slice(start, lines.length - end)
      .filter((line) => line.trim() !== '')
      .map((text) => ({ sign, text }));
  return [...changed('-', old), ...changed('+', now)];
}
