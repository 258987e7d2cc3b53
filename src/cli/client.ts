import { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Refreshed } from '../catalog/index.ts';
import { EXIT, UserError } from '../errors.ts';
import type { FeedEvent } from '../feed/index.ts';
import { findServer, readOwned } from '../home/index.ts';
import type { RouteQuestion } from '../router/index.ts';
import type {
  ReplayAnswer,
  RouteAnswer,
  RouteTestEvent,
  RunBudget,
  ServerStatus,
  VerifyEvent,
} from '../server/index.ts';
import { createFrameParser } from '../sse.ts';
import type { Context } from './context.ts';

/** The running server's management API. */
export interface Client {
  url: string;
  status(): Promise<ServerStatus>;
  /** Asks the server to stop; resolves when it has accepted, not when it is gone. */
  stop(how: 'drain' | 'now'): Promise<void>;
  /** Resolves when everything that happened before is in the ledger. */
  flush(): Promise<void>;
  /** Lets the server delete requests that began before; null = its ledger cannot be written. However long it takes. */
  prune(before: number): Promise<number | null>;
  reloadKeys(): Promise<void>;
  /** Lets the server read again what was raised for today. */
  reloadBudgets(): Promise<void>;
  /** Lets the server read the local token again; asked with the token that it still knows. */
  reloadToken(): Promise<void>;
  /** Lets the server ask providers for their lists of models; resolves when all have answered or failed. */
  refreshModels(ids: readonly string[]): Promise<Refreshed[]>;
  /** Where a request would go. */
  explainRoute(question: RouteQuestion): Promise<RouteAnswer>;
  /** Lets the server send a tiny request to each target; resolves when all have answered or failed. */
  testRoute(question: RouteQuestion, onEvent: (event: RouteTestEvent) => void): Promise<void>;
  /** Lets the server try what a model can do; resolves when all is tried. */
  verifyModel(what: { model: string; window: boolean }, onEvent: (event: VerifyEvent) => void): Promise<void>;
  /** Lets the server send a recorded request to another model; resolves when it has answered. */
  replay(id: string, model: string): Promise<ReplayAnswer>;
  /**
   * Holds a private server open, and a budget of this run in force, until the signal is aborted; false = it is ending, or it
   * does not answer.
   */
  attach(signal: AbortSignal, budget: RunBudget | null): Promise<boolean>;
  /** First the exchanges that are open now, then everything that happens. Resolves when the server ends or the signal is aborted. */
  events(onEvent: (event: FeedEvent) => void, signal: AbortSignal): Promise<void>;
}

/** The client of the running server. @throws UserError `not_running` (exit 5) */
export async function connect(context: Context): Promise<Client> {
  const client = await findClient(context);
  if (!client) throw notRunning(context.url);
  return client;
}

/** The same, or null when none runs. */
export async function findClient(context: Context): Promise<Client | null> {
  const url = context.url ?? (await findServer(context.paths))?.url;
  if (!url) return null;
  const token = context.env.UNOROUTER_TOKEN || readOwned(context.paths.tokenFile)?.trim() || '';
  return clientAt(url.replace(/\/+$/, ''), token);
}

/** Lets a running server write down everything first, so that what is read from the ledger is complete. */
export async function flushed(context: Context): Promise<void> {
  const client = await findClient(context);
  // What cannot be flushed is at most the last 100 ms; the past is worth showing without it.
  await client?.flush().catch(() => undefined);
}

/** A client of whatever answers there. */
export function clientAt(url: string, token: string): Client {
  const call = async (
    method: 'GET' | 'POST',
    path: string,
    body?: object,
    patienceMs: number | null = PATIENCE_MS,
  ): Promise<unknown> => {
    const answer = await wholeAnswer(url, token, { method, path, body }, patienceMs);
    if (answer instanceof Error) throw unreachable(url, answer);
    const refusal = refused(url, answer.status);
    if (refusal) throw refusal;
    return JSON.parse(answer.text);
  };
  return {
    url,
    status: async () => (await call('GET', '/api/status')) as ServerStatus,
    stop: async (how) => void (await call('POST', '/api/stop', { how })),
    flush: async () => void (await call('POST', '/api/flush', {})),
    async prune(before) {
      const answer = await call('POST', '/api/logs/prune', { before }, null);
      return (answer as { requests: number | null }).requests;
    },
    reloadKeys: async () => void (await call('POST', '/api/keys/reload', {})),
    reloadBudgets: async () => void (await call('POST', '/api/budgets/reload', {})),
    reloadToken: async () => void (await call('POST', '/api/token/reload', {})),
    refreshModels: async (providers) =>
      (await call('POST', '/api/models/refresh', { providers }, null)) as Refreshed[],
    explainRoute: async (question) => (await call('POST', '/api/routes/explain', question)) as RouteAnswer,
    testRoute: (question, onEvent) => told(url, token, '/api/routes/test', question, onEvent),
    verifyModel: (what, onEvent) => told(url, token, '/api/models/verify', what, onEvent),
    replay: async (id, model) => (await call('POST', '/api/replay', { id, model }, null)) as ReplayAnswer,
    async attach(signal, budget) {
      try {
        const response = await (budget
          ? send(url, token, { method: 'POST', path: '/api/attach', body: budget }, signal)
          : send(url, token, { method: 'GET', path: '/api/attach' }, signal));
        // What ends it, on either side, is no error.
        response.on('error', () => undefined).resume();
        return true;
      } catch (error) {
        if (error instanceof UserError && error.code === 'token_refused') throw error;
        return false;
      }
    },
    async events(onEvent, signal) {
      const parser = createFrameParser();
      try {
        const response = await send(url, token, { method: 'GET', path: '/api/events' }, signal);
        for await (const chunk of response)
          for (const { data } of parser.push(chunk)) onEvent(JSON.parse(data) as FeedEvent);
      } catch (error) {
        // The server ended, or we were asked to: both are the end of the events.
        if (error instanceof UserError) throw error;
      }
    },
  };
}

