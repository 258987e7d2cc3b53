import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attempt, exchange } from '../ledger/support/exchange-samples.ts';
import { freePort, runCli, type TestHome } from '../support/cli.ts';
import { home, widest } from '../support/home.ts';
import { inKeychain, realKeychain, withKeychain } from '../support/keyring.ts';
import { ledgerHome } from './support/ledger-home.ts';

/** One secret for each place where one may lie; each is told apart by its middle. */
const secret = (place: string): string => `sk-proj-${place}PLANTED${'x'.repeat(20)}`;
const TOKEN = `uno-${'q'.repeat(26)}`;
const OLD_TOKEN = `uno-${'z'.repeat(26)}`;

const CONFIG = `# ${secret('comment')}
network: { proxy: "http://ann:${secret('proxy')}@127.0.0.1:9" }
providers:
  acme:
    url: https://acme.example/v1
    protocol: openai-chat
    headers: { x-team: header-PLANTED-value, authorization: "Bearer bearerPLANTEDtoken" }
routes:
  - { name: long, when: { input: "> 180k" }, to: acme/big }
`;

const ENV = {
  UNOROUTER_ACME_API_KEY: 'acmePLANTEDkeywithoutprefix',
  OPENAI_API_KEY: secret('variable'),
  UNOROUTER_TOKEN: TOKEN,
  SOME_PASSWORD: 'passwordPLANTED',
};

function plant(at: TestHome): void {
  at.writeConfig(CONFIG);
  mkdirSync(join(at.dir, 'state', 'crash'), { recursive: true, mode: 0o700 });
  writeFileSync(
    join(at.dir, 'state', 'crash', '2026-11-22T14-05-00.txt'),
    `unorouter 0.1.0\nTypeError: x is not a function\n    at f (${at.dir}/src/x.js:1:1)\n${secret('crash')} ${OLD_TOKEN} ${ENV.SOME_PASSWORD}\n`,
    { mode: 0o600 },
  );
}

/** Nothing that was planted is in a text, nor the home directory. */
function expectClean(text: string, at: TestHome): void {
  expect(text).not.toContain('PLANTED');
  expect(text).not.toMatch(/uno-[a-z2-7]{26}/);
  expect(text).not.toContain(at.dir);
}

