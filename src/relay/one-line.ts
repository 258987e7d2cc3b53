/** A text as one line without control characters: what others wrote must not steer a terminal or forge a line of a log. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
