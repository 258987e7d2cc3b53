// Black-box attacks from outside against this gateway, on the paths of each protocol, with the token and with --no-auth.
//   node tools/attack.mjs DIR     DIR holds attack.mjs (the checks) and faulty.mjs (a faulty provider)
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, startGateway } from './gateway.mjs';

const kit = resolve(process.argv[2] ?? '../shared/kit');
const SECRET = 'sk-fake-attack-key-1234567890';
const WIRES = [
  { name: 'chat', args: [] },
  { name: 'messages', args: ['--path', '/v1/messages'] },
  { name: 'responses', args: ['--path', '/v1/responses'] },
  // One check asks for a stream by a field and for an end marker; this wire has neither.
  {
    name: 'gemini',
    args: ['--path', '/v1beta/models/faulty%2Fplain:generateContent', '--skip', '^control-stream$'],
  },
];
const RUNS = WIRES.flatMap((wire) => [
  { ...wire, noAuth: false },
  { ...wire, name: `${wire.name}, --no-auth`, noAuth: true },
]);

const exitOf = (child) => new Promise((done) => child.once('exit', done));

async function attack({ name, args, noAuth }) {
  const port = await freePort();
  const upstream = spawn(process.execPath, [join(kit, 'faulty.mjs'), '--port', String(port)], {
    stdio: 'ignore',
  });
  const gateway = await startGateway({
    config: `providers:\n  faulty: { url: http://127.0.0.1:${port}/v1, protocol: [openai-chat, openai-responses, anthropic-messages, gemini] }\n`,
    env: { UNOROUTER_FAULTY_API_KEY: SECRET },
    args: noAuth ? ['--no-auth'] : [],
  });
  // The live log, as somebody would keep it; the banner (stderr) shows the local token on purpose.
  const log = join(tmpdir(), `unorouter-attack-${process.pid}.log`);
  const keep = setInterval(() => writeFileSync(log, gateway.stdout()), 100);
  const checks = spawn(
    process.execPath,
    [
      join(kit, 'attack.mjs'),
      ...['--base', gateway.url, ...(noAuth ? [] : ['--token', gateway.token])],
      ...['--model', 'faulty/fault-ok', '--fault-prefix', 'faulty/fault-', '--secret', SECRET],
      ...['--upstream', `http://127.0.0.1:${port}`, '--pid', String(gateway.pid), '--log-file', log],
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  checks.stdout.on('data', (bytes) => {
    output += bytes;
  });
  const code = await exitOf(checks);
  clearInterval(keep);
  await gateway.stop();
  upstream.kill();
  rmSync(log, { force: true });
  const lines = output.trim().split('\n');
  for (const line of lines) if (line.startsWith('FAIL')) console.log(line);
  console.log(`${name}: ${lines.at(-1)}`);
  return code === 0;
}

const only = process.argv[3];
let allPassed = true;
for (const run of RUNS.filter(({ name }) => only === undefined || name === only))
  allPassed = (await attack(run)) && allPassed;
process.exit(allPassed ? 0 : 1);
