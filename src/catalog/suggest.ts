/** Edit distance (insert, delete, replace, swap of neighbours), given up as soon as it is above `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, at(before, j - 2) + 1);
      row.push(cost);
    }
    if (Math.min(...row) > limit) return limit + 1;
    [before, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

/** Smaller is closer; null = not worth naming. */
function score(asked: string, candidate: string): number | null {
  if (candidate === asked) return 0;
  const longer = candidate.length - asked.length;
  // `opus` is far from every name by edits, but is what people type.
  if (asked.length >= 3 && candidate.startsWith(asked)) return 1 + longer / 100;
  if (asked.length >= 3 && candidate.includes(asked)) return 2 + longer / 100;
  // As many edits as letters would make any short name close.
  const limit = Math.min(Math.max(2, Math.floor(asked.length / 3)), asked.length - 1);
  const edits = distance(asked, candidate, limit);
  return edits > limit ? null : edits;
}

/**
 * Candidates close to what was asked, best first, at most `limit`; among equals the higher version first.
 * @param form brings both sides into the form in which they are compared
 */
export function closest(
  asked: string,
  candidates: Iterable<string>,
  limit: number,
  form: (name: string) => string = (name) => name.toLowerCase(),
): string[] {
  const wanted = form(asked);
  if (wanted === '' || wanted.length > 200) return [];
  return [...new Set(candidates)]
    .flatMap((name) => {
      const value = score(wanted, form(name));
      return value === null ? [] : [{ name, value }];
    })
    .sort((a, b) => a.value - b.value || b.name.localeCompare(a.name, 'en', { numeric: true }))
    .slice(0, limit)
    .map(({ name }) => name);
}
