/** Beginnings that vendors put in front of their keys, kept visible so that people recognise which key it is. */
const KNOWN_PREFIX = /^(sk-ant-|sk-proj-|sk-or-|sk-|AIza|gsk_|xai-|pplx-|hf_|nvapi-|fw_|r8_|csk-|key-)/;
const SHOWN_END = 4;
/** Fewer hidden characters than this could be guessed. */
const MIN_HIDDEN = 8;
const HIDDEN = '…';

/** `sk-ant-…w7Qa`: enough to recognise, far too little to use. Short secrets are hidden whole. */
export function maskKey(secret: string): string {
  const prefix = KNOWN_PREFIX.exec(secret)?.[0] ?? secret.slice(0, 2);
  if (secret.length < prefix.length + MIN_HIDDEN + SHOWN_END) return HIDDEN;
  return `${prefix}${HIDDEN}${secret.slice(-SHOWN_END)}`;
}

/** Names of environment variables whose values are secrets, ours or not. */
export const MASKED_VARIABLE = /(^|_)(KEY|TOKEN|SECRET|PASSWORD)$/i;

/** Things that look like a key, whoever's it is. */
const LOOKS_LIKE_KEY =
  /\b(?:sk-[A-Za-z0-9_-]{12,}|AIza[A-Za-z0-9_-]{20,}|gsk_[A-Za-z0-9]{16,}|xai-[A-Za-z0-9]{16,}|pplx-[A-Za-z0-9]{16,}|hf_[A-Za-z0-9]{16,}|nvapi-[A-Za-z0-9_-]{16,})|\bBearer\s+[A-Za-z0-9._~+/-]{12,}=*/g;

/** Shorter ones are words (`ollama`, `test`): hiding them would make texts unreadable and nobody safer. */
const SHORTEST = 8;

/** A part of a text that must not be seen, and what stands there instead. */
interface Span {
  start: number;
  end: number;
  shown: string;
}

function spansOf(text: string, secret: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1))
    spans.push({ start: at, end: at + secret.length, shown: maskKey(secret) });
  return spans;
}

function lookAlikes(text: string): Span[] {
  return [...text.matchAll(LOOKS_LIKE_KEY)].map(({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
    shown: found.startsWith('Bearer') ? `Bearer ${HIDDEN}` : maskKey(found),
  }));
}

/** Spans that overlap become one: what one of them shows of its ends may be the middle of another. */
function merged(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = whole.at(-1);
    if (!last || span.start >= last.end) whole.push({ ...span });
    else if (span.end > last.end) Object.assign(last, { end: span.end, shown: HIDDEN });
  }
  return whole;
}

function replaced(text: string, spans: readonly Span[]): string {
  let done = 0;
  let out = '';
  for (const { start, end, shown } of merged(spans)) {
    out += text.slice(done, start) + shown;
    done = end;
  }
  return out + text.slice(done);
}

/**
 * Replaces every known secret of at least 8 characters, and whatever looks like a key, by its masked form. None of the
 * secrets is in the result.
 */
export function maskText(text: string, secrets: Iterable<string>): string {
  const hidden = [...new Set(secrets)].filter((secret) => secret.length >= SHORTEST);
  const all = (whole: string): Span[] => hidden.flatMap((secret) => spansOf(whole, secret));
  let masked = replaced(text, [...all(text), ...lookAlikes(text)]);
  // What is left around a replaced part can, with it, be another secret. Each turn makes the text shorter.
  for (let again = all(masked); again.length > 0; again = all(masked))
    masked = replaced(
      masked,
      again.map((span) => ({ ...span, shown: HIDDEN })),
    );
  return masked;
}
