import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeychain } from '../../src/keys/keychain.ts';
import { type Gateway, runCli, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';

const KEY = 'sk-proc-0123456789abcdefghijKLMN';
const onLinux = existsSync('/proc/self/cmdline');

let home: TestHome;
let upstream: FakeUpstream;
let gateway: Gateway | undefined;
beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
  upstream.answer({
    pieces: [
      JSON.stringify({
        id: 'c1',
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content: KEY }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 1 },
      }),
    ],
  });
  home.writeConfig(`providers:\n  acme: { url: ${upstream.url}, protocol: openai-chat }\n`);
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  await upstream.close();
  home.remove();
});

/** What any other program of this user can read of every process: arguments and environments. */
function visible(): { pid: string; what: string; text: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) =>
      ['cmdline', 'environ'].flatMap((what) => {
        try {
          return [{ pid, what, text: readFileSync(`/proc/${pid}/${what}`, 'latin1') }];
        } catch {
          // It has ended, or is somebody else's.
          return [];
        }
      }),
    );
}

/** Every file below a directory. */
function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(dir, entry.name)) : [join(dir, entry.name)],
  );
}

describe.runIf(onLinux)('what other programs can see of this one', () => {
  it('is no key: not in arguments or environments of any process, and in no file but the one that was asked for', async () => {
    const stored = await runCli(home, ['keys', 'add', 'acme', '--stdin', '--store', 'file', '--no-test'], {
      input: KEY,
    });
    expect(stored.code).toBe(0);
    gateway = await startGateway(home);
    const asked = gateway.post('/v1/chat/completions', { model: 'acme/tide-1', messages: [] });
    const seen = visible();
    expect((await asked).status).toBe(200);
    expect(upstream.seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    await gateway.cli(['logs', '--json']);
    for (const { pid, what, text } of [...seen, ...visible()]) {
      const own = pid === String(process.pid);
      if (!own && text.includes(KEY)) expect.fail(`the key is in /proc/${pid}/${what}`);
    }
    await gateway.stop();
    const holding = filesBelow(home.dir).filter((file) => readFileSync(file, 'latin1').includes(KEY));
    expect(holding.map((file) => file.split('/').at(-1))).toEqual(['keys.yaml']);
    expect(gateway.stdout() + gateway.stderr()).not.toContain(KEY);
  });

  it('is no local token in arguments', async () => {
    gateway = await startGateway(home);
    for (const { what, text } of visible()) if (what === 'cmdline') expect(text).not.toContain(gateway.token);
  });
});

describe.runIf(onLinux)('the process that asks the keychain', () => {
  it('has an environment of what a keychain needs, and nothing else', async () => {
    const before = new Set(children());
    process.env.ACME_API_KEY = KEY;
    process.env.SOMETHING_ELSE = 'of the user';
    try {
      const keychain = await openKeychain(1_000);
      // Without libsecret its process has ended by now, or is about to.
      const helpers = keychain ? children().filter((pid) => !before.has(pid)) : [];
      for (const pid of helpers) {
        const environ = readFileSync(`/proc/${pid}/environ`, 'latin1');
        expect(environ).not.toContain(KEY);
        expect(environ).not.toContain('SOMETHING_ELSE');
        expect(environ).toContain('PATH=');
      }
      expect(helpers.length).toBe(keychain ? 1 : 0);
      keychain?.close();
    } finally {
      delete process.env.ACME_API_KEY;
      delete process.env.SOMETHING_ELSE;
    }
  });
});

/** Processes that this one has started. */
function children(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(process.pid);
      } catch {
        return false;
      }
    });
}
