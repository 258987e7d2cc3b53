import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** What the functions below that run in a page find there. */
interface Loading {
  src: string;
  onload: () => void;
  onerror: () => void;
  setAttribute(name: string, value: string): void;
}
declare const document: { createElement(tag: string): Loading; head: { append(one: Loading): void } };
declare const Image: new () => Loading;

/** Debian's Chromium, or another one by name; without one these tests are skipped. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const EXECUTABLE = process.env.UNOROUTER_TEST_CHROMIUM ?? CHROMIUM;

const ANSWER =
  'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"secret answer"},"finish_reason":null}]}\n\n' +
  'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n' +
  'data: [DONE]\n\n';
const BODY = JSON.stringify({ model: 'fake/m', stream: true, messages: [{ role: 'user', content: 'hi' }] });

describe.runIf(EXECUTABLE)('a page in a real browser', () => {
  let browser: Browser;
  let upstream: FakeUpstream;
  let gateway: TestServer;
  let pages: Server;
  let pagePort: number;
  let decoy: Server;
  let decoyPort: number;

  beforeAll(async () => {
    pages = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>a page</title>');
    });
    pagePort = await listening(pages);
    // Some other program on loopback that takes no requests from pages.
    decoy = createServer((_request, response) => void response.writeHead(403).end());
    decoyPort = await listening(decoy);
    upstream = await startFakeUpstream();
    upstream.answer({ headers: { 'content-type': 'text/event-stream' }, pieces: [ANSWER] });
    gateway = await startTestServer({
      config: `providers:\n  fake: { url: ${upstream.url}/v1, protocol: openai-chat }\nserver: { allow_origins: ['http://chat.example:${pagePort}'] }\n`,
      env: { UNOROUTER_FAKE_API_KEY: 'sk-fake-0123456789abcdefghij' },
    });
    browser = await chromium.launch({
      ...(EXECUTABLE === undefined ? {} : { executablePath: EXECUTABLE }),
      // Every name of example's leads to this machine: what DNS rebinding comes to.
      args: ['--no-sandbox', '--host-resolver-rules=MAP *.example 127.0.0.1'],
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    await upstream?.close();
    for (const server of [pages, decoy]) server?.close();
  });

  const calls = (): number => upstream.seen.filter(({ method }) => method === 'POST').length;

  async function open(url: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(url);
    return page;
  }

  it('of another origin can neither read nor spend, whatever way it asks', async () => {
    const before = { calls: calls(), rows: (await gateway.rows()).length };
    const page = await open(`http://evil.example:${pagePort}/`);
    const learnt = await page.evaluate(tryEverything, {
      base: gateway.url,
      token: gateway.token,
      body: BODY,
    });
    await page.close();
    expect(learnt).toEqual({
      read: [],
      'fetch with the token': 'refused',
      'fetch as text': 'refused',
      'fetch of the list of models': 'refused',
      'fetch of the health': 'refused',
      'fetch of the status': 'refused',
      websocket: 'refused',
      'event source': 'refused',
      script: 'refused',
      image: 'refused',
      style: 'refused',
    });
    expect({ calls: calls(), rows: (await gateway.rows()).length }).toEqual(before);
  });

  it('of another origin cannot tell this program from any other that refuses pages', async () => {
    const page = await open(`http://evil.example:${pagePort}/`);
    const [ours, theirs] = await Promise.all(
      [gateway.server.port, decoyPort].map((port) => page.evaluate(describeFrom, `http://127.0.0.1:${port}`)),
    );
    await page.close();
    expect(ours).toEqual(theirs);
  });

  it('whose own name is made to lead here gets nothing but that it is the wrong name', async () => {
    const before = calls();
    const page = await browser.newPage();
    const response = await page.goto(`http://rebound.example:${gateway.server.port}/v1/models`);
    expect(response?.status()).toBe(421);
    const seen = await page.evaluate(sameOriginEverything, { token: gateway.token, body: BODY });
    await page.close();
    for (const { status, text, headers } of seen) {
      expect(status).toBe(421);
      expect(`${text} ${headers}`).not.toMatch(/unorouter|uno-|llm|model/i);
    }
    expect(calls()).toBe(before);
  });

  it('of an exactly configured origin reads its streamed answer', async () => {
    const page = await open(`http://chat.example:${pagePort}/`);
    const text = await page.evaluate(
      async ({ base, token, body }) => {
        const answer = await fetch(`${base}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body,
        });
        return `${answer.headers.get('x-unorouter-served')}: ${await answer.text()}`;
      },
      { base: gateway.url, token: gateway.token, body: BODY },
    );
    await page.close();
    expect(text).toBe(`fake/m: ${ANSWER}`);
  });

  it('of an origin that only looks like the configured one is another page', async () => {
    for (const name of ['chat.example.evil.example', 'xchat.example', 'sub.chat.example']) {
      const page = await open(`http://${name}:${pagePort}/`);
      const outcome = await page.evaluate(
        ({ base, token, body }) =>
          fetch(`${base}/v1/chat/completions`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
            body,
          }).then(
            () => 'read',
            () => 'refused',
          ),
        { base: gateway.url, token: gateway.token, body: BODY },
      );
      await page.close();
      expect(outcome, name).toBe('refused');
    }
  });
});

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Runs in the page: every way to reach another origin. What it can read lands in `read`. */
async function tryEverything({
  base,
  token,
  body,
}: {
  base: string;
  token: string;
  body: string;
}): Promise<Record<string, unknown>> {
  const read: string[] = [];
  const asked = async (path: string, init: RequestInit): Promise<string> => {
    try {
      const answer = await fetch(base + path, init);
      const text = await answer.text();
      if (answer.type !== 'opaque' && answer.type !== 'opaqueredirect') read.push(`${answer.status} ${text}`);
      else if (text !== '') read.push(text);
    } catch {
      // Refused by the browser: nothing was read.
    }
    return 'refused';
  };
  const element = (tag: string, attributes: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const one = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
      one.onload = () => resolve('loaded');
      one.onerror = () => resolve('refused');
      document.head.append(one);
    });
  const socket = new Promise((resolve) => {
    const one = new WebSocket(`${base.replace('http', 'ws')}/v1/responses`);
    one.onopen = () => resolve('open');
    one.onerror = () => resolve('refused');
  });
  const events = new Promise((resolve) => {
    const one = new EventSource(`${base}/api/events`);
    one.onopen = () => resolve('open');
    one.onerror = () => {
      one.close();
      resolve('refused');
    };
  });
  const authorization = `Bearer ${token}`;
  return {
    'fetch with the token': await asked('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body,
    }),
    'fetch as text': await asked('/v1/chat/completions', {
      method: 'POST',
      mode: 'no-cors',
      headers: { 'content-type': 'text/plain' },
      body,
    }),
    'fetch of the list of models': await asked('/v1/models', { headers: { authorization } }),
    'fetch of the health': await asked('/health', {}),
    'fetch of the status': await asked('/api/status', { headers: { authorization } }),
    websocket: await socket,
    'event source': await events,
    script: await element('script', { src: `${base}/health` }),
    image: await element('img', { src: `${base}/health` }),
    style: await element('link', { rel: 'stylesheet', href: `${base}/health` }),
    read,
  };
}

