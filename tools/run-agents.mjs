// `unorouter run` with real coding agents (those that tools/agents.mjs drives, 1.5 GB, so not part of CI):
//
//   node tools/run-agents.mjs [--kit DIR] [claude codex opencode gemini]
//
// Each agent in a HOME of its own with settings that point elsewhere, first on demo/coder (no key, no network), then on
// a simulated provider whose tool call it must carry out. Checked besides: exit code, its settings files byte for byte,
// the token in no process's arguments, the private server gone, nothing left in the session's directory.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort } from './gateway.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    kit: { type: 'string', default: '../shared/kit/agents' },
    timeout: { type: 'string', default: '120' },
  },
});
const kit = resolve(root, options.kit);
const cache = process.env.AGENT_KIT ?? join(homedir(), '.cache/unorouter-agent-kit');
const node = join(cache, 'inst/node/node_modules/node/bin/node');
if (!existsSync(node) || !existsSync(kit)) {
  console.error(`error: the agents are not installed\n     fix  ${join(kit, 'install.sh')}`);
  process.exit(1);
}

const PROMPT =
  'Use your shell tool to run exactly this command: echo PROXY_TOOL_OK > tool_ran.txt && cat tool_ran.txt   Then report the result in one line.';

/** Arguments for one shot, what the simulator speaks, and settings as a user may have them, pointing elsewhere. */
const AGENTS = {
  claude: {
    args: (prompt) => ['-p', prompt, '--allowedTools', 'Bash'],
    upstream: 'anthropic',
    settings: {
      '.claude/settings.json': '{\n  "env": { "ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "FOO": "1" }\n}\n',
    },
    env: { DISABLE_AUTOUPDATER: '1', DISABLE_TELEMETRY: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
  },
  codex: {
    args: (prompt) => ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', prompt],
    upstream: 'responses',
    settings: {
      '.codex/config.toml':
        '# mine\nmodel = "gpt-5"\nmodel_provider = "other"\n\n[model_providers.other]\nname = "other"\nbase_url = "http://127.0.0.1:9/v1"\n',
    },
    env: {},
  },
  opencode: {
    args: (prompt) => ['run', '--auto', prompt],
    upstream: 'chat',
    settings: {
      '.config/opencode/opencode.json':
        '{\n  // It adds this line by itself where it is missing.\n  "$schema": "https://opencode.ai/config.json",\n  "autoupdate": false\n}\n',
    },
    env: {
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    },
  },
  gemini: {
    args: (prompt) => ['-y', '-p', prompt],
    upstream: 'gemini',
    settings: {
      '.gemini/settings.json':
        '{\n  "security": { "auth": { "selectedType": "oauth-personal" } },\n  "general": { "enableAutoUpdate": false },\n  "privacy": { "usageStatisticsEnabled": false }\n}\n',
    },
    env: { GEMINI_TELEMETRY_ENABLED: 'false', GEMINI_CLI_NO_RELAUNCH: 'true' },
  },
};

/** Where each protocol is served by the simulator, and what we call it. */
const PROTOCOLS = {
  anthropic: ['anthropic-messages', '/v1'],
  responses: ['openai-responses', '/v1'],
  chat: ['openai-chat', '/v1'],
  gemini: ['gemini', '/v1beta'],
};

async function startSimulator(protocol) {
  const port = await freePort();
  const child = spawn(node, [join(kit, 'sim.mjs'), '--port', String(port), '--protocols', protocol], {
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 200; tries++) {
    if ((await fetch(`http://127.0.0.1:${port}/__sim/summary`).catch(() => null))?.ok) break;
    await new Promise((done) => setTimeout(done, 25));
  }
  return { port, stop: () => child.kill() };
}

/** Files of a directory by their bytes. */
const digest = (directory, names) =>
  names
    .map((name) =>
      createHash('sha256')
        .update(readFileSync(join(directory, name)))
        .digest('hex'),
    )
    .join();

const commandLines = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });

