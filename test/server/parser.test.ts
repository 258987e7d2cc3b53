import { expect, it } from 'vitest';
import { startWatched } from '../support/watched-gateway.ts';

it('the parser of answers is compiled once, quickly, and not again while the first requests wait', async () => {
  const gateway = await startWatched('--trace-wasm-compilation-times');
  await gateway.ask(200);
  await gateway.stop();
  expect(gateway.stdout()).toMatch(/using Liftoff/);
  expect(gateway.stdout()).not.toMatch(/using TurboFan/);
});