describe('doctor --bug-report', () => {
  it('tells versions, configuration, checks, last errors and the last crash, without any secret or prompt', async () => {
    const { home: at } = await ledgerHome([
      exchange('01K5AAAAAAAAAAAAAA00ERRORS', {
        time: Date.UTC(2026, 10, 22, 14),
        asked: `gpt-5-${ENV.OPENAI_API_KEY}`,
        status: 502,
        outcome: 'error',
        errorCode: 'upstream_malformed',
        errorMessage: 'you said: PLANTED prompt of mine',
        attempts: [attempt(1, { provider: 'openai', status: 502, message: 'PLANTED answer' })],
      }),
    ]);
    plant(at);
    const { code, stdout, stderr } = await runCli(at, ['doctor', '--bug-report', '--offline'], { env: ENV });
    expect(code).toBe(0);
    expectClean(stdout + stderr, at);
    expect(stdout).toMatch(/^versions\n {2}unorouter \d+\.\d+\.\d+, Node v2\d/);
    expect(stdout).toMatch(/set: .*UNOROUTER_ACME_API_KEY.*UNOROUTER_TOKEN/);
    expect(stdout).toContain('"x-team": "…"');
    expect(stdout).toContain('"url": "https://acme.example/v1"');
    expect(stdout).toContain('"input": "> 180k"');
    expect(stdout).toMatch(/^ {2}ok {3}node: Node /m);
    expect(stdout).toContain('2026-11-22T14:00:00.000Z openai-');
    expect(stdout).toContain('upstream_malformed · openai 502');
    expect(stdout).toContain('TypeError: x is not a function');
    expect(stdout).toContain('at f (~/src/x.js:1:1)');
    expect(stderr).toContain('Read it all the same');
  });

  it('is the same for programs with --json, and takes only crashes of ours', async () => {
    const at = home();
    plant(at);
    const args = ['doctor', '--bug-report', join(at.dir, 'state', 'crash', '2026-11-22T14-05-00.txt')];
    const { stdout } = await runCli(at, [...args, '--offline', '--json'], { env: ENV });
    expectClean(stdout, at);
    expect(Object.keys(JSON.parse(stdout)).sort()).toEqual(
      ['checks', 'configuration', 'crash', 'errors', 'variables', 'versions'].sort(),
    );
    const other = await runCli(at, ['doctor', '--bug-report', at.configFile, '--offline'], { env: ENV });
    expect(other.code).toBe(2);
    expectClean(other.stdout, at);
  });

  it('knows what JSON writes with backslashes, in names and values, and a password with an @ in it', async () => {
    const key = 'acme"PLANTED\\key';
    const at = home();
    at.writeConfig(
      [
        'network:',
        '  proxy: "http://ann:p@PLANTED@127.0.0.1:9"',
        "  ca: 'C:\\Users\\PLANTED\\ca.pem'",
        `aliases: { '${key}': 'acme/${key}' }`,
      ].join('\n'),
    );
    const env = { UNOROUTER_ACME_API_KEY: key, USERPROFILE: 'C:\\Users\\PLANTED' };
    for (const flags of [[], ['--json']]) {
      const { stdout } = await runCli(at, ['doctor', '--bug-report', '--offline', ...flags], { env });
      expectClean(stdout, at);
      expect(stdout).toContain('http://…@127.0.0.1:9');
      expect(stdout).toMatch(/~\\+ca\.pem/);
    }
  });

  it('can be made of a machine where nothing was ever stored, and of a configuration with mistakes', async () => {
    const fresh = await runCli(home(), ['doctor', '--bug-report', '--offline']);
    expect(fresh.code).toBe(0);
    expect(fresh.stdout).toMatch(/\ncrash\n {2}none\n$/);
    const at = home(`default: [\n  ${secret('broken')}\n`);
    const broken = await runCli(at, ['doctor', '--bug-report', '--offline'], { env: ENV });
    expectClean(broken.stdout, at);
    expect(broken.stdout).toContain('it cannot be read as YAML');
  });
});

describe.runIf(realKeychain)(`doctor --bug-report ${inKeychain}`, () => {
  it('shows no stored key, wherever its value turns up', async () => {
    const at = home();
    const user = { ...at, env: withKeychain(at) };
    const stored = 'storedPLANTEDkeywithoutprefix';
    const add = ['keys', 'add', 'groq', '--stdin', '--no-test'];
    expect((await runCli(user, add, { input: stored })).code).toBe(0);
    at.writeConfig(`aliases: { fast: "groq/${stored}" }\n`);
    const { stdout } = await runCli(user, ['doctor', '--bug-report', '--offline']);
    expectClean(stdout, at);
    expect(stdout).toContain('"fast"');
  });
});

describe('doctor --fix', () => {
  it('takes a proxy and a file of certificates that are not there out of the configuration', async () => {
    const port = await freePort();
    const at = home(
      `# mine\nnetwork: { proxy: "http://127.0.0.1:${port}", ca: /nowhere/ca.pem }\nserver: { port: ${await freePort()} }\n`,
    );
    const { stdout } = await runCli(at, ['doctor', '--fix', '-y', '--offline']);
    expect(stdout).toContain('network.proxy is no longer set');
    expect(stdout).toContain('network.ca is no longer set');
    const again = await runCli(at, ['doctor', '--offline']);
    expect(again.code).toBe(0);
    expect((await runCli(at, ['config', 'get', 'network.proxy'])).stdout).not.toContain(String(port));
    for (const width of [60, 100])
      expect(
        widest((await runCli(at, ['doctor', '--offline', '--width', String(width)])).stdout),
      ).toBeLessThanOrEqual(width);
  });
});
