import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkAgents, type Place } from '../../src/agents/index.ts';

const OURS = 'http://127.0.0.1:8667';
let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'unorouter-agents-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function place(env: NodeJS.ProcessEnv = {}): Place {
  return {
    env: { PATH: join(dir, 'bin'), ...env },
    home: join(dir, 'home'),
    cwd: join(dir, 'project'),
    platform: 'linux',
  };
}

function write(path: string, text: string): string {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function claude(env: NodeJS.ProcessEnv = {}) {
  const states = await checkAgents(place(env), [OURS]);
  return states.find(({ id }) => id === 'claude');
}

test('an agent that nobody configured has no pointers', async () => {
  expect(await claude()).toMatchObject({ program: null, pointers: [], connected: null, overriddenBy: null });
});

test('a file with our address connects the agent, whatever name this machine has in it', async () => {
  const file = write(
    'home/.claude/settings.json',
    '{\n  // mine\n  "env": {\n    "ANTHROPIC_BASE_URL": "http://localhost:8667/",\n  },\n}\n',
  );
  expect(await claude()).toMatchObject({
    connected: { file, line: 4, setting: 'env.ANTHROPIC_BASE_URL', ours: true },
    overriddenBy: null,
  });
});

test('a stronger file with another address overrides it, and the place is named', async () => {
  write('home/.claude/settings.json', `{"env":{"ANTHROPIC_BASE_URL":"${OURS}"}}`);
  const file = write(
    'project/.claude/settings.local.json',
    '{\n  "env": {\n    "ANTHROPIC_BASE_URL": "http://127.0.0.1:3456"\n  }\n}\n',
  );
  expect(await claude()).toMatchObject({
    connected: null,
    overriddenBy: { file, line: 3, url: 'http://127.0.0.1:3456' },
  });
});

test('a file that is no JSON is reported, and the rest is read all the same', async () => {
  const file = write('home/.claude/settings.json', '{ "env": ');
  const state = await claude({ ANTHROPIC_BASE_URL: OURS });
  expect(state?.unreadable).toEqual([{ file, why: 'line 1 is not valid JSON' }]);
  expect(state?.connected).toMatchObject({ file: null, setting: '$ANTHROPIC_BASE_URL' });
});
