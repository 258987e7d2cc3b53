import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { GatewayError } from '../errors.ts';
import type { PivotError } from '../pivot/index.ts';
import { readBody } from './body.ts';
import { ENDPOINTS, type Endpoint, type GeminiCall, geminiCall } from './endpoints.ts';
import {
  type Admission,
  type CheckToken,
  checkContentType,
  type GuardRules,
  guard,
  isManagement,
  pathOf,
  type Refusal,
} from './guard.ts';
import { type ManagementActions, managementHandlers } from './management.ts';
import { encodeList, encodeModel, type listedModels, listStyle } from './model-lists.ts';
import { type ProxyDeps, proxy } from './proxy.ts';
import { sendError, sendJson, toPivotError, writeHead } from './respond.ts';
import { createTokenMemo } from './token-memo.ts';

/** What the listener is made of. */
export interface AppDeps {
  rules(): GuardRules;
  /** Management asks for the token even under `--no-auth`. */
  tokenCheck: CheckToken;
  proxy: ProxyDeps;
  management: ManagementActions;
  models(): Promise<ReturnType<typeof listedModels>>;
  health(): Record<string, unknown>;
  /** `host` = the Host header of the request. */
  onRefused(refusal: Refusal, host: string): void;
}

type Bindings = { Bindings: HttpBindings };
type Listener = (request: IncomingMessage, response: ServerResponse) => void;
/** Lets a request in, or answers it and gives null. */
type Admit = (request: IncomingMessage, response: ServerResponse) => Admission | null;

/**
 * The request listener of the server: the guard first, on every path and method; then what is proxied, by its row in the
 * table of endpoints; then one line per endpoint of our own. Handlers work on Node's own request and response, so that
 * bytes and back-pressure are ours.
 */
export function createApp(deps: AppDeps): {
  listener: Listener;
  admit: Admit;
} {
  const app = new Hono<Bindings>();
  const raw =
    (handle: (request: IncomingMessage, response: ServerResponse, c: Context<Bindings>) => unknown) =>
    (c: Context<Bindings>) => {
      void answered(() => handle(c.env.incoming, c.env.outgoing, c), c.env, deps.proxy.onBug);
      return RESPONSE_ALREADY_SENT;
    };
  app.get(
    '/health',
    raw((_request, response) => sendJson(response, 200, deps.health())),
  );
  addModelLists(app, deps, raw);
  for (const [key, handle] of managementHandlers(deps.management)) {
    const [method = 'GET', path = '/'] = key.split(' ');
    app.on(
      method,
      path,
      raw((request, response) => managed(request, response, handle)),
    );
  }
  app.all('*', raw(notFound));

  const listen = getRequestListener(app.fetch);
  const admit = admitOnce(createAdmit(deps));
  return {
    admit,
    listener(request, response) {
      const admission = admit(request, response);
      if (!admission) return;
      const target = proxied(request);
      if (!target) return void listen(request, response);
      // Past the router: it would build its tables during the first request, and an answer that nobody sends in each.
      void answered(
        () => proxy(request, response, admission, target, deps.proxy),
        { incoming: request, outgoing: response },
        deps.proxy.onBug,
      );
    },
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

/** Every handler has an owner: what it throws is a bug of ours, answered as one. */
async function answered(
  handle: () => unknown,
  { incoming, outgoing }: HttpBindings,
  onBug: (error: unknown) => void,
): Promise<void> {
  try {
    await handle();
  } catch (error) {
    if (!(error instanceof GatewayError)) onBug(error);
    sendError(incoming, outgoing as ServerResponse, toPivotError(error));
  }
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

/** 421 (RFC 9110 15.5.20), without a word by which a page could tell this program from any other. */
function sendMisdirected(response: ServerResponse, { status, code, message }: Refusal): void {
  sendJson(
    response,
    status,
    { error: { message, type: 'invalid_request_error', param: null, code } },
    { 'x-should-retry': 'false', connection: 'close' },
  );
}

function sendRefusal(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const { status, code, message } = refusal;
  if (status === 421) {
    sendMisdirected(response, refusal);
    return;
  }
  sendError(
    request,
    response,
    { kind: 'client', status, code, message: `unorouter: ${message}` },
    { 'x-should-retry': 'false' },
  );
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

const NOT_LISTED: PivotError = {
  kind: 'not-found',
  status: 404,
  code: 'unknown_model',
  message: 'unorouter: no such model is listed here',
  param: 'model',
};

function addModelLists(
  app: Hono<Bindings>,
  deps: AppDeps,
  raw: (
    handle: (request: IncomingMessage, response: ServerResponse, c: Context<Bindings>) => unknown,
  ) => (c: Context<Bindings>) => Response,
): void {
  for (const path of ['/v1/models', '/models', '/v1beta/models']) {
    app.get(
      path,
      raw(async (request, response) =>
        sendJson(response, 200, encodeList(listStyle(request), await deps.models())),
      ),
    );
    app.get(
      `${path}/:id{.+}`,
      raw(async (request, response, c) => {
        const found = encodeModel(listStyle(request), await deps.models(), c.req.param('id') ?? '');
        if (found) sendJson(response, 200, found);
        else sendError(request, response, NOT_LISTED);
      }),
    );
  }
}

async function managed(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void | Promise<void>,
): Promise<void> {
  if (request.method !== 'POST') return handle(request, response, Buffer.alloc(0));
  const wrongType = checkContentType(request, 'json');
  if (wrongType) return sendRefusal(request, response, wrongType);
  return handle(request, response, await readBody(request));
}

const WITH_METHODS: ReadonlySet<string> = new Set([...ENDPOINTS.map((e) => e.path), '/health']);

function notFound(request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request);
  if (request.headers.upgrade !== undefined && /\/responses$/.test(path)) {
    // Codex tries a WebSocket first; 426 makes it fall back to HTTP at once (RFC 9110 15.5.22).
    sendError(
      request,
      response,
      {
        kind: 'client',
        status: 426,
        code: 'websocket_not_served',
        message: 'unorouter: Responses over WebSocket is not served; use HTTP',
      },
      { upgrade: 'HTTP/1.1' },
    );
    return;
  }
  const known = WITH_METHODS.has(path);
  sendError(request, response, {
    kind: known ? 'client' : 'not-found',
    status: known ? 405 : 404,
    code: known ? 'method_not_allowed' : 'not_found',
    message: known ? 'unorouter: this endpoint takes POST' : 'unorouter: there is no such endpoint here',
  });
}
