import type { Auth, Provider } from '../../src/catalog/index.ts';
import type { EndpointId, Exchange, Recorder } from '../../src/exchange.ts';
import { createHealth } from '../../src/health/index.ts';
import { scanObject } from '../../src/json-scan.ts';
import { maskText } from '../../src/keys/mask.ts';
import { SEAL_MARKS } from '../../src/pivot/index.ts';
import { protocolOf } from '../../src/protocols/index.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import { type Client, createRelay, type Inbound, type RelayDeps } from '../../src/relay/index.ts';
import type { Plan, Target } from '../../src/router/index.ts';
import { createConnections, createTransport } from '../../src/upstream/index.ts';

/** The key that every fake provider gets. */
export const KEY = 'sk-test-0123456789abcdefghijKLMN';

/** A client in this process: what it was sent, and handles to leave or to stall. */
export interface FakeClient extends Client {
  status: number | null;
  headers: Record<string, string>;
  heads: number;
  ended: number;
  bytes(): Buffer;
  text(): string;
  leave(): void;
  /** From now on it reads no more, until `drain`. */
  stall(): void;
  drain(): void;
  /** Resolves when it has that text. */
  has(text: string): Promise<void>;
}

/** Makes one. */
export function fakeClient(): FakeClient {
  const gone = new AbortController();
  const chunks: Buffer[] = [];
  let drained: (() => void)[] = [];
  let stalled = false;
  let waiting: { text: string; resolve: () => void }[] = [];
  const bytes = (): Buffer => Buffer.concat(chunks);
  const heard = (): void => {
    if (waiting.length === 0) return;
    const text = bytes().toString('utf8');
    const there = waiting.filter((one) => text.includes(one.text));
    waiting = waiting.filter((one) => !there.includes(one));
    for (const one of there) one.resolve();
  };
  const client: FakeClient = {
    signal: gone.signal,
    status: null,
    headers: {},
    heads: 0,
    ended: 0,
    head(status, headers) {
      client.heads++;
      client.status = status;
      client.headers = headers;
    },
    write(chunk) {
      if (client.heads === 0) throw new Error('bytes before the head');
      if (client.ended > 0) throw new Error('bytes after the end');
      chunks.push(chunk);
      heard();
    },
    end() {
      client.ended++;
    },
    full: () => stalled,
    onDrain: (callback) => drained.push(callback),
    bytes,
    text: () => bytes().toString('utf8'),
    leave: () => gone.abort(),
    stall() {
      stalled = true;
    },
    drain() {
      stalled = false;
      const callbacks = drained;
      drained = [];
      for (const callback of callbacks) callback();
    },
    has: (text) =>
      new Promise((resolve) => {
        waiting.push({ text, resolve });
        heard();
      }),
  };
  return client;
}

/** A provider that speaks one protocol at a URL. */
export function fakeTarget(url: string, protocol: ProtocolId, overrides: Partial<Provider> = {}): Target {
  const auth: Auth = protocol === 'anthropic-messages' ? 'x-api-key' : 'bearer';
  const surface = { protocol, url, auth };
  const provider: Provider = {
    id: 'acme',
    name: 'Acme',
    kind: 'maker',
    surfaces: [surface],
    env: [],
    keyPage: null,
    pricesId: null,
    modelsUrl: null,
    quirks: [],
    headers: {},
    enabled: true,
    builtin: false,
    builtinOrigins: [],
    ...overrides,
  };
  return { provider, model: 'tide-1', surface };
}

const PATHS: Record<ProtocolId, string> = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'anthropic-messages': '/messages',
  gemini: '/models/tide-1:streamGenerateContent',
};

