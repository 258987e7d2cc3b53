// `npm run agents`: real coding agents, one shot each, through this gateway against a simulated provider of their own
// protocol. Needs the drivers (`--kit DIR`, default ../shared/kit/agents) and the agents that they install (1.5 GB), so
// it is not part of CI. `npm run agents -- claude codex` runs only those.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startGateway } from './gateway.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const at = args.indexOf('--kit');
const kit = resolve(root, at >= 0 ? args.splice(at, 2)[1] : '../shared/kit/agents');
const node = join(
  process.env.AGENT_KIT ?? join(homedir(), '.cache/unorouter-agent-kit'),
  'inst/node/node_modules/node/bin/node',
);
if (!existsSync(kit) || !existsSync(node)) {
  console.error(`error: the agents are not installed\n     fix  ${join(kit, 'install.sh')}`);
  process.exit(1);
}

/** Agent, the protocol it speaks, our name of that protocol, and where the simulator serves it. */
const RUNS = [
  ['claude', 'anthropic', 'anthropic-messages', '/v1'],
  ['codex', 'responses', 'openai-responses', '/v1'],
  ['opencode', 'chat', 'openai-chat', '/v1'],
  ['opencode', 'responses', 'openai-responses', '/v1'],
  ['opencode', 'anthropic', 'anthropic-messages', '/v1'],
  ['opencode', 'gemini', 'gemini', '/v1beta'],
  ['gemini', 'gemini', 'gemini', '/v1beta'],
  ['sdk-openai-chat', 'chat', 'openai-chat', '/v1'],
  ['sdk-openai-responses', 'responses', 'openai-responses', '/v1'],
  ['sdk-anthropic', 'anthropic', 'anthropic-messages', '/v1'],
  ['sdk-genai', 'gemini', 'gemini', '/v1beta'],
].filter(([agent]) => args.length === 0 || args.includes(agent));

/** Resolves with the simulator's port once it listens. */
function startSimulator(protocol) {
  const child = spawn(node, [join(kit, 'sim.mjs'), '--protocols', protocol], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done) =>
    child.stdout.once('data', (line) => done({ child, port: JSON.parse(String(line)).port })),
  );
}

function drive(agent, protocol, gateway) {
  const child = spawn(node, [
    join(kit, 'drive.mjs'),
    agent,
    ...['--proto', protocol, '--base', gateway.url, '--key', gateway.token],
    ...['--model', 'sim/sim-model', '--small', 'sim/sim-small', '--timeout', '120'],
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      output += bytes;
    });
  return new Promise((done) => child.once('exit', (code) => done({ passed: code === 0, output })));
}

let failures = 0;
for (const [agent, protocol, ours, path] of RUNS) {
  const simulator = await startSimulator(protocol);
  const gateway = await startGateway({
    config: `providers:\n  sim: { url: http://127.0.0.1:${simulator.port}${path}, protocol: ${ours} }\n`,
    env: { UNOROUTER_SIM_API_KEY: 'sim-key-000000' },
    args: ['--log', 'none'],
  });
  const { passed, output } = await drive(agent, protocol, gateway);
  const rows = await gateway.json('logs', '-n', '100');
  const open = rows.filter((row) => row.outcome !== 'ok').length;
  const tokens = rows.reduce((sum, row) => sum + (row.usage.output ?? 0), 0);
  console.log(
    `${passed ? 'PASS' : 'FAIL'} ${agent} (${protocol}): ${rows.length} requests, ${open} not ok, ${tokens} tokens out, agent ${rows[0]?.agent}`,
  );
  if (!passed) {
    failures++;
    console.log(output.slice(-3000));
  }
  await gateway.stop();
  simulator.child.kill();
}
process.exit(failures > 0 ? 1 : 0);
