// Before `npm pack` and `npm publish`: the bundle, and the licences of what is bundled into it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './ensure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
ensureInstalled();
const { bundled } = await import('./build.mjs');

/** The licence text of an installed package, whatever its file is called. */
function licenceOf(name) {
  const dir = `${root}node_modules/${name}/`;
  const file = readdirSync(dir).find((entry) => /^licen[cs]e/i.test(entry));
  return file ? readFileSync(dir + file, 'utf8').trim() : '(no licence file in the package)';
}

const packages = [...bundled].sort();
const parts = packages
  .filter((name) => existsSync(`${root}node_modules/${name}/package.json`))
  .map((name) => {
    const manifest = JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8'));
    return `## ${name} ${manifest.version} (${manifest.license})\n\n${licenceOf(name)}\n`;
  });
writeFileSync(`${root}THIRD-PARTY-NOTICES.md`, `# Software bundled into unorouter\n\n${parts.join('\n')}`);
console.log(`THIRD-PARTY-NOTICES.md: ${parts.length} packages`);
