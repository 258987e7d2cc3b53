import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../support/cli.ts';
import { CHAT_ANSWER, startFakeUpstream } from '../support/fake-upstream.ts';
import { home } from '../support/home.ts';

const SPY = fileURLToPath(new URL('../support/loaded-at-exit.cjs', import.meta.url));
const SPIED = `node=$1; shift; set -- "$node" --require '${SPY}' "$@"`;
/** Node's fetch, and its HTTP/2: 7 MB and 20 ms together. */
const HEAVY = ['internal/deps/undici/undici', 'internal/http2/core'];

async function loadedBehind(ask: (gateway: Awaited<ReturnType<typeof startGateway>>) => Promise<unknown>) {
  const upstream = await startFakeUpstream();
  onTestFinished(() => upstream.close());
  upstream.answer({ pieces: [CHAT_ANSWER] });
  const at = home(`providers: { acme: { url: "${upstream.url}/v1", auth: none } }\n`);
  const gateway = await startGateway(at, [], {}, SPIED);
  onTestFinished(async () => void (await gateway.stop()));
  await ask(gateway);
  await gateway.stop();
  const [, loaded = ''] = /^loaded: (.*)$/m.exec(gateway.stderr()) ?? [];
  expect(loaded).toContain('NativeModule http');
  return HEAVY.filter((name) => loaded.includes(name));
}

it("proxying needs neither Node's fetch nor its HTTP/2", async () => {
  const body = { model: 'acme/m', messages: [{ role: 'user', content: 'hi' }] };
  const heavy = await loadedBehind(async (gateway) =>
    expect((await gateway.post('/v1/chat/completions', body)).status).toBe(200),
  );
  expect(heavy).toEqual([]);
});

it('what routes our own endpoints brings them along when the first is asked for', async () => {
  const heavy = await loadedBehind((gateway) => fetch(`${gateway.url}/health`).then((one) => one.text()));
  expect(heavy).toEqual(HEAVY);
});
