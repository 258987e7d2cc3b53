import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createBudgets } from '../../src/budget/index.ts';
import type { Exchange } from '../../src/exchange.ts';
import { createCacheDoctor } from '../../src/prompt-cache/index.ts';
import { createGuesser } from '../../src/server/attribution/guesser.ts';
import { ENDPOINTS } from '../../src/server/endpoints.ts';
import { type ProxyDeps, proxy } from '../../src/server/proxy.ts';
import { wait } from '../../src/server/wait.ts';

// Row 76 of the fault table: an exception in a handler ends its request, never the process.

let door: Server | undefined;
afterEach(() => {
  door?.closeAllConnections();
  door?.close();
});

const SECRET = 'sk-fake-5f1c9e7d3b2a4860';
const bug = (): never => {
  throw new Error(`a prompt, ${SECRET}`);
};

async function askWith(broken: Partial<ProxyDeps>): Promise<{
  answers: { status: number; text: string }[];
  rows: Exchange[];
  bugs: unknown[];
}> {
  const [rows, bugs]: [Exchange[], unknown[]] = [[], []];
  const finish = (exchange: Exchange): void => void rows.push({ ...exchange });
  const deps: ProxyDeps = {
    relay: bug,
    ready: async () => undefined,
    routeState: bug,
    bodies: { begin: () => null },
    cacheDoctor: createCacheDoctor({ hash: String, price: () => null }),
    guesser: createGuesser({ find: null, home: undefined, elapsed: () => 0 }),
    budgets: createBudgets({
      rules: () => [],
      before: async () => [],
      now: Date.now,
      raises: () => ({ day: '', nanoUsd: {} }),
      wait,
      onWarning: () => undefined,
      prefix: 'unorouter',
    }),
    recorder: { open: () => undefined, update: () => undefined, finish },
    sweep: () => undefined,
    newId: () => 'id',
    now: Date.now,
    onBug: (error) => bugs.push(error),
    ...broken,
  };
  const server = createServer((request, response) => {
    const endpoint = ENDPOINTS.find(({ path }) => path === request.url);
    if (endpoint) void proxy(request, response, { agent: null, project: null }, { endpoint }, deps);
  });
  door = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answers = [];
  for (const path of ['/v1/chat/completions', '/v1/responses', '/v1/messages']) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"m","messages":[]}',
    });
    answers.push({ status: response.status, text: await response.text() });
  }
  return { answers, rows, bugs };
}

it('76 an exception while a request is routed is a 500 without its words, an error row, and told to the operator', async () => {
  const { answers, rows, bugs } = await askWith({});
  for (const { status, text } of answers) {
    expect(status).toBe(500);
    expect(JSON.parse(text).error.message).toContain('a bug of ours stopped this request');
    expect(text).not.toMatch(/sk-fake|a prompt| at /);
  }
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row).toMatchObject({ status: 500, outcome: 'error', errorCode: 'internal' });
  expect(JSON.stringify(rows)).not.toContain(SECRET);
  expect(bugs).toHaveLength(3);
});

it('76 an exception before that is a 500, too', async () => {
  const { answers, bugs } = await askWith({ ready: bug });
  for (const { status, text } of answers) {
    expect(status).toBe(500);
    expect(text).not.toMatch(/sk-fake|a prompt| at /);
  }
  expect(bugs).toHaveLength(3);
});
