// `npm run bench`: unorouter with everything on beside raw pipes and other gateways, in one run, in rounds in which another
// one begins each time. Prints ratios; absolute times of one machine mean little.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureInstalled } from '../tools/ensure.mjs';
import { coldStart, commandStart, installs, slowStreams } from './extras.mjs';
import { open, openField, speaks } from './field.mjs';
import { pinned, rssKb, whenInterrupted } from './processes.mjs';
import { profiles } from './profile.mjs';
import { report } from './report.mjs';
import { createResults } from './results.mjs';
import { scale } from './scale.mjs';
import { QUICK_SLOW_JOB, REST_MS, SCENARIOS, SLOW_JOB, SLOW_ROUNDS, WARM_UPS } from './scenarios.mjs';
import { TARGETS } from './targets.mjs';

const HELP = `npm run bench -- [options]
  --rounds N          rounds of every scenario (5; fewer when --minutes are over)
  --only a,b          these targets (and direct): ${TARGETS.map(({ name }) => name).join(' ')}
  --scenarios a,b     these scenarios: ${SCENARIOS.map(({ id }) => id).join(' ')} cold command slow install
  --no-peers          no other gateway: nothing is installed
  --quick             one short round that only has to complete
  --minutes N         nothing new begins after so many minutes (13); Ctrl-C shows what there is by then
  --json FILE         every figure of every round
  --markdown FILE     the tables, as printed
  --profile           instead: where does the time of each scenario go? CPU profiles beside the limit that its target names
                      (--scenarios, and of slow and cold)
  --scale             instead: does a request cost the same with a large ledger, many routes, many models, many streams?
                      (--scenarios ledger,routes,models,streams,growth for some of it)`;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    scenarios: { type: 'string' },
    'no-peers': { type: 'boolean' },
    quick: { type: 'boolean' },
    minutes: { type: 'string', default: '13' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    scale: { type: 'boolean' },
    profile: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
const { quick = false } = options;
const rounds = Number(options.rounds ?? (quick ? 1 : 5));
const listed = (text) => text?.split(',').map((name) => name.trim());
const names = listed(options.only);
const wanted = listed(options.scenarios);
const wants = (id) => !wanted || wanted.includes(id);
const started = performance.now();
const minutes = () => (performance.now() - started) / 60_000;
const results = createResults();
/** Rounds that have ended. */
let done = 0;
const skipped = [];
/** Whether it is too late to begin something; what is left out then is said. */
function over(what) {
  if (minutes() <= Number(options.minutes)) return false;
  const words = `${what}: the time was over.`;
  if (!skipped.includes(words)) skipped.push(words);
  return true;
}
const loads = [loadavg()[0]];

/** A quick run asks little of everything. */
const scaled = (job) =>
  quick
    ? {
        ...job,
        warm: Math.min(job.warm ?? 0, 4),
        count: Math.min(job.count ?? 8, 8),
        ms: Math.min(job.ms ?? 2000, 2000),
      }
    : job;

/** Does a step for one target; what fails is said and leaves that target out of it. */
async function attempt(what, step) {
  try {
    return await step();
  } catch (error) {
    console.error(`${what}: ${error.message}`);
    skipped.push(`Left out: ${what} (${error.message.slice(0, 300)})`);
    return;
  }
}

/** The targets of this run with what was installed for them. */
async function chosen() {
  const all = TARGETS.filter(({ name, peer }) =>
    names ? name === 'direct' || names.includes(name) : !(peer && options['no-peers']),
  );
  const there = [];
  for (const target of all) {
    if (!target.install) there.push({ target });
    else {
      const installed = await attempt(target.name, () => target.install());
      if (installed !== undefined) there.push({ target, installed });
    }
  }
  return there;
}

/** Nobody is asked for a while. */
const rest = () => new Promise((resolve) => setTimeout(resolve, quick ? 500 : REST_MS));

async function warmUp({ target, ask }) {
  for (const wire of ['chat', 'messages'])
    if (speaks(target, wire)) for (const job of WARM_UPS) await ask(scaled({ ...job, wire, warm: 0 }));
}

async function oneRound(round, live) {
  for (const [i, { id, job }] of SCENARIOS.entries()) {
    if (!wants(id)) continue;
    for (let n = 0; n < live.length; n++) {
      const one = live[(n + round * 3 + i) % live.length];
      if (!speaks(one.target, job.wire)) continue;
      results.put(one.target.name, id, round, await one.ask(scaled(job)));
      // Now, not at the end: whoever is asked less than others would have had a rest by then.
      one.afterMb = rssKb(one.pid) / 1000;
    }
  }
}

/** The scenarios on warm processes, in turns. */
async function warmRounds(field, targets) {
  if (!SCENARIOS.some(({ id }) => wants(id))) return;
  const live = [];
  for (const { target, installed } of targets) {
    const one = await attempt(target.name, () => open(field, target, { installed }));
    if (one) live.push({ ...one, idleMb: rssKb(one.pid) / 1000 });
  }
  await rest();
  for (const one of live) one.idleRestedMb = rssKb(one.pid) / 1000;
  for (const one of live) {
    await warmUp(one);
    one.afterMb = rssKb(one.pid) / 1000;
  }
  let longest = 0;
  // Half a round more than the longest so far must fit, and what comes after the rounds needs its minutes, too.
  while (done < rounds && (done === 0 || minutes() + longest * 1.2 < Number(options.minutes) * 0.75)) {
    const began = minutes();
    await oneRound(done, live);
    longest = Math.max(longest, minutes() - began);
    loads.push(loadavg()[0]);
    console.error(`round ${++done} of ${rounds} done, load ${loadavg()[0].toFixed(2)}`);
  }
  await rest();
  for (const { target, pid, idleMb, idleRestedMb, afterMb, stop } of live) {
    const restedMb = rssKb(pid) / 1000;
    if (target.launch) results.put(target.name, 'memory', 0, { idleMb, idleRestedMb, afterMb, restedMb });
    await stop();
  }
}

async function coldRounds(field, targets, count) {
  for (let round = 0; round < count; round++)
    for (const { target, installed } of targets.filter(
      (one) => one.target.launch && !(one.target.slow && round > 0),
    )) {
      if (over('Cold starts')) return;
      const figures = await attempt(`${target.name}, cold start`, () => coldStart(field, target, installed));
      if (figures) results.put(target.name, 'cold', round, figures);
    }
}

function commandRounds(count) {
  for (let round = 0; round < count && !over('The command'); round++) {
    const figures = commandStart();
    const { nodeMs } = figures;
    results.put('unorouter', 'command', round, figures);
    results.put('bare node', 'command', round, { nodeMs, versionMs: nodeMs, helpMs: nodeMs });
  }
}

/** Several of the gateways that are compared: one alone is within its own noise. */
async function slowRounds(field, targets) {
  const job = quick ? QUICK_SLOW_JOB : SLOW_JOB;
  const again = ({ target }) => !target.slow && (target.peer || target.name === 'unorouter');
  for (let round = 0; round < Math.min(rounds, SLOW_ROUNDS); round++)
    for (const { target, installed } of targets.filter((one) => round === 0 || again(one))) {
      if (over('Slow streams')) return;
      const figures = await attempt(`${target.name}, slow streams`, () =>
        slowStreams(field, target, installed, job),
      );
      if (figures) results.put(target.name, 'slow', round, figures);
    }
}

async function installRounds() {
  const found = await attempt('install', () =>
    installs(quick ? 1 : Math.min(rounds, 3), () => over('Installs')),
  );
  for (const [name, list] of Object.entries(found ?? {}))
    for (const [round, figures] of list.entries()) results.put(name, 'install', round, figures);
}

function write(text, figures) {
  console.log(text);
  if (options.markdown) writeFileSync(options.markdown, `${text}\n`);
  if (options.json) writeFileSync(options.json, JSON.stringify(figures, null, 1));
}

function finish(targets) {
  const [{ model: cpu }] = cpus();
  const load = [Math.min(...loads), Math.max(...loads, loadavg()[0])];
  const machine = { node: process.version, cpu, cores: cpus().length, pinned, load, rounds: done };
  machine.seconds = minutes() * 60;
  const text = report({ results, names: targets.map(({ target }) => target.name), machine, skipped });
  write(text, { machine, skipped, results: results.all });
}

/** Ctrl-C shows what there is by then. */
async function profileAll() {
  const found = [];
  const show = () =>
    write(
      found.map(({ text }) => text).join('\n\n'),
      Object.fromEntries(found.map(({ id, figures }) => [id, figures])),
    );
  whenInterrupted(show);
  for await (const one of profiles(await openField(), { wants, quick })) {
    found.push(one);
    console.error(`${one.id} profiled`);
  }
  show();
}

ensureInstalled();
if (options.profile) {
  // It builds for itself, with maps of the sources.
  await profileAll();
  process.exit(0);
}
await import('../tools/build.mjs');
if (options.scale) {
  const { text, figures } = await scale({ rounds, quick, wants });
  write(text, figures);
  process.exit(0);
}
const targets = await chosen();
const field = await openField();
whenInterrupted(() => {
  skipped.push('Interrupted: what had been measured by then.');
  finish(targets);
});
await warmRounds(field, targets);
if (wants('cold')) await coldRounds(field, targets, quick ? 1 : rounds);
if (wants('command')) commandRounds(quick ? 1 : rounds * 2);
if (wants('slow')) await slowRounds(field, targets);
if (wants('install') && !options['no-peers']) await installRounds();
await field.close();
finish(targets);
process.exit(0);