/** Runs in the page: what can be told of an address without reading its answers. */
async function describeFrom(base: string): Promise<Record<string, string>> {
  const outcome: Record<string, string> = {};
  for (const path of ['/', '/health', '/v1/models', '/favicon.ico', '/api/status']) {
    outcome[`fetch ${path}`] = await fetch(base + path).then(
      (answer) => `${answer.type} ${answer.status}`,
      (error: unknown) => String(error),
    );
    outcome[`no-cors ${path}`] = await fetch(base + path, { mode: 'no-cors' }).then(
      (answer) => `${answer.type} ${answer.status} ${answer.headers.get('content-type')}`,
      (error: unknown) => String(error),
    );
    outcome[`image ${path}`] = await new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve('loaded');
      image.onerror = () => resolve('refused');
      image.src = base + path;
    });
  }
  return outcome;
}

/** Runs in the page: the same origin answers, so everything it says can be read. */
async function sameOriginEverything({
  token,
  body,
}: {
  token: string;
  body: string;
}): Promise<{ status: number; text: string; headers: string }[]> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const requests: [string, RequestInit][] = [
    ['/', {}],
    ['/health', {}],
    ['/v1/models', { headers }],
    ['/api/status', { headers }],
    ['/v1/chat/completions', { method: 'POST', headers, body }],
    ['/v1/messages', { method: 'POST', headers, body }],
    ['/v1beta/models/fake%2Fm:generateContent', { method: 'POST', headers, body }],
  ];
  const seen: { status: number; text: string; headers: string }[] = [];
  for (const [path, init] of requests) {
    const answer = await fetch(path, init);
    seen.push({
      status: answer.status,
      text: await answer.text(),
      headers: JSON.stringify([...answer.headers]),
    });
  }
  return seen;
}
