// Bundles src/ into dist/: the command line, whose heavy parts become chunks that are loaded when first used; and as files
// of their own, with all that they need, `serve`, which shall answer at once, and the ledger's worker thread. What cannot
// be bundled (native modules) stays a dependency.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Elsewhere, and with maps of the sources, for the profiles of the bench. */
const { UNOROUTER_BUILD_TO: elsewhere } = process.env;
const out = elsewhere ?? `${root}dist`;

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

/**
 * Nobody asks for HTTP/2 here, but undici and Hono's server name it: Node's would be loaded with every start (2 ms, 1 MB).
 * undici's part begins when it is first called, and Hono's import waits until its module begins.
 */
const http2Late = {
  name: 'http2-late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(\.\/client-h2\.js|(node:)?http2)$/ }, ({ path, kind, namespace, resolveDir }) => {
      if (namespace === 'late' || (kind === 'require-call') !== path.startsWith('.')) return;
      return { path, namespace: 'late', pluginData: resolveDir };
    });
    onLoad({ filter: /./, namespace: 'late' }, ({ path, pluginData }) => ({
      contents: path.startsWith('.')
        ? `module.exports = (...given) => require(${JSON.stringify(path)})(...given);`
        : `module.exports = require('${path}');`,
      resolveDir: pluginData,
    }));
  },
};

/**
 * V8 keeps a file's text as long as its code lives, and takes two bytes for each character of it as soon as one is not
 * Latin-1. esbuild escapes all but what stands in regular expressions.
 */
const escaped = (text) =>
  text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const inAscii = {
  name: 'in-ascii',
  setup({ onEnd }) {
    onEnd(({ outputFiles = [] }) => {
      // What is longer than its map says would be found in the wrong function.
      for (const { path, text } of outputFiles) writeFileSync(path, elsewhere ? text : escaped(text));
    });
  },
};

/** What nobody asks the list of prices. */
const UNASKED = new Set(['description', 'pricing_urls', 'price_comments', 'extractors']);

/** Large data goes into a file of its own: in the bundle its text would stay in memory, twice, as long as the process runs. */
function asJson(name, data) {
  writeFileSync(`${out}/${name}`, escaped(JSON.stringify(data)));
  return `JSON.parse(require('node:fs').readFileSync(new URL('./${name}', import.meta.url), 'utf8'))`;
}
const asked = (key, value) => (UNASKED.has(key) ? undefined : value);

/** Large data as JSON: our own, and the list that the package of prices begins with. */
const dataAsJson = {
  name: 'data-as-json',
  setup({ onLoad }) {
    onLoad({ filter: /\.data\.json$/ }, ({ path }) => ({
      contents: `export default ${asJson(basename(path), JSON.parse(readFileSync(path, 'utf8')))};`,
    }));
    onLoad({ filter: /genai-prices\/dist\/index\.js$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      const [whole, name, list] = /^const (\w+) = (\[\n.*?\n\])(?=;|,)/s.exec(code) ?? [];
      if (!whole) throw new Error(`${path} does not begin with its list of prices any more`);
      const data = JSON.stringify(new Function(`return ${list}`)(), asked);
      const json = asJson('genai-prices.json', JSON.parse(data));
      return { contents: `const ${name} = ${json}${code.slice(whole.length)}` };
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
  sourcemap: elsewhere ? 'external' : false,
  write: false,
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const result = await build({
  ...common,
  entryPoints: { main: 'src/cli/main.ts' },
  splitting: true,
  plugins: [lazily, http2Late, dataAsJson, inAscii],
});
// `serve` once more, whole: reading 70 chunks one by one would take a quarter of the time until it listens.
await build({
  ...common,
  entryPoints: { serve: 'src/cli/main.ts' },
  plugins: [lazily, http2Late, dataAsJson, othersApart, inAscii],
});
// The ledger's thread begins anew behind every pause: one file, read without the loader of modules (31 ms against 45).
await build({
  ...common,
  entryPoints: { 'ledger-worker': 'src/ledger/worker.ts' },
  format: 'cjs',
  banner: {},
  outExtension: { '.js': '.cjs' },
  plugins: [inAscii],
});
chmodSync(`${root}bin/unorouter.js`, 0o755);

/** Names of the packages whose code is in the bundle. */
export const bundled = new Set(
  Object.keys(result.metafile.inputs)
    .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1])
    .filter((name) => name !== undefined),
);
