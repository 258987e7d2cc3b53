import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOT_YET = 'not translated yet';

/** The tool as people run it. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, ['tools/losses-table.mjs', ...args], { cwd: ROOT }, (error, stdout, stderr) =>
      done({ code: error ? 1 : 0, stdout, stderr }),
    );
  });
}

function readmeHasTable(): boolean {
  try {
    return readFileSync(`${ROOT}README.md`, 'utf8').includes('<!-- losses:begin -->');
  } catch {
    return false;
  }
}

test('the table has a row for every pair of languages, and is the same each time', async (context) => {
  const [one, two] = await Promise.all([run(), run()]);
  context.skip(one.stderr.includes(NOT_YET), 'this tree does not translate');
  expect(one.stdout.trimEnd().split('\n')).toHaveLength(2 + 12);
  expect(two.stdout).toBe(one.stdout);
});

test('what a request says arrives or is named as a loss', async (context) => {
  const { stdout, stderr } = await run('--silent');
  context.skip(stderr.includes(NOT_YET), 'this tree does not translate');
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n').filter(Boolean)).toEqual([]);
});

test.runIf(readmeHasTable())('README.md says what the code loses', async () => {
  const { code, stderr } = await run('--check');
  expect(stderr).toBe('');
  expect(code).toBe(0);
});
