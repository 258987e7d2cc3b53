import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliResult, runCli, type TestHome } from '../support/cli.ts';
import { home, widest } from '../support/home.ts';

const KEYS = {
  openai: 'sk-proj-openai-0123456789',
  anthropic: 'sk-ant-api03-0123456789',
  google: 'AIza-0123456789abcdef',
  groq: 'gsk_0123456789abcdef',
  deepseek: 'sk-deepseek-0123456789',
  openrouter: 'sk-or-v1-0123456789',
};

const FILES: Readonly<Record<string, string>> = {
  '.env': `# mine\nexport OPENAI_API_KEY="${KEYS.openai}" # work\nOTHER=1\n`,
  '.codex/auth.json': JSON.stringify({
    OPENAI_API_KEY: null,
    tokens: { access_token: 'eyJ0123456789abcdef' },
  }),
  '.local/share/opencode/auth.json': JSON.stringify({
    openrouter: { type: 'api', key: KEYS.openrouter },
    anthropic: { type: 'oauth', access: 'sk-ant-oat01-0123456789', refresh: 'sk-ant-ort01-0123456789' },
  }),
  '.aider.conf.yml': `anthropic-api-key: ${KEYS.anthropic}\napi-key:\n  - gemini=${KEYS.google}\n`,
  '.config/io.datasette.llm/keys.json': JSON.stringify({
    '// Note': 'x',
    groq: KEYS.groq,
    anthropic: 'sk-ant-oat01-9876543210',
  }),
  '.claude-code-router/config.json': JSON.stringify({
    Providers: [
      { name: 'deepseek', api_base_url: 'https://api.deepseek.com/chat/completions', api_key: KEYS.deepseek },
      { name: 'groq', api_base_url: 'https://elsewhere.example/v1', api_key: 'sk-elsewhere-0123456789' },
    ],
  }),
};

function machine(files = FILES): TestHome {
  const at = home();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at.dir, name)), { recursive: true });
    writeFileSync(join(at.dir, name), text);
  }
  return at;
}

const importKeys = (at: TestHome, args: string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  runCli(at, ['keys', 'import', '--store', 'file', ...args], { env });
const stored = (at: TestHome): string => readFileSync(join(at.dir, 'state', 'keys.yaml'), 'utf8');

describe('keys import', () => {
  it('shows keys with their places, masked, and takes no login', async () => {
    const at = machine();
    const { code, stdout, stderr } = await importKeys(at, ['--dry-run']);
    expect(code).toBe(0);
    expect(stderr).toContain('Found 6 keys. Nothing is copied until you say so');
    expect(stdout).toMatch(/^openai +sk-proj-…\S+ +\.\/\.env$/m);
    expect(stdout).toMatch(/^openrouter +\S+ +~\/\.local\/share\/opencode\/auth\.json$/m);
    expect(stdout).toMatch(/^google +\S+ +~\/\.aider\.conf\.yml$/m);
    expect(stdout).toMatch(/^deepseek +\S+ +~\/\.claude-code-router\/config\.json$/m);
    for (const key of Object.values(KEYS)) expect(stdout + stderr).not.toContain(key);
    expect(stdout).not.toMatch(/oat|elsewhere|eyJ/);
    expect(() => stored(at)).toThrow('ENOENT');
    expect(widest((await importKeys(at, ['--dry-run', '--width', '60'])).stdout)).toBeLessThanOrEqual(60);
  });

  it('asks, and where nobody can answer it copies nothing', async () => {
    const at = machine();
    const { code, stderr } = await importKeys(at, []);
    expect(code).toBe(2);
    expect(stderr).toContain('unorouter keys import -y');
    expect(() => stored(at)).toThrow('ENOENT');
  });

  it('copies with consent, only those that were named, leaves the places as they are, and knows them afterwards', async () => {
    const at = machine();
    const { code, stdout } = await importKeys(at, ['openai', 'gemini', '-y']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/● Stored in .*keys\.yaml: openai, google\./);
    expect(stored(at)).toContain(KEYS.openai);
    expect(stored(at)).not.toContain(KEYS.anthropic);
    for (const [name, text] of Object.entries(FILES))
      expect(readFileSync(join(at.dir, name), 'utf8')).toBe(text);
    const rows = JSON.parse((await importKeys(at, ['--json=provider,stored,imported', '-y'])).stdout);
    expect(rows).toContainEqual({ provider: 'openai', stored: true, imported: false });
    expect(rows).toContainEqual({ provider: 'groq', stored: true, imported: true });
  });

  it('looks only where it is told to', async () => {
    const at = machine();
    const env = { MISTRAL_API_KEY: 'mistral-0123456789' };
    const rows = JSON.parse(
      (await importKeys(at, ['--from', 'env,llm', '--dry-run', '--json=provider,where'], env)).stdout,
    );
    expect(rows).toEqual([
      { provider: 'mistral', where: '$MISTRAL_API_KEY' },
      { provider: 'groq', where: '~/.config/io.datasette.llm/keys.json' },
    ]);
    expect((await importKeys(at, ['--from', 'cloud'])).code).toBe(2);
  });

  it('says that there is nothing, also among files that are broken', async () => {
    const broken = Object.fromEntries(Object.keys(FILES).map((name) => [name, '{ "broken": [']));
    const { code, stderr } = await importKeys(machine(broken), []);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'No keys found in variables, ./.env or files of agents.\n',
    });
  });
});
