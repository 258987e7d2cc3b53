import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the fake provider received it. */
export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What to answer with. `pieces` are written one by one, each after the one before was flushed. */
export interface FakeAnswer {
  status?: number;
  headers?: Record<string, string>;
  pieces: (string | Buffer)[];
  /** How the answer ends: properly, by closing the connection, or not at all. */
  end?: 'end' | 'reset' | 'hang';
}

/** A fake provider: a real HTTP server on loopback. */
export interface FakeUpstream {
  url: string;
  seen: SeenRequest[];
  /** Connections that were closed before their answer was over. */
  aborted: number;
  /** Resolves when the n-th answer was broken off by the caller. */
  waitForAbort(n?: number): Promise<void>;
  /** Says this in every answer that hangs; `end` = and ends it. */
  say(text: string, end?: 'end'): void;
  answer(handler: FakeAnswer | ((request: SeenRequest) => FakeAnswer)): void;
  close(): Promise<void>;
}

/** A whole answer of Chat Completions. */
export const CHAT_ANSWER = JSON.stringify({
  id: 'a',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

const flushed = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Starts one. Without `answer` it answers 200 and `{}`. */
export async function startFakeUpstream(): Promise<FakeUpstream> {
  let handler: (request: SeenRequest) => FakeAnswer = () => ({ pieces: ['{}'] });
  const seen: SeenRequest[] = [];
  const hanging = new Set<ServerResponse>();
  const waiting: { n: number; resolve: () => void }[] = [];
  const upstream: FakeUpstream = {
    url: '',
    seen,
    aborted: 0,
    waitForAbort: (n = 1) =>
      new Promise((resolve) => (upstream.aborted >= n ? resolve() : waiting.push({ n, resolve }))),
    say(text, end) {
      for (const response of hanging) {
        response.write(text);
        if (end) response.end();
      }
    },
    answer(next) {
      handler = typeof next === 'function' ? next : () => next;
    },
    close: () => close(server),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    seen.push(one);
    response.on('close', () => {
      hanging.delete(response);
      if (response.writableFinished) return;
      upstream.aborted++;
      for (const w of waiting) if (upstream.aborted >= w.n) w.resolve();
    });
    const {
      status = 200,
      headers = { 'content-type': 'application/json' },
      pieces,
      end = 'end',
    } = handler(one);
    response.writeHead(status, headers);
    response.flushHeaders();
    for (const piece of pieces) {
      response.write(piece);
      await flushed();
    }
    if (end === 'end') response.end();
    else if (end === 'reset') response.destroy();
    else hanging.add(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return upstream;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
