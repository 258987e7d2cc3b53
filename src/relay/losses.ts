import { GatewayError } from '../errors.ts';
import { EARLIER_SOURCES, EARLIER_THOUGHTS, type Loss } from '../pivot/index.ts';
import type { Target } from '../router/index.ts';
import { oneLine } from './one-line.ts';

/** A request can hold thousands of fields that nobody knows: so many are named, the rest is counted. */
const MAX_TEXTS = 20;
const MAX_LENGTH = 160;

/**
 * Losses that no target could be spared: what was thought in earlier turns, or cited, is read by the model that did so,
 * and by nobody else. They are named like all others, but are no reason to refuse a request.
 */
const OF_THE_PAST: ReadonlySet<string> = new Set([
  EARLIER_THOUGHTS,
  EARLIER_SOURCES,
  'thinking signature',
  'redacted thinking',
]);

/** The losses for which a strict request is refused. */
export function refusable(losses: readonly Loss[]): Loss[] {
  return losses.filter(({ what }) => !OF_THE_PAST.has(what));
}

/** One short text for each distinct loss. */
export function lossTexts(losses: readonly Loss[]): string[] {
  const texts = [...new Set(losses.map(({ what, why }) => cut(`${cut(what, 80)}: ${why}`, MAX_LENGTH)))];
  const more = texts.length - MAX_TEXTS;
  return more > 0 ? [...texts.slice(0, MAX_TEXTS), `and ${more} more`] : texts;
}

/** Notes what an answer lost; each once. */
export function addLoss(texts: string[], { what, why }: Loss): void {
  const [text = ''] = lossTexts([{ what, why }]);
  if (texts.length < 2 * MAX_TEXTS && !texts.includes(text)) texts.push(text);
}

function cut(text: string, length: number): string {
  const line = oneLine(text);
  return line.length > length ? `${line.slice(0, length - 3)}...` : line;
}

/** The refusal of a request that would lose something, where losing is forbidden. */
export function wouldDrop(
  texts: readonly string[],
  target: Target,
  client: string,
  prefix: string,
): GatewayError {
  const named = texts.slice(0, 5).join('; ');
  const more = texts.length > 5 ? `; and ${texts.length - 5} more` : '';
  return new GatewayError({
    code: 'would_drop',
    kind: 'config',
    status: 400,
    message: `unorouter: strict is on, and translating ${client} to ${target.surface.protocol} for ${target.provider.id} would drop: ${named}${more}. Run: ${prefix} config set strict false`,
  });
}
