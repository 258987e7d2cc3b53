import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  AGENTS,
  type Agent,
  applyChanges,
  applyUndo,
  type Connection,
  type Place,
  planChanges,
  planUndo,
  readJournal,
  replaceToken,
} from '../../src/agents/index.ts';

const TOKEN = `uno-${'a'.repeat(26)}`;
const NEXT_TOKEN = `uno-${'b'.repeat(26)}`;

/** What people have in such files: comments, odd spacing, foreign line ends, values that are ours to replace. */
const MESSES: Readonly<Record<string, readonly string[]>> = {
  json: [
    '{}',
    '{\n\t// mine\n\t"model": "opus", /* and */ "env": {"FOO": "1",},\n}\n',
    '{\r\n    "provider": { "other": { "npm": "x" } },\r\n    "a":[1,2 ,3]\r\n}',
    '{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:3456"},"providers":{},"language_models":{"openai":{}}}\n\n',
  ],
  toml: [
    '# mine\nmodel = "gpt-5"   # best\n\n[tui]\nx = 1\n\n# the end\n',
    'a = 1\r\n[model_providers.other]\r\nname = "o"\r\n',
    '[model_providers.unorouter]\nname = "old"\nbase_url = "http://x"\n\n# next\n[zz]\ny = """\n[not a table]\n"""\n',
    'x = 1',
  ],
  env: [
    '# mine\nexport FOO="a b" # c\n',
    'GEMINI_API_KEY=AIza-old\r\nX=1',
    'OPENAI_API_KEY=old\nA=1\nOPENAI_API_KEY=older\n',
  ],
  yaml: [
    '# mine\nmodel: gpt-5   # best\nread: [a, b]\n',
    'dark-mode: true\r\nopenai-api-base: http://x\r\n',
    '\n# only a comment\n',
  ],
  lines: [],
};

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'unorouter-undo-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const place = (): Place => ({
  env: {},
  home: join(dir, 'home'),
  cwd: join(dir, 'project'),
  platform: 'linux',
});
const state = (): string => join(dir, 'state');

const connection = (token: string, model = 'demo/coder'): Connection => ({
  url: 'http://127.0.0.1:8667',
  token,
  model,
  small: null,
  models: [
    {
      id: model,
      context: 128_000,
      output: 4_096,
      reasoning: true,
      images: true,
      price: { input: 1, output: 4 },
    },
  ],
});

/** The edits of an agent's setup. */
const editsOf = (agent: Agent, token = `${TOKEN}.${agent.id}`, model?: string) =>
  agent.setup?.(connection(token, model), place(), 'user').edits ?? [];

async function setUp(agent: Agent, token?: string, model?: string): Promise<void> {
  const changes = await planChanges(editsOf(agent, token, model));
  applyChanges(state(), { agent: agent.id, scope: 'user', time: 0, changes });
}

async function undo(): Promise<ReturnType<typeof planUndo>> {
  const entries = readJournal(state());
  const steps = await planUndo(entries);
  applyUndo(steps, entries);
  return steps;
}

/** Every file below the home, byte for byte, with its permissions. */
function snapshot(): Record<string, string> {
  const home = place().home;
  if (!existsSync(home)) return {};
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    files.map((name) => {
      const file = join(home, name);
      const stat = statSync(file);
      return [
        name,
        stat.isDirectory()
          ? 'directory'
          : `${(stat.mode & 0o777).toString(8)} ${readFileSync(file, 'base64')}`,
      ];
    }),
  );
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o644);
}

/** Puts one kind of mess into all files of an agent. */
function mess(agent: Agent, at: number): boolean {
  let some = false;
  for (const { file, format } of editsOf(agent)) {
    const text = MESSES[format]?.[at];
    if (text === undefined) continue;
    write(file, text);
    some = true;
  }
  return some;
}

const WITH_FILES = AGENTS.filter((agent) => editsOf({ ...agent }).length > 0 || agent.id === 'claude');