/** A client's request with this body. */
export function inboundOf(
  protocol: ProtocolId,
  body: string,
  options: { endpoint?: EndpointId; query?: string; stream?: boolean; path?: string } = {},
): Inbound {
  const bytes = Buffer.from(body);
  const scanned = scanObject(
    bytes,
    SEAL_MARKS.map((mark) => Buffer.from(mark)),
  );
  if ('problem' in scanned) throw new Error(`not JSON: ${body}`);
  const parsed = JSON.parse(body) as { model?: string; stream?: boolean };
  return {
    protocol,
    endpoint: options.endpoint ?? 'generate',
    model: parsed.model ?? 'tide-1',
    stream: options.stream ?? parsed.stream === true,
    bytes,
    contentType: 'application/json',
    scanned,
    modelSplices(model) {
      const member = scanned.members.get('model');
      return member ? [{ start: member.start, end: member.end, text: JSON.stringify(model) }] : [];
    },
    path: () => options.path ?? PATHS[protocol],
    query: options.query ?? '',
    asIs: false,
    headers: { 'user-agent': 'test', cookie: 'secret=1', authorization: 'Bearer uno-local' },
  };
}

/** A fresh record of one request. */
export function exchangeOf(inbound: Inbound): Exchange {
  return {
    id: '01TESTTESTTESTTESTTESTTEST',
    time: 1_760_000_000_000,
    agent: null,
    agentSource: null,
    project: null,
    projectSource: null,
    session: null,
    protocol: inbound.protocol,
    endpoint: inbound.endpoint,
    stream: inbound.stream,
    asked: inbound.model,
    provider: null,
    model: null,
    rule: 'default',
    status: null,
    outcome: 'open',
    usage: {},
    usageSource: 'none',
    cost: { nanoUsd: null, state: 'unknown', source: null },
    ttftMs: null,
    totalMs: null,
    attempts: [],
    losses: [],
    errorCode: null,
    errorMessage: null,
    demo: false,
  };
}

/** What a recorder heard, in order. */
export interface Heard extends Recorder {
  opened: Exchange[];
  finished: Exchange[];
  updates: number;
}

function listening(): Heard {
  const heard: Heard = {
    opened: [],
    finished: [],
    updates: 0,
    open: (exchange) => void heard.opened.push(structuredClone(exchange)),
    update: () => {
      heard.updates++;
    },
    finish: (exchange) => void heard.finished.push(structuredClone(exchange)),
  };
  return heard;
}

/** A relay over real sockets whose waits, clock and dice are in the test's hands. */
export interface Bench {
  heard: Heard;
  /** ms that were waited before retries. */
  waits: number[];
  relay(inbound: Inbound, targets: Target[], client: FakeClient): Promise<Exchange>;
  close(): Promise<void>;
}

/** Makes one. `deps` replaces single parts. */
export async function startBench(deps: Partial<RelayDeps> = {}): Promise<Bench> {
  const connections = await createConnections({ env: {}, proxy: null, ca: null });
  const transport = createTransport(connections);
  const heard = listening();
  const waits: number[] = [];
  let clock = 0;
  const relay = createRelay({
    protocol: protocolOf,
    transport: () => transport,
    key: () => KEY,
    timeouts: () => ({ headersMs: 10_000, firstContentMs: 10_000, idleMs: 10_000, totalMs: 600_000 }),
    health: createHealth({ now: () => 1_760_000_000_000 }),
    onClientAbort: () => 'abort',
    retry: () => ({ attempts: 3, deadlineMs: 60_000 }),
    recorder: heard,
    price: async (_target, usage) =>
      usage.output === undefined
        ? { nanoUsd: null, state: 'unknown', source: null }
        : { nanoUsd: (usage.input ?? 0) * 10 + usage.output * 100, state: 'exact', source: 'test' },
    quirks: ({ provider }) => new Set<string>(provider.quirks),
    modelFacts: () => ({}),
    strict: () => false,
    mask: (text) => maskText(text, [KEY]),
    prefix: 'unorouter',
    now: () => 1_760_000_000_000,
    elapsed: () => clock++,
    random: () => 0.5,
    wait: async (ms) => void waits.push(ms),
    ...deps,
  });
  return {
    heard,
    waits,
    async relay(inbound, targets, client) {
      const exchange = exchangeOf(inbound);
      const plan: Plan = {
        targets,
        rule: 'default',
        why: [],
        verdicts: () => [],
        passedOver: [],
        stick: null,
      };
      await relay(inbound, plan, exchange, client);
      return exchange;
    },
    close: () => connections.destroy(),
  };
}
