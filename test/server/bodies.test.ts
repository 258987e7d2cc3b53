import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { widest } from '../support/home.ts';

const KEY = 'sk-acme-0123456789abcdef';
const STRANGE = 'sk-proj-someoneelse0123456789';
const PIECES = ['data: {"choices":[{"delta":{"content":"Hello', ` ${KEY}`, '"}}]}\n\n', 'data: [DONE]\n\n'];

let home: TestHome;
let upstream: FakeUpstream;
let gateway: Gateway | undefined;
beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
  upstream.answer({ headers: { 'content-type': 'text/event-stream' }, pieces: PIECES });
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  await upstream.close();
  home.remove();
});

async function start(args: string[], config = ''): Promise<Gateway> {
  home.writeConfig(`providers: { acme: { url: "${upstream.url}/v1" } }\n${config}`);
  gateway = await startGateway(home, args, { UNOROUTER_ACME_API_KEY: KEY });
  return gateway;
}

async function ask(to: Gateway, content = `say hello, my key is ${STRANGE}`): Promise<string> {
  const answer = await to.post(
    '/v1/chat/completions',
    { model: 'acme/m', stream: true, messages: [{ role: 'user', content }] },
    { 'x-team': 'core' },
  );
  await answer.text();
  await to.cli(['logs']);
  return answer.headers.get('x-unorouter-id') ?? '';
}

const files = (): string[] => {
  try {
    return readdirSync(join(home.dir, 'state', 'bodies'));
  } catch {
    return [];
  }
};

describe('bodies', () => {
  it('are not kept unless asked for, and logs show says how', async () => {
    const to = await start([]);
    const id = await ask(to);
    expect(files()).toEqual([]);
    expect(to.stderr()).not.toContain('plain text');
    for (const width of ['60', '100'])
      expect((await to.cli(['logs', 'show', id, '--body', '--width', width])).stdout).toMatch(
        /^[Bb]odies +not recorded \(serve --bodies errors\|on\)$/m,
      );
    expect(JSON.parse((await to.cli(['logs', 'show', id, '--body', '--json'])).stdout).bodies).toBeNull();
  });

  it('of every request are kept with "on": privately, without keys and tokens, as they were said', async () => {
    const to = await start(['--bodies', 'on']);
    expect(to.stderr()).toContain('prompts and answers are kept on this disk as plain text');
    const id = await ask(to);
    expect(files()).toEqual([`${id}.json`]);
    const file = join(home.dir, 'state', 'bodies', `${id}.json`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(home.dir, 'state', 'bodies')).mode & 0o777).toBe(0o700);
    const text = readFileSync(file, 'utf8');
    for (const secret of [KEY, STRANGE, to.token]) expect(text).not.toContain(secret);
    const { bodies } = JSON.parse(
      (await to.cli(['logs', 'show', id, '--body', '--headers', '--json'])).stdout,
    );
    expect(bodies.request.text).toContain('say hello, my key is sk-proj-…6789');
    expect(bodies.request.headers).toMatchObject({ authorization: '…', 'x-team': 'core' });
    expect(bodies.answer.text).toContain('"content":"Hello sk-…cdef"');
    expect(bodies.answer.text).toContain('data: [DONE]');
    expect(JSON.parse((await to.cli(['status', '--json'])).stdout).bodies).toBe('on');
  });

  it('are shown with headers at any width, safely', async () => {
    const to = await start(['--bodies', 'on']);
    const id = await ask(to, 'a\u001b[31mred one that is so long that it does not fit into sixty columns');
    const plain = await to.cli(['logs', 'show', id, '--width', '100']);
    expect(plain.stdout).toMatch(/^Bodies +request \d+ B, answer \d+ B {3}unorouter logs show \w+ --body$/m);
    const { stdout } = await to.cli(['logs', 'show', id, '--body', '--headers', '--width', '60']);
    expect(stdout).toMatch(/^Request\n/m);
    expect(stdout).toContain('x-team: core');
    expect(stdout).toContain('"role": "user"');
    expect(stdout).not.toContain('\u001b');
    expect(widest(stdout)).toBeLessThanOrEqual(60);
  });

  it('of failed requests alone are kept with "errors", also of those that nobody was asked for', async () => {
    const to = await start([], 'log: { bodies: errors }\n');
    expect(to.stderr()).toContain('bodies of failed requests are kept');
    await ask(to);
    expect(files()).toEqual([]);
    upstream.answer({ status: 400, pieces: ['{"error":{"message":"no such thing"}}'] });
    const failed = await ask(to);
    const refused = await to.post('/v1/messages', { model: 'nobody-has-it', max_tokens: 1, messages: [] });
    const unserved = refused.headers.get('x-unorouter-id') ?? '';
    await to.cli(['logs']);
    expect(files()).toEqual([`${failed}.json`, `${unserved}.json`].sort());
    const { stdout } = await to.cli(['logs', 'show', unserved, '--body', '--width', '100']);
    expect(stdout).toContain('nobody-has-it');
    expect(stdout).toContain('unknown model');
  });

  it('that are large are cut, and the stream itself is not touched', async () => {
    const long = 'word '.repeat(500_000);
    upstream.answer({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [`data: {"choices":[{"delta":{"content":"${long}"}}]}\n\n`, 'data: [DONE]\n\n'],
    });
    const to = await start(['--bodies', 'on']);
    const answer = await to.post('/v1/chat/completions', {
      model: 'acme/m',
      stream: true,
      messages: [{ role: 'user', content: long }],
    });
    expect(await answer.text()).toContain(long);
    const id = answer.headers.get('x-unorouter-id') ?? '';
    const { bodies } = JSON.parse((await to.cli(['logs', 'show', id, '--body', '--json'])).stdout);
    for (const side of [bodies.request, bodies.answer]) {
      expect(side).toMatchObject({ cut: true });
      expect(side.text.length).toBe(1024 * 1024);
      expect(side.bytes).toBeGreaterThan(2_500_000);
    }
  });

  it('go with logs prune', async () => {
    const to = await start(['--bodies', 'on']);
    await ask(to);
    const old = '01J00000000000000000000000';
    writeFileSync(join(home.dir, 'state', 'bodies', `${old}.json`), '{}');
    await to.cli(['logs', 'prune', '--older-than', '30d', '--yes']);
    expect(files()).toHaveLength(1);
    expect(files()).not.toContain(`${old}.json`);
  });

  it('never take more room than log.max: the oldest go', async () => {
    const to = await start(['--bodies', 'on'], 'log: { max: 2MB }\n');
    const text = 'word '.repeat(150_000);
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) ids.push(await ask(to, text));
    expect(files()).toContain(`${ids.at(-1)}.json`);
    expect(files()).not.toContain(`${ids[0]}.json`);
  });

  it('that cannot be written are said once, and requests go on', async () => {
    const to = await start(['--bodies', 'on']);
    writeFileSync(join(home.dir, 'state', 'bodies'), 'in the way');
    await ask(to);
    await to.says('bodies are not kept');
    await ask(to);
    expect(to.stderr().match(/bodies are not kept/g)).toHaveLength(1);
  });
});
