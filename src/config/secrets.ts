/** Text that is a provider's key by its look. Prefixes of well-known vendors; bounded, so that no text makes it slow. */
const KEY_LIKE = /\b(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|fw|tgp|uno)[-_][\w-]{16,300}|\bAIza[\w-]{20,100}/g;

/** Headers that carry a secret whatever it looks like. */
const SECRET_HEADERS = /^(authorization|proxy-authorization|x-api-key|api-key|x-goog-api-key|cookie)$/i;

/** User name and password in front of a host. */
const USER_INFO = /(:\/\/)[^/@\s]{1,500}@/g;

const MASK = '********';

/** Whether a text holds what looks like a key. */
export const looksLikeKey = (text: string): boolean => text.search(KEY_LIKE) >= 0;

/** Keeps the length, so that carets stay under what they mark. */
export const withoutKeys = (text: string): string => text.replace(KEY_LIKE, (key) => '*'.repeat(key.length));

/** Whether a header of a provider is for secrets. */
export const isSecretHeader = (name: string): boolean => SECRET_HEADERS.test(name);

function isSecretPlace([section, , part, header]: readonly string[]): boolean {
  return section === 'providers' && part === 'headers' && header !== undefined && isSecretHeader(header);
}

/** Whether a value must not be written to the file at that path: a key, or anything in a header for secrets. */
export function isSecret(path: readonly string[], value: unknown): boolean {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).some(
      ([key, item]) => looksLikeKey(key) || isSecret(Array.isArray(value) ? path : [...path, key], item),
    );
  return isSecretPlace(path) || looksLikeKey(String(value ?? ''));
}

/** Settings as they may be shown: keys, secret headers and passwords in URLs are stars. */
export function maskSecrets(path: readonly string[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => maskSecrets(path, item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [withoutKeys(key), maskSecrets([...path, key], item)]),
    );
  if (typeof value !== 'string') return value;
  return isSecretPlace(path) ? MASK : withoutKeys(value).replace(USER_INFO, `$1${MASK}@`);
}
