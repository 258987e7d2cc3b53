import { expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../support/cli.ts';
import { CHAT_ANSWER, startFakeUpstream } from '../support/fake-upstream.ts';
import { home } from '../support/home.ts';

const TRACED = 'node=$1; shift; set -- "$node" --trace-gc "$@"';

it('large bodies do not have the whole heap collected every few requests', async () => {
  const upstream = await startFakeUpstream();
  onTestFinished(() => upstream.close());
  upstream.answer({ pieces: [CHAT_ANSWER] });
  const at = home(`providers: { acme: { url: "${upstream.url}/v1", auth: none } }\n`);
  const gateway = await startGateway(at, [], {}, TRACED);
  onTestFinished(async () => void (await gateway.stop()));
  const body = { model: 'acme/m', messages: [{ role: 'user', content: 'x'.repeat(600_000) }] };
  const ask = async (times: number) => {
    for (let i = 0; i < times; i++) await (await gateway.post('/v1/chat/completions', body)).text();
  };
  await ask(50);
  const before = collections(gateway.stdout()).length;
  await ask(200);
  await gateway.stop();
  expect(collections(gateway.stdout()).length - before).toBeLessThan(6);
});

/** Collections of everything, one line each. */
const collections = (log: string): string[] =>
  log.match(/^\[\d+:0x[0-9a-f]+\].*(Mark-Compact|Mark-sweep).*$/gm) ?? [];
