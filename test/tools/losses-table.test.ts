import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The tool as people run it. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, ['tools/losses-table.mjs', ...args], { cwd: ROOT }, (error, stdout, stderr) =>
      done({ code: error ? 1 : 0, stdout, stderr }),
    );
  });
}

test('the table has a row for every pair of languages, and is the same each time', async () => {
  const [one, two] = await Promise.all([run(), run()]);
  expect(one.stdout.trimEnd().split('\n')).toHaveLength(2 + 12);
  expect(two.stdout).toBe(one.stdout);
});

test('what a request says arrives or is named as a loss', async () => {
  const { stdout, stderr } = await run('--silent');
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n').filter(Boolean)).toEqual([]);
});

test('README.md says what the code loses', async () => {
  const { code, stderr } = await run('--check');
  expect(stderr).toBe('');
  expect(code).toBe(0);
});
