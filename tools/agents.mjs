// `npm run agents`: real coding agents, one shot each, through this gateway against a simulated provider. Needs the
// drivers (`--kit DIR`, default ../shared/kit/agents) and the agents that they install (1.5 GB), so it is not part of CI.
//
//   npm run agents                                  each agent against a provider of its own protocol
//   npm run agents -- --matrix                      each agent against each of the four: all but one are translations
//   npm run agents -- --matrix claude codex         only these agents
//   npm run agents -- --matrix --upstream chat      only this provider protocol (chat, responses, anthropic, gemini)
//   ... --thinking --calls 2 --strict               passed on to the simulator: thoughts, tool calls an answer, 400 on what it lints
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startGateway } from './gateway.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    kit: { type: 'string', default: '../shared/kit/agents' },
    matrix: { type: 'boolean', default: false },
    upstream: { type: 'string', multiple: true, default: [] },
    thinking: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    calls: { type: 'string' },
    timeout: { type: 'string', default: '120' },
    verbose: { type: 'boolean', default: false },
  },
});
const kit = resolve(root, options.kit);
const node = join(
  process.env.AGENT_KIT ?? join(homedir(), '.cache/unorouter-agent-kit'),
  'inst/node/node_modules/node/bin/node',
);
if (!existsSync(kit) || !existsSync(node)) {
  console.error(`error: the agents are not installed\n     fix  ${join(kit, 'install.sh')}`);
  process.exit(1);
}

/** What the simulator calls a protocol: our name of it, and where it is served. */
const UPSTREAMS = {
  chat: ['openai-chat', '/v1'],
  responses: ['openai-responses', '/v1'],
  anthropic: ['anthropic-messages', '/v1'],
  gemini: ['gemini', '/v1beta'],
};
/** An agent and a protocol that it speaks. */
const AGENTS = [
  ['claude', 'anthropic'],
  ['codex', 'responses'],
  ['opencode', 'chat'],
  ['opencode', 'responses'],
  ['opencode', 'anthropic'],
  ['opencode', 'gemini'],
  ['gemini', 'gemini'],
  ['sdk-openai-chat', 'chat'],
  ['sdk-openai-responses', 'responses'],
  ['sdk-anthropic', 'anthropic'],
  ['sdk-genai', 'gemini'],
];

const upstreamsFor = (spoken) =>
  (options.matrix ? Object.keys(UPSTREAMS) : [spoken]).filter(
    (upstream) => options.upstream.length === 0 || options.upstream.includes(upstream),
  );
const runs = AGENTS.filter(([agent]) => wanted.length === 0 || wanted.includes(agent)).flatMap(
  ([agent, spoken]) => upstreamsFor(spoken).map((upstream) => ({ agent, spoken, upstream })),
);
if (runs.length === 0) {
  const agents = [...new Set(AGENTS.map(([agent]) => agent))].join(', ');
  console.error(`error: nothing to run\n     fix  agents: ${agents}; --upstream: ${Object.keys(UPSTREAMS)}`);
  process.exit(1);
}

/** Resolves once the simulator listens; it speaks this protocol only. */
function startSimulator(protocol) {
  const more = [
    ...(options.thinking ? ['--thinking'] : []),
    ...(options.strict ? ['--strict'] : []),
    ...(options.calls === undefined ? [] : ['--calls', options.calls]),
  ];
  const child = spawn(node, [join(kit, 'sim.mjs'), '--protocols', protocol, ...more], {
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
    ...['--model', 'sim/sim-model', '--small', 'sim/sim-small', '--timeout', options.timeout],
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      output += bytes;
    });
  return new Promise((done) => child.once('exit', (code) => done({ passed: code === 0, output })));
}

/** What a real provider would have refused in the requests that arrived, once each. */
async function lintOf({ port }) {
  const summary = await (await fetch(`http://127.0.0.1:${port}/__sim/summary`)).json();
  return [...new Set(summary.requests.flatMap((request) => request.lint ?? []))];
}

async function runOne({ agent, spoken, upstream }) {
  const [protocol, path] = UPSTREAMS[upstream];
  const simulator = await startSimulator(upstream);
  const gateway = await startGateway({
    config: `providers:\n  sim: { url: http://127.0.0.1:${simulator.port}${path}, protocol: ${protocol} }\n`,
    env: { UNOROUTER_SIM_API_KEY: 'sim-key-000000' },
    args: ['--log', 'none'],
  });
  const { passed, output } = await drive(agent, spoken, gateway);
  const rows = await gateway.json('logs', '-n', '100');
  const lint = await lintOf(simulator);
  await gateway.stop();
  simulator.child.kill();
  const open = rows.filter((row) => row.outcome !== 'ok').length;
  const tokens = rows.reduce((sum, row) => sum + (row.usage.output ?? 0), 0);
  const way = spoken === upstream ? spoken : `${spoken} -> ${upstream}`;
  console.log(
    `${passed ? 'PASS' : 'FAIL'} ${agent} (${way}): ${rows.length} requests, ${open} not ok, ${tokens} tokens out, ${lint.length} lint, agent ${rows[0]?.agent}`,
  );
  if (options.verbose || (spoken !== upstream && lint.length > 0))
    for (const line of lint.slice(0, 20)) console.log(`     lint ${line}`);
  if (!passed) console.log(output.slice(-3000));
  return passed;
}

const results = new Map();
for (const run of runs) results.set(run, await runOne(run));

if (options.matrix) {
  const names = Object.keys(UPSTREAMS);
  console.log(`\n${'agent (speaks) \\ provider'.padEnd(34)}${names.map((name) => name.padEnd(11)).join('')}`);
  for (const [agent, spoken] of AGENTS) {
    const cells = names.map((upstream) => {
      const run = runs.find((r) => r.agent === agent && r.spoken === spoken && r.upstream === upstream);
      return (run ? (results.get(run) ? 'pass' : 'FAIL') : '-').padEnd(11);
    });
    if (cells.some((text) => !text.startsWith('-')))
      console.log(`${`${agent} (${spoken})`.padEnd(34)}${cells.join('')}`);
  }
}
const failures = [...results.values()].filter((passed) => !passed).length;
console.log(`\n${results.size - failures} of ${results.size} passed`);
process.exit(failures > 0 ? 1 : 0);
