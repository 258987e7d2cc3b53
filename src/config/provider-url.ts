/** What people paste behind the base: the paths that protocols append by themselves. */
const PROTOCOL_PATHS = [
  '/chat/completions',
  '/completions',
  '/responses',
  '/messages',
  '/messages/count_tokens',
  '/embeddings',
  '/models',
];
const GEMINI_CALL = /\/models\/[^/]+:[A-Za-z]+$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Without a scheme these are servers of one's own, which seldom have a certificate. */
const OWN_MACHINE = /^(localhost|127\.|0\.0\.0\.0|\[::1\])/i;

function withScheme(text: string): string {
  if (SCHEME.test(text)) return text;
  return `${OWN_MACHINE.test(text) ? 'http' : 'https'}://${text}`;
}

function withoutProtocolPath(path: string): string {
  const bare = path.replace(/\/{1,9}$/, '').replace(GEMINI_CALL, '');
  // The longest first: `/chat/completions` ends in `/completions`.
  const tails = PROTOCOL_PATHS.filter((tail) => bare.endsWith(tail)).sort((a, b) => b.length - a.length);
  return bare.slice(0, bare.length - (tails[0]?.length ?? 0)).replace(/\/{1,9}$/, '');
}

/**
 * A provider's URL as the catalog wants it: everything before the protocol's own path, without a trailing slash.
 * `api.acme.example/v1/chat/completions/` becomes `https://api.acme.example/v1`. null = not an http(s) URL, or one that
 * holds a user name or password.
 */
export function normaliseProviderUrl(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '' || /\s/.test(trimmed)) return null;
  const url = parseUrl(withScheme(trimmed));
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) return null;
  return `${url.origin}${withoutProtocolPath(url.pathname)}`;
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
