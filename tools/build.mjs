// Bundles src/ into dist/: one entry for the command line, one for the ledger's worker thread; heavy parts become
// chunks that are loaded when first used. `serve`, which shall answer at once, has a file of its own with all that it
// needs. What cannot be bundled (native modules) stays a dependency.
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist`;

/** Functions of packages that take tens of ms to begin with, and that most runs need for nothing: such a package begins when its function is first called. */
const LAZY = { 'string-width': 'default', 'log-update': 'createLogUpdate' };

/** Gives whoever imports such a function one that loads its package when called. */
const lazily = {
  name: 'lazily',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(${Object.keys(LAZY).join('|')})$`) }, ({ path, kind, resolveDir }) =>
      kind === 'import-statement' ? { path, namespace: 'lazy', pluginData: resolveDir } : undefined,
    );
    onLoad({ filter: /./, namespace: 'lazy' }, ({ path, pluginData }) => ({
      contents: `const late = (...given) => require(${JSON.stringify(path)}).${LAZY[path]}(...given); export { late as ${LAZY[path]} };`,
      resolveDir: pluginData,
    }));
  },
};

/** What nobody asks the list of prices. */
const UNASKED = new Set(['description', 'pricing_urls', 'price_comments', 'extractors']);

/** JSON that is parsed when it is needed takes a third of the time of the same as JavaScript. */
const asJson = (data) => `JSON.parse(${JSON.stringify(JSON.stringify(data))})`;
const asked = (key, value) => (UNASKED.has(key) ? undefined : value);

/** Large data as JSON: our own, and the list that the package of prices begins with. */
const dataAsJson = {
  name: 'data-as-json',
  setup({ onLoad }) {
    onLoad({ filter: /\.data\.json$/ }, ({ path }) => ({
      contents: `export default ${asJson(JSON.parse(readFileSync(path, 'utf8')))};`,
    }));
    onLoad({ filter: /genai-prices\/dist\/index\.js$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      const [whole, name, list] = /^const (\w+) = (\[\n.*?\n\])(?=;|,)/s.exec(code) ?? [];
      if (!whole) throw new Error(`${path} does not begin with its list of prices any more`);
      const data = JSON.stringify(new Function(`return ${list}`)(), asked);
      return { contents: `const ${name} = ${asJson(JSON.parse(data))}${code.slice(whole.length)}` };
    });
  },
};

/** In the file of `serve` alone: other commands are not run from it. */
const othersApart = {
  name: 'others-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/commands\// }, ({ path, kind, importer }) =>
      kind === 'dynamic-import' && /cli\/(main|program)\.ts$/.test(importer) && path !== './commands/serve.ts'
        ? { path: './main.js', external: true }
        : undefined,
    );
  },
};

const common = {
  absWorkingDir: root,
  outdir: out,
  bundle: true,
  // The same names and bytes where node_modules is a link to another checkout's.
  preserveSymlinks: true,
  // Its other build cannot be bundled: it loads its parts by names that are made at run time.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  external: ['keytar', '@photostructure/sqlite'],
  // CommonJS packages inside an ESM bundle call require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  chunkNames: 'chunk-[name]-[hash]',
  logLevel: 'warning',
  metafile: true,
};

rmSync(out, { recursive: true, force: true });
const result = await build({
  ...common,
  entryPoints: { main: 'src/cli/main.ts', 'ledger-worker': 'src/ledger/worker.ts' },
  splitting: true,
  plugins: [lazily, dataAsJson],
});
// `serve` once more, whole: reading 70 chunks one by one would take a quarter of the time until it listens.
await build({
  ...common,
  entryPoints: { serve: 'src/cli/main.ts' },
  plugins: [lazily, dataAsJson, othersApart],
});
chmodSync(`${root}bin/unorouter.js`, 0o755);

/** Names of the packages whose code is in the bundle. */
export const bundled = new Set(
  Object.keys(result.metafile.inputs)
    .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1])
    .filter((name) => name !== undefined),
);
