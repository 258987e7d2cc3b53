// What this program brings with it.
//
//   node tools/supply.mjs check      counts packages against a cap, licences against a list, install scripts against none
//   node tools/supply.mjs sbom F     a software bill of materials (CycloneDX 1.5) of what is installed or bundled
//   node tools/supply.mjs tarball    packs this checkout and a clean clone of its commit: the same files, byte for byte
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

/** Packages that a user's npm installs, all systems together. */
const MOST_INSTALLED = 8;
/** Packages whose code is in the bundle. */
const MOST_BUNDLED = 45;
const LICENCES = new Set([
  ...['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0', 'Unlicense'],
]);
/** They would compile; their packages bring prebuilt files. What only builds and tests this program is installed without scripts, too. */
const UNRUN_SCRIPTS = new Set(['@github/keytar', '@photostructure/sqlite']);

const nameOf = (path) => path.replace(/^.*node_modules\//, '');
const entries = Object.entries(lock.packages).filter(([path]) => path !== '');
const installed = entries.filter(([, item]) => !item.dev && !item.devOptional);

function say(ok, text) {
  console.log(`${ok ? 'ok ' : 'NOT'} ${text}`);
  return ok;
}

async function check() {
  const { bundled } = await import('./build.mjs');
  const shipped = entries.filter(
    ([path]) => installed.some(([p]) => p === path) || bundled.has(nameOf(path)),
  );
  const odd = shipped.filter(([, item]) => !LICENCES.has(item.license ?? ''));
  const scripts = shipped.filter(
    ([path, item]) => item.hasInstallScript && !UNRUN_SCRIPTS.has(item.name ?? nameOf(path)),
  );
  const loose = entries.filter(([, item]) => !item.integrity && !item.link && !item.inBundle);
  return [
    say(
      installed.length <= MOST_INSTALLED,
      `${installed.length} packages are installed with this one (cap ${MOST_INSTALLED})`,
    ),
    say(bundled.size <= MOST_BUNDLED, `${bundled.size} packages are bundled (cap ${MOST_BUNDLED})`),
    say(
      odd.length === 0,
      `their licences are permissive ${odd.map(([path, item]) => `${nameOf(path)}: ${item.license}`).join(', ')}`,
    ),
    say(
      scripts.length === 0,
      `no unknown install script ${scripts.map(([path]) => nameOf(path)).join(', ')}`,
    ),
    say(
      loose.length === 0,
      `every package of the lockfile has its hash ${loose.map(([path]) => nameOf(path)).join(', ')}`,
    ),
  ].every(Boolean);
}

async function sbom(file) {
  const { bundled } = await import('./build.mjs');
  const text = execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const bill = JSON.parse(text);
  const wanted = new Set([...installed.map(([path]) => nameOf(path)), ...bundled]);
  const kept = bill.components.filter(({ name, group }) => wanted.has(group ? `${group}/${name}` : name));
  const refs = new Set([bill.metadata.component['bom-ref'], ...kept.map((one) => one['bom-ref'])]);
  writeFileSync(
    file,
    `${JSON.stringify(
      {
        ...bill,
        // npm takes the directory's name.
        metadata: { ...bill.metadata, component: { ...bill.metadata.component, name: lock.name } },
        components: kept,
        dependencies: bill.dependencies
          .filter(({ ref }) => refs.has(ref))
          .map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).filter((ref) => refs.has(ref)) })),
      },
      null,
      2,
    )}\n`,
  );
  return say(kept.length > 0, `${file}: ${kept.length} components`);
}

/** Every file of a packed directory with its hash. */
function packed(dir, into) {
  mkdirSync(into);
  execFileSync('npm', ['pack', '--pack-destination', into, '--loglevel=error'], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [tarball] = readdirSync(into);
  execFileSync('tar', ['-xzf', tarball], { cwd: into });
  const files = readdirSync(join(into, 'package'), { recursive: true, withFileTypes: true });
  return new Map(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath ?? entry.path, entry.name);
        return [path.slice(into.length), createHash('sha256').update(readFileSync(path)).digest('hex')];
      }),
  );
}

function tarball() {
  const dir = mkdtempSync(join(tmpdir(), 'unorouter-tarball-'));
  try {
    const clone = join(dir, 'clone');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
    const [ours, clean] = [packed(root, join(dir, 'ours')), packed(clone, join(dir, 'clean'))];
    const names = new Set([...ours.keys(), ...clean.keys()]);
    const differing = [...names].filter((name) => ours.get(name) !== clean.get(name));
    return say(
      differing.length === 0,
      `${names.size} packed files equal those of a clean build of the commit ${differing.join(', ')}`,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const [command, file = 'sbom.cdx.json'] = process.argv.slice(2);
const commands = { check, sbom: () => sbom(file), tarball };
if (!commands[command]) {
  console.error('usage: node tools/supply.mjs check | sbom [file] | tarball');
  process.exit(2);
}
process.exit((await commands[command]()) ? 0 : 1);
