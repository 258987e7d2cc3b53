// Bundles src/ into dist/: one entry for the command line, one for the ledger's worker thread; heavy parts become
// chunks that are loaded when first used. What cannot be bundled (native modules) stays a dependency.
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist`;

/** Packages that take tens of ms to begin with, and that most runs need for nothing: they begin at their first call. */
const LAZY = /^string-width$/;

/** Gives whoever imports such a package a function that loads it when called. Only for a default export that is a function. */
const lazily = {
  name: 'lazily',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LAZY }, ({ path, kind, resolveDir }) =>
      kind === 'import-statement' ? { path, namespace: 'lazy', pluginData: resolveDir } : undefined,
    );
    onLoad({ filter: LAZY, namespace: 'lazy' }, ({ path, pluginData }) => ({
      contents: `export default (...given) => require(${JSON.stringify(path)}).default(...given);`,
      resolveDir: pluginData,
    }));
  },
};

rmSync(out, { recursive: true, force: true });
const result = await build({
  absWorkingDir: root,
  entryPoints: { main: 'src/cli/main.ts', 'ledger-worker': 'src/ledger/worker.ts' },
  outdir: out,
  bundle: true,
  // The same names and bytes where node_modules is a link to another checkout's.
  preserveSymlinks: true,
  // Its other build cannot be bundled: it loads its parts by names that are made at run time.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  plugins: [lazily],
  external: ['keytar', '@photostructure/sqlite'],
  // CommonJS packages inside an ESM bundle call require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  chunkNames: 'chunk-[name]-[hash]',
  logLevel: 'warning',
  metafile: true,
});
chmodSync(`${root}bin/unorouter.js`, 0o755);

/** Names of the packages whose code is in the bundle. */
export const bundled = new Set(
  Object.keys(result.metafile.inputs)
    .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1])
    .filter((name) => name !== undefined),
);
