import { expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../support/cli.ts';
import { CHAT_ANSWER, startFakeUpstream } from '../support/fake-upstream.ts';
import { home } from '../support/home.ts';

const TRACED = 'node=$1; shift; set -- "$node" --trace-wasm-compilation-times "$@"';

it('the parser of answers is compiled once, quickly, and not again while the first requests wait', async () => {
  const upstream = await startFakeUpstream();
  onTestFinished(() => upstream.close());
  upstream.answer({ pieces: [CHAT_ANSWER] });
  const at = home(`providers: { acme: { url: "${upstream.url}/v1", auth: none } }\n`);
  const gateway = await startGateway(at, [], {}, TRACED);
  onTestFinished(async () => void (await gateway.stop()));
  const body = { model: 'acme/m', messages: [{ role: 'user', content: 'hi' }] };
  for (let i = 0; i < 200; i++) await (await gateway.post('/v1/chat/completions', body)).text();
  await gateway.stop();
  expect(gateway.stdout()).toMatch(/using Liftoff/);
  expect(gateway.stdout()).not.toMatch(/using TurboFan/);
});
