import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startWatched, type WatchedGateway } from '../support/watched-gateway.ts';

const METER = fileURLToPath(new URL('../support/heap-on-signal.cjs', import.meta.url));
const FRAME = `data: ${JSON.stringify({ id: 'a', model: 'm', choices: [{ index: 0, delta: { content: 'hello' } }] })}\n\n`;

/** Bytes of the heap that are in use, by its nth answer. */
async function heapOf(gateway: WatchedGateway, n: number): Promise<number> {
  gateway.child.kill('SIGUSR2');
  await gateway.says(`heap ${n}: `);
  return Number(new RegExp(`^heap ${n}: (\\d+) bytes$`, 'm').exec(gateway.stderr())?.[1]);
}

/** Opens streams, and reads of each until it has begun. */
async function opened(gateway: WatchedGateway, count: number): Promise<Response[]> {
  const answers: Response[] = [];
  for (let i = 0; i < count; i++) {
    const answer = await gateway.post('/v1/chat/completions', {
      model: 'acme/m',
      stream: true,
      messages: [],
    });
    expect(answer.status).toBe(200);
    answers.push(answer);
  }
  return answers;
}

// 28 kB when this was written, 40 before; the connection to the provider and Node's own objects are 20 of them.
it.skipIf(process.platform === 'win32')('an open stream holds less than 34 kB of the heap', async () => {
  const gateway = await startWatched(`--expose-gc --require '${METER}'`);
  const headers = { 'content-type': 'text/event-stream' };
  gateway.upstream.answer({ headers, pieces: [FRAME], end: 'hang' });
  // Behind these no code is compiled any more that only the first streams need.
  const first = await opened(gateway, 150);
  const before = await heapOf(gateway, 1);
  const rest = await opened(gateway, 300);
  const each = ((await heapOf(gateway, 2)) - before) / rest.length;
  gateway.upstream.say('data: [DONE]\n\n', 'end');
  for (const answer of [...first, ...rest]) expect(await answer.text()).toContain('hello');
  expect(each).toBeLessThan(34_000);
});
