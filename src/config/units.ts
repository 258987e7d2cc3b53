/** Units of durations, in ms. */
const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Units of sizes, in bytes: 1 KB = 1024 bytes, as `ls -h` and nginx count. */
const SIZE_BYTES: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** What a duration looks like in the file. Bounded, so that no text makes it slow. */
export const DURATION_PATTERN = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;
/** What a size looks like in the file. */
export const SIZE_PATTERN = /^(\d{1,9}(?:\.\d{1,3})?)(B|KB|MB|GB)$/;

function measure(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | null {
  const [, amount, unit] = pattern.exec(text) ?? [];
  const factor = unit === undefined ? undefined : units[unit];
  return amount === undefined || factor === undefined ? null : Math.round(Number(amount) * factor);
}

/** `500ms`, `60s`, `5m`, `2h`, `90d` in ms; null = not a duration. */
export const parseDuration = (text: string): number | null => measure(text, DURATION_PATTERN, DURATION_MS);

/** `512MB` in bytes; null = not a size. */
export const parseSize = (text: string): number | null => measure(text, SIZE_PATTERN, SIZE_BYTES);
