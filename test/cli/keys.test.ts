import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CliResult, runCli, type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { filesWith } from '../support/keyring.ts';

const GOOD = 'sk-good-0123456789abcdef';
const BAD = 'sk-bad-0123456789abcdef9999';
const MODELS = { data: [{ id: 'm-1' }, { id: 'm-2' }] };
const REFUSAL = { error: { type: 'authentication_error', message: `invalid key ${BAD}` } };

let upstream: FakeUpstream;
let home: TestHome;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream.close());
beforeEach(() => {
  home = temporaryHome();
  home.writeConfig(`providers:\n  acme: { url: "${upstream.url}/v1" }\n`);
  upstream.seen.length = 0;
  upstream.answer(({ headers }) =>
    headers.authorization === `Bearer ${GOOD}`
      ? { pieces: [JSON.stringify(MODELS)] }
      : { status: 401, pieces: [JSON.stringify(REFUSAL)] },
  );
});
afterEach(() => home.remove());

const keys = (line: string, input?: string, env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  runCli(home, ['keys', ...line.split(' ')], input === undefined ? { env } : { input, env });
const storedKey = (): string => readFileSync(join(home.dir, 'state', 'keys.yaml'), 'utf8');

describe('keys add', () => {
  it('tests the key, stores it where it was told to, and says so', async () => {
    const { code, stdout, stderr } = await keys('add acme --stdin --store file', `  ${GOOD}\n`);
    const file = join(home.dir, 'state', 'keys.yaml');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `● Works: 2 models.\n● Stored as plain text in ${file} (mode 0600): whoever can read your files can read this key.\n`,
    );
    expect(upstream.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /v1/models']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(filesWith(home.dir, GOOD)).toEqual([file]);
  });

  it('takes the key from a variable or a file', async () => {
    const fromEnv = await keys('add acme --from-env MY_KEY --store file', '', { MY_KEY: GOOD });
    expect(fromEnv.code).toBe(0);
    writeFileSync(join(home.dir, 'key.txt'), `${GOOD}\r\n`);
    expect((await keys('add acme --from-file key.txt --store file')).stdout).toContain('Works: 2 models');
  });

  it('keeps the old key when the provider refuses the new one', async () => {
    await keys('add acme --stdin --store file', GOOD);
    const { code, stdout, stderr } = await keys('add acme --stdin --store file', BAD);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toContain('error: acme refused the key sk-…9999');
    expect(stderr).toContain('401 authentication_error: invalid key sk-…9999');
    expect(stderr).toMatch(/the old one stays until the\s+new one works/);
    expect(stderr).not.toContain(BAD);
    expect(storedKey()).toContain(GOOD);
    expect(storedKey()).not.toContain(BAD);
  });

  it('stores nothing when the first key is refused', async () => {
    const { code, stderr } = await keys('add acme --stdin --store file', BAD);
    expect(code).toBe(4);
    expect(stderr).toContain('[key_refused] exit 4');
    expect(filesWith(home.dir, BAD)).toEqual([]);
  });

  it('knows the refusals that do not come as 401', async () => {
    upstream.answer({
      status: 400,
      pieces: [JSON.stringify({ error: { status: 'INVALID_ARGUMENT', message: 'API key not valid.' } })],
    });
    expect((await keys('add acme --stdin --store file', GOOD)).code).toBe(4);
    upstream.answer({ status: 403, pieces: ['{}'] });
    expect((await keys('add acme --stdin --store file', GOOD)).stderr).toContain('--no-test');
  });

  it('stores the key when the provider cannot be reached, and says that it was not tested', async () => {
    upstream.answer({ pieces: [], end: 'reset' });
    const { code, stdout, stderr } = await keys('add acme --stdin --store file', GOOD);
    expect(code).toBe(0);
    expect(stderr).toContain('Could not be tested: ');
    expect(stdout).not.toContain('Works');
    expect(storedKey()).toContain(GOOD);
  });

  it('does not ask the provider with --no-test, nor where everybody may see the list of models', async () => {
    expect((await keys('add acme --stdin --store file --no-test', BAD)).code).toBe(0);
    const open = await keys('add openrouter --stdin --store file', GOOD);
    expect(open.stderr).toContain('Not tested: openrouter cannot be asked without spending');
    expect(upstream.seen).toEqual([]);
  });

  it('refuses keys as arguments, and does not repeat them', async () => {
    const attempts = [
      `add acme ${GOOD}`,
      `add acme --key=${GOOD}`,
      `add acme --api-key ${GOOD}`,
      `add ${GOOD}`,
    ];
    for (const line of attempts) {
      const { code, stdout, stderr } = await keys(`${line} --store file`);
      expect(code).toBe(2);
      expect(stderr).toContain('keys are not accepted as arguments  [secret_in_args] exit 2');
      expect(stdout + stderr).not.toContain(GOOD);
    }
    expect(filesWith(home.dir, GOOD)).toEqual([]);
  });

  it('does not ask where nobody can answer', async () => {
    const { code, stderr } = await keys('add acme --store file', GOOD);
    expect(code).toBe(2);
    expect(stderr).toContain('[no_tty] exit 2');
    expect(stderr).toMatch(/keys add acme --stdin {5}or\s+--from-env KEY/);
  });

  it('refuses texts that are no key', async () => {
    for (const text of ['', ' \n', 'a-key\nanother', 'a key', 'k\u0000ey', 'schlüssel']) {
      const { code, stderr } = await keys('add acme --stdin --store file', text);
      expect(code).toBe(2);
      expect(stderr).toContain('that is no API key: ');
    }
    expect(upstream.seen).toEqual([]);
  });

  it('stops on a machine without a keychain and offers the two choices', async () => {
    const { code, stdout, stderr } = await keys('add acme --stdin', GOOD);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toContain('[no_keychain] exit 4');
    expect(stderr).toContain('export UNOROUTER_ACME_API_KEY=…');
    expect(stderr).toContain('keys add acme --store file');
    expect(filesWith(home.dir, GOOD)).toEqual([]);
    expect(upstream.seen).toEqual([]);
  });

  it('names the provider that was meant', async () => {
    const { code, stderr } = await keys('add antropic --stdin', GOOD);
    expect(code).toBe(9);
    expect(stderr).toContain('did you mean anthropic');
  });

  it('says that a provider without keys needs none', async () => {
    expect((await keys('add ollama --stdin', GOOD)).stderr).toContain('ollama needs no key');
  });

  it('warns when a variable beats what was stored', async () => {
    const env = { UNOROUTER_ACME_API_KEY: BAD };
    const { stderr } = await keys('add acme --stdin --store file', GOOD, env);
    expect(stderr).toContain('$UNOROUTER_ACME_API_KEY is set and wins over the stored key');
  });

  it('does not go on with a broken configuration', async () => {
    home.writeConfig('providers: [');
    expect((await keys('add acme --stdin --store file', GOOD)).code).toBe(3);
  });
});

describe('several keys of one provider', () => {
  it('are stored, listed, tested and removed by their labels', async () => {
    await keys('add acme --stdin --store file', GOOD);
    expect((await keys('add acme --label work --stdin --store file', GOOD)).code).toBe(0);
    const list = await keys('list');
    expect(list.stdout).toMatch(/\nacme +sk-…cdef +keys\.yaml +● ready\n/);
    expect(list.stdout).toMatch(/\nacme \(work\) +sk-…cdef +keys\.yaml +● ready\n/);
    const { stdout } = await keys('test acme --json');
    expect(JSON.parse(stdout).map(({ label, outcome }: Record<string, string>) => [label, outcome])).toEqual([
      ['default', 'works'],
      ['work', 'works'],
    ]);
    expect((await keys('rm acme --label home -y')).stderr).toContain('keys rm acme --label work');
    expect((await keys('rm acme --label work -y')).stdout).toContain('Removed the key for acme (work)');
    expect((await keys('list')).stdout).not.toContain('(work)');
  });

  it('have labels that can stand in file names', async () => {
    const { code, stderr } = await keys('add acme --label A/B --stdin --store file', GOOD);
    expect(code).toBe(2);
    expect(stderr).toContain('--label: lower-case letters');
    expect((await keys(`add acme --label ${GOOD} --stdin --store file`, GOOD)).stderr).not.toContain(GOOD);
  });
});

describe('keys list', () => {
  it('shows keys masked, where they come from, and what is ignored', async () => {
    await keys('add groq --stdin --store file --no-test', GOOD);
    const env = { GROQ_API_KEY: 'gsk_0123456789abcdefqrst', MISTRAL_API_KEY: 'mistral-0123456789abcd' };
    const { code, stdout } = await keys('list', '', env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^PROVIDER +KEY +FROM +STATE\n/);
    expect(stdout).toMatch(/\nmistral +mi…abcd +\$MISTRAL_API_KEY +● ready\n/);
    expect(stdout).toMatch(/\ngroq +sk-…cdef +keys\.yaml +● ready\n/);
    expect(stdout).toContain('! $GROQ_API_KEY is also set (gsk_…qrst) and ignored: the stored key wins.\n');
    for (const secret of [GOOD, ...Object.values(env)]) expect(stdout).not.toContain(secret);
  });

  it.each([60, 100])('fits into %i columns, with every provider', async (width) => {
    await keys('add groq --stdin --store file --no-test', GOOD);
    const env = { GROQ_API_KEY: 'gsk_0123456789abcdefqrst', UNOROUTER_TOGETHERAI_API_KEY: GOOD };
    const { stdout, stderr } = await keys(`list --all --width ${width}`, '', env);
    const lines = (stdout + stderr).split('\n');
    expect(lines.length).toBeGreaterThan(60);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
  });

  it('draws with ASCII signs alone', async () => {
    const { stdout } = await keys('list --all --ascii', '', { GROQ_API_KEY: GOOD });
    expect(stdout).toMatch(/^[\n -~]+$/);
    expect(stdout).toContain('sk-..cdef');
  });

  it('gives an array of objects to programs, never a key', async () => {
    await keys('add acme --stdin --store file', GOOD);
    const { stdout } = await keys('--json');
    expect(JSON.parse(stdout)).toEqual([
      {
        provider: 'acme',
        label: 'default',
        masked: 'sk-…cdef',
        source: 'file',
        where: 'keys.yaml',
        shadowed: [],
        problem: null,
      },
    ]);
    const { stdout: some } = await keys('list --json=provider,problem');
    expect(JSON.parse(some)).toEqual([{ provider: 'acme', problem: null }]);
  });

  it('says of a key that it belongs to another address when the configured one has changed', async () => {
    await keys('add acme --stdin --store file', GOOD);
    home.writeConfig('providers:\n  acme: { url: "https://other.example/v1" }\n');
    const { stdout } = await keys('list');
    expect(stdout).toContain('for another address');
    expect((await keys('test acme')).stderr).toContain('the key for acme belongs to another address');
  });

  it('still shows, and removes, the key of a provider that the configuration no longer has', async () => {
    await keys('add acme --stdin --store file', GOOD);
    home.writeConfig('');
    expect((await keys('list')).stdout).toMatch(/acme .*unknown provider/);
    expect((await keys('rm acme -y')).code).toBe(0);
  });

  it('tells how to begin when there is none', async () => {
    const { code, stdout, stderr } = await keys('list');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('No keys yet.');
  });
});

describe('keys test', () => {
  it('asks every provider that has a key, and fails as the worst of them', async () => {
    home.writeConfig(
      `providers:\n  acme: { url: "${upstream.url}/v1" }\n  other: { url: "${upstream.url}/other/v1" }\n`,
    );
    await keys('add acme --stdin --store file', GOOD);
    expect((await keys('test')).stdout).toMatch(/acme +sk-…cdef +keys\.yaml +● works: 2 models/);
    const env = { UNOROUTER_OTHER_API_KEY: BAD };
    const refused = await keys('test', '', env);
    expect(refused.code).toBe(4);
    expect(refused.stdout).toMatch(
      /other +sk-…9999 .*✗ refused: 401 authentication_error: invalid key sk-…9999/,
    );
    upstream.answer({ status: 500, pieces: ['oops'] });
    const failed = await keys('test --json', '', env);
    expect(failed.code).toBe(7);
    expect(JSON.parse(failed.stdout)).toMatchObject([{ outcome: 'failed' }, { outcome: 'failed' }]);
  });

  it('says of one provider what is wrong, as an error', async () => {
    const refused = await keys('test acme', '', { UNOROUTER_ACME_API_KEY: BAD });
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('acme refused the key sk-…9999  [key_refused] exit 4');
    upstream.answer({ pieces: [], end: 'reset' });
    const unreachable = await keys('test acme', '', { UNOROUTER_ACME_API_KEY: GOOD });
    expect(unreachable.code).toBe(7);
    expect(unreachable.stderr).toContain('[upstream_unreachable] exit 7');
    const none = await keys('test groq');
    expect(none.code).toBe(4);
    expect(none.stderr).toContain('looked in the keychain, $UNOROUTER_GROQ_API_KEY and $GROQ_API_KEY');
  });
});

describe('keys rm', () => {
  it('does not remove without a yes', async () => {
    await keys('add acme --stdin --store file', GOOD);
    const { code, stderr } = await keys('rm acme');
    expect(code).toBe(2);
    expect(stderr).toContain('keys rm acme -y');
    expect(storedKey()).toContain(GOOD);
  });

  it('removes the key from everywhere', async () => {
    await keys('add acme --stdin --store file', GOOD);
    const { code, stdout } = await keys('rm acme -y');
    expect(code).toBe(0);
    expect(stdout).toContain('Removed the key for acme from ');
    expect(filesWith(home.dir, GOOD)).toEqual([]);
    expect((await keys('list --json')).stdout).toBe('[]\n');
  });

  it('says so when there is nothing to remove, or nothing of ours', async () => {
    const none = await keys('rm groq -y');
    expect(none.code).toBe(9);
    const variable = await keys('rm groq -y', '', { GROQ_API_KEY: GOOD });
    expect(variable.code).toBe(9);
    expect(variable.stderr).toContain('unset GROQ_API_KEY');
    expect((await keys('rm nosuch -y')).code).toBe(9);
  });
});

it('does not take a strange word for a command, and does not repeat a key in it', async () => {
  const { code, stderr } = await keys(GOOD);
  expect(code).toBe(2);
  expect(stderr).toContain('unknown command "keys sk-…cdef"');
});
