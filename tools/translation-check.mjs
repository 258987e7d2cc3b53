// Recorded answers of real providers, asked for in all four client languages, through this gateway: a line a run with
// its counts and the rules that failed; exit 1 when a MUST rule failed. Needs the checker and its recordings
// (`--kit DIR`, default ../shared/kit), which are no part of this project.
//
//   node tools/translation-check.mjs                                     all protocols, all ways to cut the bytes
//   node tools/translation-check.mjs --protocol gemini --split byte      only these
//   node tools/translation-check.mjs --inbound same                      without translations
//   node tools/translation-check.mjs --only groq --verbose               only recordings so named; what failed, in full
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    kit: { type: 'string', default: '../shared/kit' },
    protocol: {
      type: 'string',
      multiple: true,
      default: ['openai-chat', 'openai-responses', 'anthropic', 'gemini'],
    },
    split: { type: 'string', multiple: true, default: ['none', 'random', 'byte', 'evil'] },
    inbound: { type: 'string', default: 'all' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const named = resolve(root, options.kit, 'wire/check.mjs');
if (!existsSync(named)) {
  console.error(`error: no checker at ${named}\n     fix  node tools/translation-check.mjs --kit DIR`);
  process.exit(1);
}
// Through a link the checker would not know that it is the program.
const checker = realpathSync(named);

/** Runs the checker once and reads its report; the output is for humans. */
function check(protocol, split, report) {
  const child = spawn(
    process.execPath,
    [
      ...[checker, '--adapter', join(root, 'tools/wire-adapter.mjs'), '--dir', 'open'],
      ...['--inbound', options.inbound, '--protocol', protocol, '--split', split],
      ...['--seed', options.seed, '--report', report],
      ...(options.only === undefined ? [] : ['--only', options.only]),
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      output += bytes;
    });
  return new Promise((done) => child.once('exit', (code) => done({ code, output })));
}

/** `must text 12, must tool-count 3`, most first. */
function failing(rules) {
  return Object.entries(rules)
    .filter(([rule]) => rule.startsWith('must '))
    .sort(([, a], [, b]) => b - a)
    .map(([rule, count]) => `${rule.slice('must '.length)} ${count}`)
    .join(', ');
}

/** The ways that failed: `openai-chat -> gemini (stream) 3`. */
function ways(by) {
  return Object.entries(by.upstream_x_inbound)
    .filter(([, [, failed]]) => failed > 0)
    .map(([way, [, failed]]) => `${way} ${failed}`)
    .join(', ');
}

function printRun(label, { code, output }, report) {
  if (!existsSync(report)) {
    console.log(`FAIL ${label}: the checker ended with ${code}\n${output.slice(-2000)}`);
    return;
  }
  const { summary, rules, by } = JSON.parse(readFileSync(report, 'utf8'));
  const { checks, failed, warned } = summary;
  const what = failed > 0 ? `: ${failing(rules)}` : '';
  console.log(
    `${failed > 0 ? 'FAIL' : 'PASS'} ${label}: ${checks} checks, ${failed} failed, ${warned} warned${what}`,
  );
  if (failed > 0) console.log(`     ${ways(by)}`);
  if (options.verbose) console.log(output.replace(/^/gm, '     '));
}

const scratch = mkdtempSync(join(tmpdir(), 'unorouter-translation-'));
let failures = 0;
for (const protocol of options.protocol) {
  for (const split of options.split) {
    const report = join(scratch, `${protocol}-${split}.json`);
    const result = await check(protocol, split, report);
    printRun(`${protocol} -> ${options.inbound} (${split})`, result, report);
    // A checker that says nothing has checked nothing.
    if (result.code !== 0 || !existsSync(report)) failures++;
  }
}
rmSync(scratch, { recursive: true, force: true });
process.exit(failures > 0 ? 1 : 0);
