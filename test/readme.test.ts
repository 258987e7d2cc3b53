import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../src/config/index.ts';
import { BIN, freePort, type TestHome, temporaryHome } from './support/cli.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const README = `${root}README.md`;
/** Writes what the program says now into the README. */
const UPDATE = process.env.UNOROUTER_UPDATE_README === '1';
const WIDTH = ['--width', '100'];
const BLOCK = /<!-- block: (\w+) -->\n```(\w+)\n([\s\S]*?)```/g;
const TOKEN = 'uno-2nwqx5k4c7t3mzb6ydh4rfvgpa';

let home: TestHome;
let port: number;
/** What the program said, by block. */
const said = new Map<string, string>();

/** Runs the program under the name that people type. */
function unorouter(args: readonly string[], env: NodeJS.ProcessEnv = {}): ReturnType<typeof spawn> {
  return spawn(process.execPath, [BIN, ...args], {
    env: { ...home.env, UNOROUTER_TOKEN: TOKEN, ...env },
    cwd: home.dir,
  });
}

function outputOf(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = unorouter([...args, ...WIDTH], env);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes) => {
      text += bytes;
    });
  return new Promise((resolve) => child.on('close', () => resolve(text)));
}

async function ask(model: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}.aider.web` },
    body: JSON.stringify({
      model,
      stream: true,
      messages: [{ role: 'user', content: 'How are you today?' }],
    }),
  });
  await response.text();
}

beforeAll(async () => {
  home = temporaryHome();
  port = await freePort();
  const server = unorouter(['serve', '--port', String(port), ...WIDTH]);
  const text = { out: '', err: '' };
  server.stdout?.on('data', (bytes) => {
    text.out += bytes;
  });
  await new Promise<void>((resolve) =>
    server.stderr?.on('data', (bytes) => {
      text.err += bytes;
      if (text.err.includes('Ready.')) resolve();
    }),
  );
  for (const model of ['demo/echo', 'demo/reasoner', 'demo/cached', 'demo/cached', 'demo/flaky', 'gpt-5'])
    await ask(model);
  said.set('banner', text.err);
  said.set('env', await outputOf(['env', '--label', 'aider.web']));
  said.set('setup', await outputOf(['setup', 'codex', '--model', 'gpt-5', '--dry-run']));
  said.set('models', await outputOf(['models', 'info', 'claude-opus-4-5']));
  said.set('logs', await outputOf(['logs']));
  said.set('show', await outputOf(['logs', 'show', '-2']));
  said.set('spend', await outputOf(['spend', '--demo', '--by', 'model']));
  said.set('demo', await outputOf(['demo', '--seconds', '6']));
  said.set('help', await outputOf(['--help']));
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await gone;
  said.set('log', text.out);
  // Routing as the example of a configuration has it, with keys that are never used: nobody is called.
  home.writeConfig(blocks().find(({ name }) => name === 'config')?.text ?? '');
  const keys = { UNOROUTER_ANTHROPIC_API_KEY: 'not-used', UNOROUTER_OPENROUTER_API_KEY: 'not-used' };
  said.set('routes', await outputOf(['routes']));
  const question = ['routes', 'explain', 'claude-opus-4-5', '--agent', 'claude', '--tokens', '120k'];
  said.set('explain', await outputOf(question, keys));
  said.set('budget', await outputOf(['budget']));
}, 90_000);
afterAll(() => home.remove());

/** What is another one on every machine or day: the port, times, ids, spans, dates, versions' ages. */
function constant(text: string): string {
  return text
    .replaceAll(String(port), '8667')
    .replaceAll(TOKEN, 'uno-…')
    .replace(/uno-[a-z2-7]{26}/g, 'uno-…')
    .replace(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, 'ID')
    .replace(/^[0-9a-z]{6}(?= \d\d:)/gm, 'ID....')
    .replace(/show [0-9a-z]{6}\b/g, 'show ID')
    .replace(/\b\d\d:\d\d:\d\d\b/g, 'hh:mm:ss')
    .replace(/ *\d+\.\d+s/g, ' s')
    .replace(/^Time .*$/gm, 'TIMES')
    .replace(/^ +[─├░█┤].*$/gm, 'BAR')
    .replace(/( · )?\d+ tok\/s/g, '')
    .replace(/\bin \d+[dhm] \d+[hms]/g, 'in SPAN')
    .replace(/up in \S+/g, 'up in')
    .replace(/Catalog .*bundled\./g, 'Catalog')
    .replace(/(?<= s) +(\d+|–)(?= \d)/gm, ' tok/s')
    .replace(/ {2,}/g, '  ')
    .replace(/ +$/gm, '');
}

function blocks(): { name: string; kind: string; text: string }[] {
  const found = [...readFileSync(README, 'utf8').matchAll(BLOCK)];
  return found.map(([, name = '', kind = '', text = '']) => ({ name, kind, text }));
}

it.each(blocks())('the README shows what the program says: $name', async ({ name, kind, text }) => {
  if (kind === 'yaml') {
    expect(await parseConfig('config.yaml', text)).toMatchObject({ ok: true, warnings: [] });
    return;
  }
  const [command = '', ...shown] = text.split('\n');
  expect(command).toMatch(/^\$ unorouter /);
  const now = said.get(name) ?? '';
  expect(now, name).not.toBe('');
  if (UPDATE) rewrite(name, `${command}\n${onDefaultPort(now).trimEnd()}\n`);
  else expect(comparable(name, shown.join('\n'))).toBe(comparable(name, now));
});

/** Requests of the demo run beside each other: which one ends first is another one every time. */
function comparable(name: string, text: string): string {
  const plain = constant(text).trim();
  return name === 'demo'
    ? plain
        .replace(/waited.*/g, 'waited')
        .split('\n')
        .sort()
        .join('\n')
    : plain;
}

/** The default port has four digits: what stands in columns behind it moves. */
function onDefaultPort(text: string): string {
  const moved = ' '.repeat(String(port).length - 4);
  return text.replaceAll(
    new RegExp(`:${port}(/v1)?( {2,})?`, 'g'),
    (_all, path = '', gap = '') => `:8667${path}${gap === '' ? '' : gap + moved}`,
  );
}

function rewrite(name: string, text: string): void {
  const readme = readFileSync(README, 'utf8');
  const block = new RegExp(`(<!-- block: ${name} -->\\n\`\`\`console\\n)[\\s\\S]*?(\`\`\`)`);
  writeFileSync(
    README,
    readme.replace(block, (_all, head: string, tail: string) => head + text + tail),
  );
}
