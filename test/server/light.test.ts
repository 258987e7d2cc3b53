import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startWatched, type WatchedGateway } from '../support/watched-gateway.ts';

const SPY = fileURLToPath(new URL('../support/loaded-at-exit.cjs', import.meta.url));
/** Node's fetch, and its HTTP/2: 7 MB and 20 ms together. */
const HEAVY = ['internal/deps/undici/undici', 'internal/http2/core'];

async function loadedBehind(use: (gateway: WatchedGateway) => Promise<unknown>) {
  const gateway = await startWatched(`--require '${SPY}'`);
  await use(gateway);
  await gateway.stop();
  const [, loaded = ''] = /^loaded: (.*)$/m.exec(gateway.stderr()) ?? [];
  expect(loaded).toContain('NativeModule http');
  return HEAVY.filter((name) => loaded.includes(name));
}

it("proxying needs neither Node's fetch nor its HTTP/2", async () => {
  expect(await loadedBehind((gateway) => gateway.ask(1))).toEqual([]);
});

it('what routes our own endpoints brings them along when the first is asked for', async () => {
  const heavy = await loadedBehind((gateway) => fetch(`${gateway.url}/health`).then((one) => one.text()));
  expect(heavy).toEqual(HEAVY);
});