describe.each(WITH_FILES.map((agent) => [agent.id, agent] as const))('%s', (_id, agent) => {
  test('files that were not there are gone again, with the directories made for them', async () => {
    mkdirSync(place().home, { recursive: true });
    await setUp(agent);
    expect(Object.keys(snapshot()).length).toBeGreaterThan(0);
    await undo();
    expect(snapshot()).toEqual({});
  });

  test.each([0, 1, 2, 3])('a file that was there comes back to the byte (%i)', async (at) => {
    if (!mess(agent, at)) return;
    const before = snapshot();
    await setUp(agent);
    expect(snapshot()).not.toEqual(before);
    await undo();
    expect(snapshot()).toEqual(before);
  });

  test('set up twice, with another model the second time, it comes back to the byte', async () => {
    mess(agent, 1);
    const before = snapshot();
    await setUp(agent);
    await setUp(agent, undefined, 'openai/gpt-9');
    await undo();
    expect(snapshot()).toEqual(before);
    expect(readJournal(state())).toEqual([]);
  });

  test('set up with a token that was renewed since, it comes back to the byte', async () => {
    mess(agent, 0);
    const before = snapshot();
    await setUp(agent);
    const rewritten = replaceToken(state(), TOKEN, NEXT_TOKEN);
    const texts = Object.values(snapshot()).map((text) =>
      Buffer.from(text.split(' ')[1] ?? '', 'base64').toString(),
    );
    expect(texts.some((text) => text.includes(TOKEN))).toBe(false);
    // Zed keeps the token elsewhere.
    expect(rewritten).toEqual(agent.id === 'zed' ? [] : [agent.id]);
    await undo();
    expect(snapshot()).toEqual(before);
  });

  test('interrupted after each of its files, it comes back to the byte', async () => {
    const count = editsOf(agent).length;
    for (let written = 0; written <= count; written++) {
      mess(agent, 1);
      const before = snapshot();
      const changes = await planChanges(editsOf(agent));
      // A directory in the place of the next file: the write fails there, as it would on a full disk.
      const blocked = changes[written];
      const plan = blocked
        ? changes.map((one) => (one === blocked ? { ...one, file: `${one.file}/./` } : one))
        : changes;
      const attempt = (): string =>
        applyChanges(state(), { agent: agent.id, scope: 'user', time: 0, changes: plan });
      if (blocked && blocked.before === null) mkdirSync(blocked.file, { recursive: true });
      if (blocked) expect(attempt).toThrow();
      else attempt();
      if (blocked && blocked.before === null) rmSync(blocked.file, { recursive: true, force: true });
      await undo();
      expect(filesOnly(snapshot())).toEqual(filesOnly(before));
      rmSync(place().home, { recursive: true, force: true });
    }
  });

  test('edited since, only what is ours goes, and what was there before us is there again', async () => {
    mess(agent, 3);
    await setUp(agent);
    const edited = editsOf(agent).filter(({ format }) => format !== 'lines');
    for (const { file, format } of edited) {
      const text = readFileSync(file, 'utf8');
      const added = ADDITIONS[format] ?? '';
      writeFileSync(file, format === 'json' ? text.replace('{', `{ ${added}`) : added + text);
    }
    const steps = await undo();
    for (const { file, format } of edited) {
      const text = readFileSync(file, 'utf8');
      expect(text).not.toContain('127.0.0.1:8667');
      expect(text).not.toContain(TOKEN);
      expect(text).toContain(ADDITIONS[format]?.trim());
      expect(steps.find((step) => step.file === file)?.edited).toBe(true);
    }
    expect(snapshotText()).not.toContain(TOKEN);
  });
});

const filesOnly = (all: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter(([, text]) => text !== 'directory'));

const snapshotText = (): string =>
  Object.values(snapshot())
    .map((text) => Buffer.from(text.split(' ')[1] ?? '', 'base64').toString())
    .join('\n');

const ADDITIONS: Readonly<Record<string, string>> = {
  json: '"later": [1, 2],',
  toml: 'later = 1\n',
  env: 'LATER=1\n',
  yaml: 'later: 1\n',
};

test('a value that we replaced is what it was, in a file that was edited since', async () => {
  const claude = AGENTS.find(({ id }) => id === 'claude');
  if (!claude) throw new Error('no claude');
  const file = join(place().home, '.claude', 'settings.json');
  write(file, '{ "env": { "ANTHROPIC_BASE_URL": "http://127.0.0.1:3456" } }\n');
  await setUp(claude);
  writeFileSync(file, readFileSync(file, 'utf8').replace('{', '{ "later": 1,'));
  await undo();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    later: 1,
    env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:3456' },
  });
});

test('a setting that somebody changed to something else is theirs, and stays', async () => {
  const claude = AGENTS.find(({ id }) => id === 'claude');
  if (!claude) throw new Error('no claude');
  const file = join(place().home, '.claude', 'settings.json');
  await setUp(claude);
  writeFileSync(file, readFileSync(file, 'utf8').replace('http://127.0.0.1:8667', 'https://theirs.example'));
  await undo();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    env: { ANTHROPIC_BASE_URL: 'https://theirs.example' },
  });
});

test('a backup is for its owner alone', async () => {
  const codex = AGENTS.find(({ id }) => id === 'codex');
  if (!codex) throw new Error('no codex');
  await setUp(codex);
  const [entry] = readJournal(state());
  const directory = entry?.directory ?? '';
  expect((statSync(directory).mode & 0o777).toString(8)).toBe('700');
  for (const name of readdirSync(directory))
    expect((statSync(join(directory, name)).mode & 0o777).toString(8)).toBe('600');
});
