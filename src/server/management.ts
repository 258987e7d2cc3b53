import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refreshed } from '../catalog/index.ts';
import type { FeedEvent } from '../feed/index.ts';
import type { RouteQuestion } from '../router/index.ts';
import { sendJson, writeHead } from './respond.ts';
import { readQuestion } from './route-question.ts';
import type {
  ReplayAnswer,
  RouteAnswer,
  RouteTestEvent,
  RunBudget,
  RunningServer,
  VerifyEvent,
} from './types.ts';

/** What the management API may do besides reading. */
export interface ManagementActions {
  status(): ReturnType<RunningServer['status']>;
  feed: RunningServer['feed'];
  /** Resolves when budgets know what was spent before. */
  budgetsReady(): Promise<void>;
  /** Holds a private server open, and a run's budget in force, until what comes back is called; null = it is ending. */
  attach(budget: RunBudget | null): (() => void) | null;
  stop(how: 'drain' | 'now'): void;
  flush(): Promise<void>;
  /** Deletes requests that began before a time; null = the ledger cannot be written. */
  prune(before: number): Promise<number | null>;
  reloadKeys(): Promise<void>;
  /** Reads again what was raised for today. */
  reloadBudgets(): void;
  /** Reads the local token again; the one that this call came with is refused from now on. */
  reloadToken(): void;
  /** Asks these providers for their lists of models now. */
  refreshModels(ids: readonly string[]): Promise<Refreshed[]>;
  /** Tries what a model can do, and keeps what was found. */
  verifyModel(
    what: { model: string; window: boolean },
    say: (event: VerifyEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Sends a recorded request to another model. */
  replay(what: { id: string; model: string }, signal: AbortSignal): Promise<ReplayAnswer>;
  /** Where a request would go. */
  explainRoute(question: RouteQuestion): Promise<RouteAnswer>;
  /** Sends one tiny real request to each target of the plan. */
  testRoute(
    question: RouteQuestion,
    say: (event: RouteTestEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void | Promise<void>;

/** The management API: `METHOD /path` to handler. All of it stands behind the guard and always needs the token. */
export function managementHandlers(actions: ManagementActions): ReadonlyMap<string, Handler> {
  return new Map<string, Handler>([
    ['GET /api/status', (_request, response) => sendJson(response, 200, actions.status())],
    ['GET /api/events', (request, response) => sendEvents(request, response, actions.feed)],
    ['GET /api/attach', (_request, response) => hold(response, null, actions)],
    ['POST /api/attach', (_request, response, body) => holdWithBudget(response, body, actions)],
    [
      'POST /api/stop',
      (_request, response, body) => {
        const how = membersOf(body).how === 'now' ? 'now' : 'drain';
        sendJson(
          response,
          202,
          { stopping: true, live: actions.feed.live().length },
          { connection: 'close' },
        );
        response.on('finish', () => actions.stop(how));
      },
    ],
    [
      'POST /api/flush',
      async (_request, response) => {
        await actions.flush();
        sendJson(response, 200, { flushed: true });
      },
    ],
    [
      'POST /api/logs/prune',
      async (_request, response, body) => {
        const { before } = membersOf(body);
        const valid = typeof before === 'number' && Number.isSafeInteger(before);
        if (!valid) return sendJson(response, 400, { error: 'before is a time in ms since 1970' });
        sendJson(response, 200, { requests: await actions.prune(before) });
      },
    ],
    [
      'POST /api/keys/reload',
      async (_request, response) => {
        await actions.reloadKeys();
        sendJson(response, 200, { reloaded: true });
      },
    ],
    [
      'POST /api/budgets/reload',
      (_request, response) => {
        actions.reloadBudgets();
        sendJson(response, 200, { reloaded: true });
      },
    ],
    [
      'POST /api/token/reload',
      (_request, response) => {
        actions.reloadToken();
        sendJson(response, 200, { reloaded: true });
      },
    ],
    ...askingHandlers(actions),
  ]);
}

/** Those that ask providers, or say how they would be asked. */
function askingHandlers(actions: ManagementActions): [string, Handler][] {
  return [
    [
      'POST /api/models/refresh',
      async (_request, response, body) => sendJson(response, 200, await actions.refreshModels(readIds(body))),
    ],
    [
      'POST /api/routes/explain',
      async (_request, response, body) =>
        sendJson(response, 200, await actions.explainRoute(readQuestion(body))),
    ],
    [
      'POST /api/replay',
      async (_request, response, body) => {
        const { id, model } = membersOf(body);
        const answer = await actions.replay({ id: String(id), model: String(model) }, untilGone(response));
        sendJson(response, 200, answer);
      },
    ],
    [
      'POST /api/models/verify',
      async (_request, response, body) => {
        const { model, window } = membersOf(body);
        await actions.verifyModel(
          { model: String(model), window: window === true },
          saying<VerifyEvent>(response),
          untilGone(response),
        );
        response.end();
      },
    ],
    ['POST /api/routes/test', (_request, response, body) => sendTest(response, readQuestion(body), actions)],
  ];
}

/** A body's members; none of what is no JSON object. */
function membersOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What a run may spend; null = it is not that. */
function readRunBudget(body: Buffer): RunBudget | null {
  const { agent, project, limitNanoUsd } = membersOf(body);
  if (typeof agent !== 'string' || !(project === null || typeof project === 'string')) return null;
  const sane = typeof limitNanoUsd === 'number' && Number.isSafeInteger(limitNanoUsd) && limitNanoUsd >= 0;
  return sane ? { agent, project, limitNanoUsd } : null;
}

/** `{ "providers": ["openai"] }`; anything else names nobody. */
function readIds(body: Buffer): string[] {
  const { providers } = membersOf(body);
  return Array.isArray(providers) ? providers.filter((id) => typeof id === 'string') : [];
}

const EVENT_STREAM = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

/** Begins an answer of SSE; what comes back adds to it. */
function saying<T>(response: ServerResponse): (event: T) => void {
  writeHead(response, 200, EVENT_STREAM);
  return (event) => void response.write(`data: ${JSON.stringify(event)}\n\n`);
}

/** Aborted when whoever asked goes away. */
function untilGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  return gone.signal;
}

/** A test as SSE: the plan, then every hop as it ends. Whoever goes away ends it. */
async function sendTest(
  response: ServerResponse,
  question: RouteQuestion,
  { testRoute, explainRoute }: ManagementActions,
): Promise<void> {
  const gone = untilGone(response);
  const answer = await explainRoute(question);
  const say = saying<RouteTestEvent>(response);
  say({ type: 'plan', answer });
  if (answer.ok) await testRoute(question, say, gone);
  response.end();
}

/** Bytes that a reader of events may leave unread before it is dropped. */
const MAX_UNREAD = 4 * 1024 * 1024;
const KEEP_ALIVE_MS = 15_000;

async function holdWithBudget(
  response: ServerResponse,
  body: Buffer,
  actions: ManagementActions,
): Promise<void> {
  const budget = readRunBudget(body);
  if (budget) await hold(response, budget, actions);
  else sendJson(response, 400, { error: 'agent, project and limitNanoUsd are needed' });
}

/** Counts a `run` as long as its connection is open. */
async function hold(
  response: ServerResponse,
  budget: RunBudget | null,
  { attach, budgetsReady }: ManagementActions,
): Promise<void> {
  // A run looks at the budgets next, and must not see those of a server that has not counted yet.
  await budgetsReady();
  const detach = response.destroyed ? null : attach(budget);
  if (!detach) {
    sendJson(response, 503, { attached: false }, { connection: 'close' });
    return;
  }
  writeHead(response, 200, EVENT_STREAM);
  response.write(': attached\n\n');
  const keepAlive = setInterval(() => response.write(': still here\n\n'), KEEP_ALIVE_MS);
  response.on('close', () => {
    clearInterval(keepAlive);
    detach();
  });
}

/** The feed as SSE: first what is open now, then every event. */
function sendEvents(request: IncomingMessage, response: ServerResponse, feed: RunningServer['feed']): void {
  writeHead(response, 200, EVENT_STREAM);
  const send = (event: FeedEvent): void => {
    if (response.writableLength > MAX_UNREAD) response.destroy();
    else response.write(`data: ${JSON.stringify(event)}\n\n`);
  };
  response.write(': unorouter\n\n');
  for (const exchange of feed.live()) send({ type: 'open', exchange });
  const unsubscribe = feed.subscribe(send);
  const keepAlive = setInterval(() => response.write(': still here\n\n'), KEEP_ALIVE_MS);
  request.on('close', () => {
    clearInterval(keepAlive);
    unsubscribe();
  });
}
