import { expect, it } from 'vitest';
import { startTestServer } from '../support/server.ts';

it('certificates that nobody checks are warned of, with what to do instead', async () => {
  for (const [value, warned] of [
    ['0', true],
    ['1', false],
  ] as const) {
    const gateway = await startTestServer({ env: { NODE_TLS_REJECT_UNAUTHORIZED: value } });
    const problems = gateway.server.status().problems.join('\n');
    expect(/NODE_TLS_REJECT_UNAUTHORIZED=0 is set.*network\.ca/.test(problems)).toBe(warned);
    await gateway.close();
  }
});
