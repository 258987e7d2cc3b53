import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { GatewayError } from '../errors.ts';
import type { PivotError } from '../pivot/index.ts';
import { readBody } from './body.ts';
import { ENDPOINTS, geminiCall } from './endpoints.ts';
import {
  type Admission,
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
import { NO_SNIFFING, sendError, sendJson, toPivotError } from './respond.ts';
import { createTokenMemo } from './token-memo.ts';

/** What the listener is made of. */
export interface AppDeps {
  rules(): GuardRules;
  /** Management asks for the token even under `--no-auth`. */
  tokenCheck: NonNullable<GuardRules['checkToken']>;
  proxy: ProxyDeps;
  management: ManagementActions;
  models(): Promise<ReturnType<typeof listedModels>>;
  health(): Record<string, unknown>;
  /** `host` = the Host header of the request. */
  onRefused(refusal: Refusal, host: string): void;
}

type Bindings = { Bindings: HttpBindings };
type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * The request listener of the server: the guard first, on every path and method, then one line per endpoint. Handlers
 * work on Node's own request and response, so that bytes and back-pressure are ours.
 */
export function createApp(deps: AppDeps): {
  listener: Listener;
  admit(request: IncomingMessage, response: ServerResponse): Admission | null;
} {
  const admissions = new WeakMap<IncomingMessage, Admission>();
  const app = new Hono<Bindings>();
  const raw =
    (handle: (request: IncomingMessage, response: ServerResponse, c: Context<Bindings>) => unknown) =>
    (c: Context<Bindings>) => {
      void answered(() => handle(c.env.incoming, c.env.outgoing, c), c.env, deps.proxy.onBug);
      return RESPONSE_ALREADY_SENT;
    };
  const admission = (request: IncomingMessage): Admission =>
    admissions.get(request) ?? { agent: null, project: null };

  app.get(
    '/health',
    raw((_request, response) => sendJson(response, 200, deps.health())),
  );
  for (const endpoint of ENDPOINTS) {
    app.post(
      endpoint.path,
      raw((request, response) => proxy(request, response, admission(request), { endpoint }, deps.proxy)),
    );
  }
  addModelLists(app, deps, raw);
  for (const [key, handle] of managementHandlers(deps.management)) {
    const [method = 'GET', path = '/'] = key.split(' ');
    app.on(
      method,
      path,
      raw((request, response) => managed(request, response, handle)),
    );
  }
  app.post(
    '*',
    raw((request, response) => {
      const call = geminiCall(pathOf(request));
      if (call) return proxy(request, response, admission(request), { call }, deps.proxy);
      return notFound(request, response);
    }),
  );
  app.all('*', raw(notFound));

  const listen = getRequestListener(app.fetch);
  const admit = createAdmit(deps, admissions);
  return {
    admit,
    listener: (request, response) => void (admit(request, response) && listen(request, response)),
  };
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

/** Runs the guard; answers the refusal itself. */
function createAdmit(deps: AppDeps, admissions: WeakMap<IncomingMessage, Admission>) {
  const remembered = createTokenMemo();
  return (request: IncomingMessage, response: ServerResponse): Admission | null => {
    const known = admissions.get(request);
    if (known) return known;
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
      response.writeHead(204, { ...NO_SNIFFING, ...preflight }).end();
      return null;
    }
    if (request.headers.origin !== undefined) allowOrigin(request, response, rules);
    admissions.set(request, outcome);
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
