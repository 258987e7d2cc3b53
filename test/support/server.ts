import { homePaths } from '../../src/home/index.ts';
import { type RunningServer, type ServeOptions, startServer } from '../../src/server/index.ts';
import { type TestHome, temporaryHome } from './cli.ts';

const TOKEN = 'uno-testtesttesttesttesttest';

/** A server in this process, on a free port, in a home of its own. */
export interface TestServer {
  url: string;
  token: string;
  home: TestHome;
  server: RunningServer;
  /** Sentences for the terminal so far. */
  notices: string[];
  /** Resolves when a sentence that contains the text was said. */
  noticed(text: string): Promise<void>;
  /** A request with the local token. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** POSTs JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Rows of the ledger in JSON shape, newest first, after a flush. */
  rows(): Promise<LedgerRow[]>;
  /** The same without a flush: also when the server has ended. */
  ledger(): Promise<LedgerRow[]>;
  /** The newest row, once its request has ended: a provider hears of a call's end before the ledger does. */
  ended(): Promise<LedgerRow>;
  close(): Promise<void>;
}

/** What tests look at in a row. */
export interface LedgerRow {
  asked: string;
  served: string | null;
  status: number | null;
  outcome: string;
  usage: Record<string, number | null>;
  usageSource: string;
  costNanoUsd: number | null;
  costState: string;
  errorCode: string | null;
  errorMessage: string | null;
  attempts: { status: number | null; failure: string | null; message: string | null }[];
  agent: string | null;
  project: string | null;
  session: string | null;
  endpoint: string;
  stream: boolean;
}

/** Starts one. `config` is the text of config.yaml; keys come as `UNOROUTER_<P>_API_KEY` in `env`. */
export async function startTestServer(
  given: { config?: string; env?: NodeJS.ProcessEnv; home?: TestHome; options?: Partial<ServeOptions> } = {},
): Promise<TestServer> {
  const home = given.home ?? temporaryHome();
  if (given.config !== undefined) home.writeConfig(given.config);
  const env = { ...home.env, UNOROUTER_TOKEN: TOKEN, ...given.env };
  const notices: string[] = [];
  const waiting: { text: string; resolve: () => void }[] = [];
  const server = await startServer({
    paths: homePaths(env),
    env,
    host: '127.0.0.1',
    port: 0,
    anyPort: false,
    demo: false,
    auth: true,
    insecureHttp: false,
    strict: false,
    prefix: 'unorouter',
    defaultModel: null,
    notice(_level, text) {
      notices.push(text);
      for (const one of waiting) if (text.includes(one.text)) one.resolve();
    },
    ...given.options,
  });
  const call = (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${TOKEN}`);
    return fetch(server.url + path, { ...init, headers });
  };
  async function rows(): Promise<LedgerRow[]> {
    await call('/api/flush', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    return ledgerRows(homePaths(env).ledgerFile);
  }
  return {
    url: server.url,
    token: TOKEN,
    home,
    server,
    notices,
    noticed: (text) =>
      new Promise((resolve) => {
        if (notices.some((notice) => notice.includes(text))) resolve();
        else waiting.push({ text, resolve });
      }),
    fetch: call,
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    rows,
    async ended() {
      for (;;) {
        const [row] = await rows();
        if (row && row.outcome !== 'open') return row;
      }
    },
    ledger: () => ledgerRows(homePaths(env).ledgerFile),
    async close() {
      await server.stop('now');
      home.remove();
    },
  };
}

async function ledgerRows(file: string): Promise<LedgerRow[]> {
  const { openLedgerReader } = await import('../../src/ledger/index.ts');
  const { exchangeJson } = await import('../../src/exchange.ts');
  const reader = await openLedgerReader(file);
  const rows = reader?.exchanges({ limit: 1000 }).map(exchangeJson) ?? [];
  reader?.close();
  return rows as unknown as LedgerRow[];
}
