// Files of src/ have at most 300 lines; tables of data are exempt (they are named *.data.* or lie in a data folder).
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAX_LINES = 300;
const DATA = /\.data\.|^src\/catalog\/providers\//;
const root = fileURLToPath(new URL('..', import.meta.url));
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'src/*.ts', 'src/**/*.ts'], {
  cwd: root,
  encoding: 'utf8',
});
const lines = [...new Set(files.split('\n'))]
  .filter((file) => file && existsSync(root + file) && !DATA.test(file))
  .map((file) => ({ file, lines: readFileSync(root + file, 'utf8').split('\n').length - 1 }))
  .sort((a, b) => a.lines - b.lines);
const at = (share) => lines[Math.min(lines.length - 1, Math.floor(lines.length * share))]?.lines ?? 0;
const over = lines.filter((item) => item.lines > MAX_LINES);
console.log(`${lines.length} files: median ${at(0.5)} lines, p90 ${at(0.9)}, longest ${lines.at(-1)?.lines}`);
for (const item of over) console.log(`too long: ${item.file} has ${item.lines} lines (limit ${MAX_LINES})`);
process.exit(over.length > 0 ? 1 : 0);
