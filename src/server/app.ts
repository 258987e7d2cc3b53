import type { IncomingMessage, ServerResponse } from 'node:http';
import { ENDPOINTS, type Endpoint, type GeminiCall, geminiCall } from './endpoints.ts';
import {
  type Admission,
  type CheckToken,
  type GuardRules,
  guard,
  isManagement,
  pathOf,
  type Refusal,
} from './guard.ts';
import type { OwnDeps } from './own-endpoints.ts';
import { type ProxyDeps, proxy } from './proxy.ts';
import { answered, type Listener, sendRefusal, writeHead } from './respond.ts';
import { createTokenMemo } from './token-memo.ts';

/** What the listener is made of. */
export interface AppDeps extends OwnDeps {
  rules(): GuardRules;
  /** Management asks for the token even under `--no-auth`. */
  tokenCheck: CheckToken;
  proxy: ProxyDeps;
  /** `host` = the Host header of the request. */
  onRefused(refusal: Refusal, host: string): void;
}

/** Lets a request in, or answers it and gives null. */
type Admit = (request: IncomingMessage, response: ServerResponse) => Admission | null;

/**
 * The request listener of the server: the guard first, on every path and method; then what is proxied, by its row in the
 * table of endpoints; then our own endpoints. Handlers work on Node's own request and response, so that bytes and
 * back-pressure are ours.
 */
export function createApp(deps: AppDeps): {
  listener: Listener;
  admit: Admit;
} {
  const own = createOwn(deps);
  const admit = admitOnce(createAdmit(deps));
  return {
    admit,
    listener(request, response) {
      const admission = admit(request, response);
      if (!admission) return;
      const target = proxied(request);
      // Past the router: it would build its tables during the first request, and an answer that nobody sends in each.
      const handled = target
        ? proxy(request, response, admission, target, deps.proxy)
        : own(request, response);
      answered(handled, request, response, deps.onBug);
    },
  };
}

/**
 * Our own endpoints, made when the first of them is asked for: what routes them brings Node's `fetch` along, which is 6 MB
 * and 20 ms that a process which only proxies can do without.
 */
function createOwn(deps: OwnDeps): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let listener: Promise<Listener> | undefined;
  return async (request, response) => {
    listener ??= import('./own-endpoints.ts').then(({ createOwnListener }) => createOwnListener(deps));
    (await listener)(request, response);
  };
}

const BY_PATH: ReadonlyMap<string, Endpoint> = new Map(
  ENDPOINTS.map((endpoint) => [endpoint.path, endpoint]),
);

/** What a request wants of a provider; null = it is for us. Gemini's calls name model and method in their path. */
function proxied(request: IncomingMessage): { endpoint: Endpoint } | { call: GeminiCall } | null {
  if (request.method !== 'POST') return null;
  const path = pathOf(request);
  const endpoint = BY_PATH.get(path);
  if (endpoint) return { endpoint };
  const call = geminiCall(path);
  return call && { call };
}

/** Who waits for `100 Continue` is looked at before the body comes, and not again. */
function admitOnce(admit: Admit): Admit {
  const admissions = new WeakMap<IncomingMessage, Admission>();
  return (request, response) => {
    if (request.headers.expect === undefined) return admit(request, response);
    const admission = admissions.get(request) ?? admit(request, response);
    if (admission) admissions.set(request, admission);
    return admission;
  };
}

/** Runs the guard; answers the refusal itself. */
function createAdmit(deps: AppDeps): Admit {
  const remembered = createTokenMemo();
  return (request, response) => {
    const rules = deps.rules();
    const preflight = preflightHeaders(request, rules);
    const check = preflight ? null : isManagement(pathOf(request)) ? deps.tokenCheck : rules.checkToken;
    const outcome = guard(request, rules, check && remembered(check, request.socket));
    if ('code' in outcome) {
      deps.onRefused(outcome, request.headers.host ?? '');
      sendRefusal(request, response, outcome);
      return null;
    }
    if (preflight) {
      writeHead(response, 204, preflight);
      response.end();
      return null;
    }
    if (request.headers.origin !== undefined) allowOrigin(request, response, rules);
    return outcome;
  };
}

/** Only an exactly configured origin may read answers. */
function originHeaders(request: IncomingMessage, rules: GuardRules): Record<string, string> {
  const { origin } = request.headers;
  if (origin === undefined || !rules.origins.has(origin)) return {};
  return {
    'access-control-allow-origin': origin,
    vary: 'origin',
    'access-control-expose-headers':
      'x-unorouter-id, x-unorouter-served, x-unorouter-attempts, x-unorouter-cost, x-unorouter-dropped',
  };
}

function allowOrigin(request: IncomingMessage, response: ServerResponse, rules: GuardRules): void {
  for (const [name, value] of Object.entries(originHeaders(request, rules))) response.setHeader(name, value);
}

function preflightHeaders(request: IncomingMessage, rules: GuardRules): Record<string, string> | null {
  const allowed = originHeaders(request, rules);
  if (request.method !== 'OPTIONS' || Object.keys(allowed).length === 0) return null;
  return {
    ...allowed,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers':
      'authorization, content-type, x-api-key, x-goog-api-key, anthropic-version, anthropic-beta',
    'access-control-max-age': '600',
  };
}
