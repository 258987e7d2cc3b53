import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliResult, runCli, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { json } from '../support/scripted/script.ts';

/** $10 a million tokens of output, and nothing else: an answer costs a tenth of a cent. */
const ANSWER = {
  choices: [{ message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 100 },
};

let home: TestHome;
let upstream: FakeUpstream;
beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
  upstream.answer(json(ANSWER));
  configure('');
});
afterEach(async () => {
  while (existsSync(join(home.dir, 'state', 'server.json')))
    await new Promise((resolve) => setTimeout(resolve, 20));
  home.remove();
  await upstream.close();
});

const configure = (budget: string): void =>
  home.writeConfig(
    [
      'catalog: { refresh: false }',
      `providers: { acme: { url: "${upstream.url}/v1", auth: none } }`,
      'prices: { acme/m: { input: 0, output: 10 } }',
      budget,
    ].join('\n'),
  );

const MESSAGE = JSON.stringify({
  model: 'acme/m',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'hi' }],
});

/** A program that asks so many times, one after the other, and writes down status and text of every answer. */
function asking(times: number): void {
  const bin = join(home.dir, 'bin');
  mkdirSync(bin, { recursive: true });
  const file = join(bin, 'asker');
  writeFileSync(
    file,
    `#!${process.execPath}
const { appendFileSync } = require('node:fs');
(async () => {
  for (let i = 0; i < ${times}; i++) {
    const headers = { authorization: 'Bearer ' + process.env.OPENAI_API_KEY, 'content-type': 'application/json' };
    const answer = await fetch(process.env.OPENAI_BASE_URL + '/chat/completions', { method: 'POST', headers, body: ${JSON.stringify(MESSAGE)} });
    appendFileSync(${JSON.stringify(join(home.dir, 'said'))}, JSON.stringify([answer.status, await answer.text()]) + '\\n');
  }
})();
`,
  );
  chmodSync(file, 0o755);
}

const said = (): [number, string][] =>
  existsSync(join(home.dir, 'said'))
    ? readFileSync(join(home.dir, 'said'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];

/** The one of every server of a test. */
const TOKEN = 'uno-testtesttesttesttesttest';

const run = (...args: string[]): Promise<CliResult> =>
  runCli(home, ['run', ...args], {
    env: { PATH: `${join(home.dir, 'bin')}${delimiter}${process.env.PATH}`, UNOROUTER_TOKEN: TOKEN },
  });

describe('run --budget', () => {
  test('refuses what goes beyond it, in words that name a way on, and the next run begins anew', async () => {
    asking(3);
    expect((await run('--budget', '0.002', '--', 'asker')).code).toBe(0);
    expect(said().map(([status]) => status)).toEqual([200, 200, 400]);
    expect(said()[2]?.[1]).toContain(
      "this run's budget is used up: $0.0020 of $0.0020. Run: unorouter run --budget 0.003 -- asker",
    );
    await run('--budget', '$0.002', '--', 'asker');
    expect(said().map(([status]) => status)).toEqual([200, 200, 400, 200, 200, 400]);
  });

  test('is for that run only: a running server serves everybody else, and nothing of it stays', async () => {
    asking(2);
    const server = await startGateway(home);
    try {
      expect(await run('--budget', '0.001', '--', 'asker')).toMatchObject({ code: 0 });
      expect(said().map(([status]) => status)).toEqual([200, 400]);
      expect((await server.post('/v1/chat/completions', JSON.parse(MESSAGE))).status).toBe(200);
      const { stdout } = await server.cli(['status', '--json=budgets']);
      expect(JSON.parse(stdout).budgets).toEqual([]);
      await run('--', 'asker');
      expect(said().map(([status]) => status)).toEqual([200, 400, 200, 200]);
    } finally {
      await server.stop();
    }
  });

  test('is beside the stored ones: with those used up no agent is started, and that is exit 8', async () => {
    configure('budget: { day: 0.001 }');
    asking(1);
    await run('--budget', '5', '--', 'asker');
    expect(said().map(([status]) => status)).toEqual([200]);
    const { code, stderr } = await run('--budget', '5', '--', 'asker');
    expect(code).toBe(8);
    expect(stderr).toContain("today's budget is used up: $0.0010 of $0.0010");
    expect(stderr).toContain('unorouter budget raise');
    expect(said().length).toBe(1);
  });

  test('a budget of another agent, of a model, or one that only warns starts it all the same', async () => {
    configure(
      'budgets: [{ agent: codex, day: 0 }, { model: x, day: 0 }, { provider: y, day: 0 }, { project: z, day: 0, action: warn }]',
    );
    asking(1);
    expect((await run('--project', 'z', '--', 'asker')).code).toBe(0);
    expect(said().map(([status]) => status)).toEqual([200]);
  });

  test.each(['ten', '-1', '10/day', ''])('%j is no amount for a run', async (amount) => {
    asking(1);
    const { code, stderr } = await run(`--budget=${amount}`, '--', 'asker');
    expect(code).toBe(2);
    expect(stderr).toContain(`"${amount}" is no amount of US dollars for one run`);
    expect(said()).toEqual([]);
  });
});

describe('serve --budget', () => {
  test('holds while it runs, is in the banner and in status, and stands in no file', async () => {
    const before = readFileSync(home.configFile, 'utf8');
    const server = await startGateway(home, ['--budget', '0.001/day']);
    try {
      expect(server.stderr()).toContain('Budget       this server: $0.0010 a day, $0.00 used, then block');
      const ask = async () => {
        const answer = await server.post('/v1/chat/completions', JSON.parse(MESSAGE));
        return [answer.status, await answer.text()] as const;
      };
      expect((await ask())[0]).toBe(200);
      const [status, text] = await ask();
      expect(status).toBe(400);
      expect(text).toContain("today's budget of this server is used up: $0.0010 of $0.0010, resets in");
      expect(text).toContain('Run: unorouter serve --budget 0.0015/day');
      const { stdout } = await server.cli(['status', '--json=budgets']);
      expect(JSON.parse(stdout).budgets).toMatchObject([{ by: 'serve', span: 'day', state: 'reached' }]);
      expect((await server.cli(['status'])).stdout).toContain('of $0.0010');
    } finally {
      await server.stop();
    }
    expect(server.stderr()).toContain('Budget of this server: $0.0010 of $0.0010 today.');
    expect(readFileSync(home.configFile, 'utf8')).toBe(before);
    const next = await startGateway(home);
    expect((await next.post('/v1/chat/completions', JSON.parse(MESSAGE))).status).toBe(200);
    await next.stop();
  });

  test('counts beside stored budgets: whichever is used up first decides', async () => {
    configure('budget: { day: 0.001 }');
    const server = await startGateway(home, ['--budget', '1/week']);
    try {
      await server.post('/v1/chat/completions', JSON.parse(MESSAGE));
      const answer = await server.post('/v1/chat/completions', JSON.parse(MESSAGE));
      expect(await answer.text()).toContain("today's budget is used up");
    } finally {
      await server.stop();
    }
  });

  test('something that is no amount is refused before anything starts', async () => {
    const { code, stderr } = await runCli(home, ['serve', '--budget', 'much']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('"much" is no budget')]);
  });
});
