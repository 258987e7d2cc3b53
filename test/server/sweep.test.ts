import { expect, it } from 'vitest';
import { startWatched } from '../support/watched-gateway.ts';

it('large bodies do not have the whole heap collected every few requests', async () => {
  const gateway = await startWatched('--trace-gc');
  const content = 'x'.repeat(600_000);
  await gateway.ask(50, content);
  const before = collections(gateway.stdout()).length;
  await gateway.ask(200, content);
  await gateway.stop();
  expect(collections(gateway.stdout()).length - before).toBeLessThan(6);
});

/** Collections of everything, one line each. */
const collections = (log: string): string[] =>
  log.match(/^\[\d+:0x[0-9a-f]+\].*(Mark-Compact|Mark-sweep).*$/gm) ?? [];
