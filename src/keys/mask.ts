/** Beginnings that vendors put in front of their keys, kept visible so that people recognise which key it is. */
const KNOWN_PREFIX = /^(sk-ant-|sk-proj-|sk-or-|sk-|AIza|gsk_|xai-|pplx-|hf_|nvapi-|fw_|r8_|csk-|key-)/;
const SHOWN_END = 4;
const MIN_TO_SHOW = 16;

/** `sk-ant-…w7Qa`: enough to recognise, far too little to use. Short secrets are hidden whole. */
export function maskKey(secret: string): string {
  if (secret.length < MIN_TO_SHOW) return '…';
  const prefix = KNOWN_PREFIX.exec(secret)?.[0] ?? secret.slice(0, 2);
  return `${prefix}…${secret.slice(-SHOWN_END)}`;
}

/** Things that look like a key, whoever's it is. */
const LOOKS_LIKE_KEY =
  /\b(?:sk-[A-Za-z0-9_-]{12,}|AIza[A-Za-z0-9_-]{20,}|gsk_[A-Za-z0-9]{16,}|xai-[A-Za-z0-9]{16,}|pplx-[A-Za-z0-9]{16,}|hf_[A-Za-z0-9]{16,}|nvapi-[A-Za-z0-9_-]{16,})|\bBearer\s+[A-Za-z0-9._~+/-]{12,}=*/g;

/** Replaces every known secret, and whatever looks like one, by its masked form. */
export function maskText(text: string, secrets: Iterable<string>): string {
  let masked = text;
  for (const secret of secrets) {
    if (secret.length > 0 && masked.includes(secret)) masked = masked.replaceAll(secret, maskKey(secret));
  }
  return masked.replace(LOOKS_LIKE_KEY, (found) =>
    found.startsWith('Bearer') ? 'Bearer …' : maskKey(found),
  );
}
