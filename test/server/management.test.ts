import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let gateway: TestServer;
beforeAll(async () => {
  gateway = await startTestServer({ config: '' });
});
afterAll(() => gateway.close());

const GARBAGE = ['', 'null', '[]', '"now"', '{', '{"before":"yesterday","agent":7,"limitNanoUsd":-1}'];

test.each(['/api/logs/prune', '/api/attach'])(
  'POST %s refuses what it cannot read, and is no bug',
  async (path) => {
    for (const body of GARBAGE) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
      const response = await gateway.fetch(path, init);
      expect(response.status, body).toBe(400);
      expect(await response.json()).toHaveProperty('error');
    }
    expect(gateway.notices).toEqual([]);
  },
);