/** Runs one agent to its end; what it said, and whether a token was ever seen in the arguments of a process. */
function run(args, { env, cwd, tokenFile }) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(root, 'bin/unorouter.js'), 'run', ...args], {
      env,
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out = { stdout: '', stderr: '', leaked: false, looks: 0 };
    child.stdout.on('data', (bytes) => {
      out.stdout += bytes;
    });
    child.stderr.on('data', (bytes) => {
      out.stderr += bytes;
    });
    const looking = setInterval(() => {
      if (!existsSync(tokenFile)) return;
      out.looks++;
      const token = readFileSync(tokenFile, 'utf8').trim();
      if (commandLines().some((line) => line.includes(token))) out.leaked = true;
    }, 50);
    const limit = setTimeout(() => child.kill('SIGTERM'), Number(options.timeout) * 1000);
    child.on('close', (code) => {
      clearInterval(looking);
      clearTimeout(limit);
      done({ ...out, code });
    });
  });
}

async function one(name, where) {
  const agent = AGENTS[name];
  mkdirSync(join(cache, 'runs'), { recursive: true });
  const dir = mkdtempSync(join(cache, 'runs', `run-${name}-`));
  const [home, cwd, state] = ['home', 'project', 'unorouter'].map((part) => join(dir, part));
  for (const made of [home, cwd, state]) mkdirSync(made);
  const names = Object.keys(agent.settings);
  for (const [file, text] of Object.entries(agent.settings)) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text);
  }
  const simulator = where === 'demo' ? null : await startSimulator(agent.upstream);
  const [protocol, path] = PROTOCOLS[agent.upstream];
  if (simulator)
    writeFileSync(
      join(state, 'config.yaml'),
      `providers:\n  sim: { url: http://127.0.0.1:${simulator.port}${path}, protocol: ${protocol} }\n`,
    );
  const env = {
    PATH: [
      dirname(node),
      ...Object.keys(AGENTS).map((id) => join(cache, 'inst', id, 'node_modules/.bin')),
      '/usr/bin:/bin',
    ].join(':'),
    HOME: home,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    SHELL: '/bin/bash',
    UNOROUTER_HOME: state,
    UNOROUTER_NO_KEYCHAIN: '1',
    UNOROUTER_SIM_API_KEY: 'sim-key-000000',
    // Nothing goes outside: nobody listens there.
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
    ...agent.env,
  };
  const before = digest(home, names);
  const started = performance.now();
  const model = where === 'demo' ? 'demo/coder' : 'sim/sim-model';
  const prompt = where === 'demo' ? 'hello' : PROMPT;
  const result = await run(['--model', model, '--', name, ...agent.args(prompt)], {
    env,
    cwd,
    tokenFile: join(state, 'state/token'),
  });
  simulator?.stop();
  const text = result.stdout + (name === 'codex' ? result.stderr : '');
  const checks = {
    'exit 0': result.code === 0,
    'final text': text.includes(where === 'demo' ? "This is unorouter's demo model" : 'PROXY_FINAL_OK'),
    'tool ran': where === 'demo' || existsSync(join(cwd, 'tool_ran.txt')),
    'settings as before': digest(home, names) === before,
    'token in no arguments': !result.leaked && result.looks > 0,
    'server gone': await gone(join(state, 'state/server.json')),
    'session files gone': filesIn(join(state, 'state/run')).length === 0,
  };
  const failed = Object.keys(checks).filter((check) => !checks[check]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${failed.length === 0 ? 'PASS' : 'FAIL'} ${name} on ${model}: exit ${result.code}, ${seconds} s, ${result.looks} looks at arguments${failed.length > 0 ? `; not: ${failed.join(', ')}` : ''}`,
  );
  if (failed.length > 0) console.log(result.stdout.slice(-1500), result.stderr.slice(-1500));
  rmSync(dir, { recursive: true, force: true });
  return failed.length === 0;
}

async function gone(file) {
  for (let tries = 0; tries < 100 && existsSync(file); tries++)
    await new Promise((done) => setTimeout(done, 50));
  return !existsSync(file);
}

const filesIn = (directory) => (existsSync(directory) ? readdirSync(directory) : []);

let passed = 0;
let all = 0;
for (const where of ['demo', 'simulator'])
  for (const name of wanted.length > 0 ? wanted : Object.keys(AGENTS)) {
    all++;
    if (await one(name, where)) passed++;
  }
console.log(`${passed} of ${all} passed`);
process.exit(passed === all ? 0 : 1);
