import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { PivotError } from '../pivot/index.ts';
import { readBody } from './body.ts';
import { ENDPOINTS } from './endpoints.ts';
import { checkContentType, pathOf } from './guard.ts';
import { type ManagementActions, managementHandlers } from './management.ts';
import { encodeList, encodeModel, type listedModels, listStyle } from './model-lists.ts';
import { answered, type Listener, sendError, sendJson, sendRefusal } from './respond.ts';

/** What our own endpoints answer from. */
export interface OwnDeps {
  management: ManagementActions;
  models(): Promise<ReturnType<typeof listedModels>>;
  health(): Record<string, unknown>;
  onBug(error: unknown): void;
}

type Bindings = { Bindings: HttpBindings };
type Handle = (request: IncomingMessage, response: ServerResponse, c: Context<Bindings>) => unknown;
/** A route's handler made of one that works on Node's own request and response. */
type Raw = (handle: Handle) => (c: Context<Bindings>) => Response;

/** Answers everything that is not proxied, one line per endpoint; the guard has let it in. */
export function createOwnListener(deps: OwnDeps): Listener {
  const app = new Hono<Bindings>();
  const raw: Raw = (handle) => (c) => {
    const { incoming, outgoing } = c.env;
    const response = outgoing as ServerResponse;
    const handled = async (): Promise<unknown> => handle(incoming, response, c);
    answered(handled(), incoming, response, deps.onBug);
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
  return (request, response) => void listen(request, response);
}

const NOT_LISTED: PivotError = {
  kind: 'not-found',
  status: 404,
  code: 'unknown_model',
  message: 'unorouter: no such model is listed here',
  param: 'model',
};

function addModelLists(app: Hono<Bindings>, deps: Pick<OwnDeps, 'models'>, raw: Raw): void {
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