/** Asks for something that takes its time, and hears of it meanwhile. */
async function told<Event>(
  url: string,
  token: string,
  path: string,
  body: object,
  onEvent: (event: Event) => void,
): Promise<void> {
  const parser = createFrameParser();
  // A model may take its time: only an end of the connection ends this.
  const { signal } = new AbortController();
  const response = await send(url, token, { method: 'POST', path, body }, signal);
  try {
    for await (const chunk of response)
      for (const { data } of parser.push(chunk)) onEvent(JSON.parse(data) as Event);
  } catch (error) {
    // It ended in the middle.
    throw error instanceof UserError || !(error instanceof Error) ? error : unreachable(url, error);
  }
}

/** Management calls are answered at once or in vain, but those that wait for providers or for a large ledger. */
const PATIENCE_MS = 10_000;

/** What is asked of a server. */
interface Question {
  method: 'GET' | 'POST';
  path: string;
  body?: object | undefined;
}

/** An answer of whatever status. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/**
 * Asks, and reads the whole answer. Never throws: an Error instead of it says why none came, or not all of it.
 * @param patienceMs how long nothing may be heard; null = until the connection ends
 */
export async function wholeAnswer(
  url: string,
  token: string,
  question: Question,
  patienceMs: number | null,
): Promise<Answer | Error> {
  try {
    const response = await open(url, token, question, patienceMs === null ? {} : { timeout: patienceMs });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Opens an answer that is read as it comes. @throws UserError `not_running`, `token_refused`, `unexpected_answer` */
async function send(
  url: string,
  token: string,
  question: Question,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const response = await open(url, token, question, { signal }).catch((error: Error) => {
    throw signal.aborted ? error : unreachable(url, error);
  });
  const refusal = refused(url, response.statusCode ?? 0);
  if (!refusal) return response;
  response.resume();
  throw refusal;
}

/** Straight to the address: loopback never goes through a proxy. */
function open(
  url: string,
  token: string,
  { method, path, body }: Question,
  limits: Pick<RequestOptions, 'signal' | 'timeout'>,
): Promise<IncomingMessage> {
  const bytes = body === undefined ? undefined : JSON.stringify(body);
  const options: RequestOptions = {
    method,
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      ...(bytes === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) }),
    },
    ...limits,
  };
  return new Promise((resolve, reject) => {
    const start = url.startsWith('https:') ? requestTls : request;
    const sent = start(`${url}${path}`, options, resolve);
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(bytes);
  });
}

function refused(url: string, status: number): UserError | null {
  if (status < 400) return null;
  if (status === 401 || status === 403)
    return new UserError({
      code: 'token_refused',
      exit: EXIT.notRunning,
      message: `unorouter at ${url} refuses our local token`,
      why: 'it was started from another home, or with another $UNOROUTER_TOKEN',
      fix: ['UNOROUTER_TOKEN=<its token> {cmd} …'],
    });
  return new UserError({
    code: 'unexpected_answer',
    exit: EXIT.notRunning,
    message: `${url} answered with status ${status}`,
    why: 'it is no unorouter, or one of another version',
    fix: ['{cmd} status'],
  });
}

function unreachable(url: string, error: Error): UserError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  return new UserError({
    code: 'not_running',
    exit: EXIT.notRunning,
    message: `unorouter does not answer at ${url}`,
    why: code,
    fix: ['{cmd} serve'],
  });
}

/** Error 14. */
export function notRunning(url: string | null): UserError {
  return new UserError({
    code: 'not_running',
    exit: EXIT.notRunning,
    message: url === null ? 'unorouter is not running' : `unorouter does not answer at ${url}`,
    fix: ['{cmd} serve     or past requests: {cmd} logs'],
  });
}
