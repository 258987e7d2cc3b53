import type { IncomingMessage } from 'node:http';

/** Who asks, once the guard let them in. Names come from the token's label. */
export interface Admission {
  agent: string | null;
  project: string | null;
}

/** Why a request goes no further. */
export interface Refusal {
  status: 400 | 401 | 403 | 415 | 421 | 505;
  code: 'host_refused' | 'origin_refused' | 'token_refused' | 'unsupported_media_type' | 'bad_request';
  message: string;
}

/** What the guard compares with. */
export interface GuardRules {
  /** `localhost:8667` and the like, lower case. */
  hosts: ReadonlySet<string>;
  /** Exactly configured web origins. */
  origins: ReadonlySet<string>;
  /** null with `--no-auth`. */
  checkToken: CheckToken | null;
}

/** Whether a token is ours, and whom it names. */
export type CheckToken = (presented: string | undefined) => Admission & { ok: boolean };

/** Headers of which a second one is an attempt to confuse. */
const SINGLE: ReadonlySet<string> = new Set([
  'host',
  'origin',
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
]);

/** Paths that need no token: a health check says only name, version and pid. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/health']);
/** Management always needs the token, also under `--no-auth`. */
const MANAGEMENT = '/api/';

/**
 * Segments by which a path names another one than it begins with (RFC 3986 5.2.4), and what URL parsers take for a slash:
 * the guard and the routing behind it would not mean the same path.
 */
const MOVING = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)|\\/i;

function refuse(status: Refusal['status'], code: Refusal['code'], message: string): Refusal {
  return { status, code, message };
}

/** The names that a server on this port answers to. */
export function hostNames(port: number, extra: readonly string[]): Set<string> {
  const own = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`);
  return new Set([...own, ...extra.flatMap((name) => [name.toLowerCase(), `${name.toLowerCase()}:${port}`])]);
}

/**
 * The layers of design/security.md in their order: shape of the request, Host, Origin, token, content type. Looks at
 * headers only, so it runs before the body and before `100 Continue`.
 */
export function guard(
  request: IncomingMessage,
  rules: GuardRules,
  tokenCheck = rules.checkToken,
): Admission | Refusal {
  return (
    checkShape(request) ??
    checkHost(request, rules) ??
    checkOrigin(request, rules) ??
    checkIdentity(request, tokenCheck)
  );
}

function checkShape(request: IncomingMessage): Refusal | null {
  // Node's parser lets HTTP/2.0 in a request line pass.
  if (request.httpVersionMajor !== 1) return refuse(505, 'bad_request', 'this server speaks HTTP/1.1');
  const twice = sentTwice(request.rawHeaders);
  if (twice !== null) return refuse(400, 'bad_request', `the header ${twice} was sent twice`);
  // HTTP/1.0 has no Host by right; a client that is addressed by name sends it.
  if (!request.headers.host) return refuse(400, 'bad_request', 'the Host header is missing');
  if (!request.url?.startsWith('/')) return refuse(421, 'host_refused', 'this host name is not served here');
  if (MOVING.test(pathOf(request))) return refuse(400, 'bad_request', 'the path goes up and down');
  return null;
}

/** A header that stands there twice and must not; null = none. `raw` = names and values by turns. */
function sentTwice(raw: readonly string[]): string | null {
  const seen: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]?.toLowerCase() ?? '';
    if (!SINGLE.has(name)) continue;
    if (seen.includes(name)) return name;
    seen.push(name);
  }
  return null;
}

function checkHost(request: IncomingMessage, rules: GuardRules): Refusal | null {
  const host = request.headers.host?.toLowerCase() ?? '';
  if (rules.hosts.has(host)) return null;
  // A page that had its own name point here (DNS rebinding) can read this answer: it must not learn who we are.
  return refuse(421, 'host_refused', 'this host name is not served here');
}

function checkOrigin(request: IncomingMessage, rules: GuardRules): Refusal | null {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin !== undefined) {
    if (rules.origins.has(origin)) return null;
    return refuse(
      403,
      'origin_refused',
      'requests from web pages are blocked. To allow a page by its exact origin: unorouter config set server.allow_origins',
    );
  }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refuse(403, 'origin_refused', 'requests from web pages are blocked');
  }
  return null;
}

/** The token that a client shows, in any of the three headers that the SDKs use. */
function presentedToken(request: IncomingMessage): string | undefined {
  const { authorization } = request.headers;
  if (authorization?.toLowerCase().startsWith('bearer ')) return authorization.slice(7).trim();
  const key = request.headers['x-api-key'] ?? request.headers['x-goog-api-key'];
  return typeof key === 'string' ? key : undefined;
}

function checkIdentity(request: IncomingMessage, check: GuardRules['checkToken']): Admission | Refusal {
  const path = pathOf(request);
  if (OPEN_PATHS.has(path)) return { agent: null, project: null };
  const presented = presentedToken(request);
  if (check === null) return { agent: null, project: null };
  const { ok, agent, project } = check(presented);
  if (ok) return { agent, project };
  const what = presented === undefined ? 'no local token was sent' : 'the local token is wrong';
  return refuse(401, 'token_refused', `${what}. Show it: unorouter token`);
}

/** The path without its query. */
export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** Whether a path belongs to the management API. */
export function isManagement(path: string): boolean {
  return path.startsWith(MANAGEMENT);
}

/** Layer 5: the body must be what the endpoint takes. Browsers can post text, forms and multipart without asking anybody. */
export function checkContentType(
  request: IncomingMessage,
  accepted: 'json' | 'json-or-multipart',
): Refusal | null {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'))) return null;
  if (accepted === 'json-or-multipart' && type === 'multipart/form-data') return null;
  const wanted = accepted === 'json' ? 'application/json' : 'application/json or multipart/form-data';
  return refuse(415, 'unsupported_media_type', `the content type must be ${wanted}`);
}
