// Coverage-guided fuzzing of what takes bytes from strangers: the request path, the four decoders, the configuration.
//
//   node tools/fuzz.mjs                            ten seconds a target
//   node tools/fuzz.mjs --seconds 600 --target gemini
//
// An input that reaches code no other has reached is kept for this run and changed further; what breaks a promise
// (test/fuzz/targets.ts) is written to test/fuzz/corpus/<target>/, from where `npm test` runs it for ever, and ends with exit 1.
import { createHash, randomInt } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const { values: options } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string' },
  },
});
/** An input that takes longer is a finding too: somebody could send it all day. */
const SLOW_MS = 2_000;
const MAX_INPUT = 64 * 1024;
const BATCH = 64;

/** A small generator (xorshift32), so that a run can be repeated by its seed. */
function createDice(seed) {
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return { below: (n) => Math.floor(next() * n), one: (list) => list[Math.floor(next() * list.length)] };
}

const ODD = [
  ...[
    'null',
    '{}',
    '[]',
    '""',
    '-1',
    '1e308',
    'true',
    '"__proto__"',
    '\\u0000',
    '\n\n',
    '\r\n',
    'data: ',
    '\r',
  ],
  ...[
    'event: ',
    ': ',
    '"',
    '\\',
    '}',
    ']',
    '{"a":',
    ',',
    '99999999999999999999',
    '\u2028',
    '\ufeff',
    '- ',
    '&a ',
    '*a',
  ],
].map((text) => Buffer.from(text));

/** Words of the seeds: names of members, types, events. */
function wordsOf(seeds) {
  const words = new Set();
  for (const seed of seeds)
    for (const [word] of seed.toString('utf8').matchAll(/"?[A-Za-z_][\w./-]{2,40}"?:?/g)) words.add(word);
  return [...words].slice(0, 4_000).map((word) => Buffer.from(word));
}

function createMutator(dice, words) {
  const insert = (at, piece) => (input) => Buffer.concat([input.subarray(0, at), piece, input.subarray(at)]);
  const steps = [
    (input) => insert(dice.below(input.length + 1), dice.one(ODD))(input),
    (input) => (words.length === 0 ? input : insert(dice.below(input.length + 1), dice.one(words))(input)),
    (input) => {
      const from = dice.below(input.length + 1);
      return Buffer.concat([input.subarray(0, from), input.subarray(from + 1 + dice.below(40))]);
    },
    (input) => {
      const copy = Buffer.from(input);
      for (let i = 0; i <= dice.below(4); i++)
        if (copy.length > 0) copy[dice.below(copy.length)] = dice.below(256);
      return copy;
    },
    (input) => {
      const from = dice.below(input.length + 1);
      return insert(dice.below(input.length + 1), input.subarray(from, from + dice.below(400)))(input);
    },
    (input, other) =>
      Buffer.concat([
        input.subarray(0, dice.below(input.length + 1)),
        other.subarray(dice.below(other.length + 1)),
      ]),
    // A value becomes one of another type.
    (input) => {
      const text = input.toString('latin1');
      const values = [...text.matchAll(/:\s*("(?:[^"\\]|\\.)*"|-?\d+|true|false|null)/g)];
      if (values.length === 0) return input;
      const { index, 0: found } = dice.one(values);
      return Buffer.concat([
        ...[input.subarray(0, index + 1), dice.one(ODD), input.subarray(index + found.length)],
      ]);
    },
  ];
  return (input, other) => {
    let changed = input;
    for (let i = 0; i <= dice.below(4); i++) changed = dice.one(steps)(changed, other);
    return changed.subarray(0, MAX_INPUT);
  };
}

/** Counts which parts of the code under test have run at all. */
async function createCoverage(file) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const seen = new Set();
  return {
    /** How many parts ran for the first time since the last look. */
    async fresh() {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const before = seen.size;
      for (const script of result.filter(({ url }) => url === file))
        for (const { ranges } of script.functions)
          for (const { startOffset, endOffset, count } of ranges)
            if (count > 0) seen.add(startOffset * 0x1_0000_0000 + endOffset);
      return seen.size - before;
    },
    size: () => seen.size,
  };
}

async function loadTargets() {
  const dir = mkdtempSync(join(root, 'dist-fuzz-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  const outfile = join(dir, 'targets.mjs');
  await build({
    entryPoints: ['test/fuzz/targets.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['keytar', '@photostructure/sqlite'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const url = pathToFileURL(outfile).href;
  const { TARGETS } = await import(url);
  return { targets: TARGETS, url };
}

function keep(name, input, error) {
  const dir = join('test/fuzz/corpus', name);
  mkdirSync(dir, { recursive: true });
  const file = join(dir, createHash('sha256').update(input).digest('hex').slice(0, 16));
  writeFileSync(file, input);
  console.log(`${name}: BROKEN, kept as ${file}\n${error.stack ?? error}`);
}

async function tryOne(target, input) {
  const started = performance.now();
  await target.run(input);
  const took = performance.now() - started;
  if (took > SLOW_MS) throw new Error(`it took ${Math.round(took)} ms for ${input.length} bytes`);
}

async function fuzz(name, target, coverage, dice, seconds) {
  const dir = join('test/fuzz/corpus', name);
  const kept = existsSync(dir) ? readdirSync(dir).map((file) => readFileSync(join(dir, file))) : [];
  const pool = [...target.seeds(), ...kept];
  const mutate = createMutator(dice, wordsOf(pool));
  const deadline = performance.now() + seconds * 1_000;
  let runs = 0;
  for (const input of pool) await tryOne(target, input);
  await coverage.fresh();
  const seeds = pool.length;
  while (performance.now() < deadline) {
    const batch = Array.from({ length: BATCH }, () => mutate(dice.one(pool), dice.one(pool)));
    for (const input of batch) {
      runs++;
      try {
        await tryOne(target, input);
      } catch (error) {
        keep(name, input, error);
        return false;
      }
    }
    if ((await coverage.fresh()) === 0) continue;
    // Something new ran: the whole batch is worth changing further, and the pool is bounded.
    pool.push(...batch);
    if (pool.length > 4_000) pool.splice(seeds, pool.length - 4_000);
  }
  console.log(
    `${name}: ${runs} inputs in ${seconds} s, ${pool.length - seeds} kept for new code, ${coverage.size()} parts of code reached, none broke it`,
  );
  return true;
}

const { targets, url } = await loadTargets();
const coverage = await createCoverage(url);
const seed = options.seed === undefined ? randomInt(1, 2 ** 31) : Number(options.seed);
const names = options.target ?? Object.keys(targets);
console.log(`seed ${seed}`);
let sound = true;
for (const name of names) {
  if (!targets[name]) {
    console.error(`error: no target ${name}; there are ${Object.keys(targets).join(', ')}`);
    process.exit(2);
  }
  sound = (await fuzz(name, targets[name], coverage, createDice(seed), Number(options.seconds))) && sound;
}
process.exit(sound ? 0 : 1);
