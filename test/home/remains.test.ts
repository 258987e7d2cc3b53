import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { homePaths, homeRemains } from '../../src/home/index.ts';
import { temporaryHome } from '../support/cli.ts';

test('whatever has a path of its own in the home is known as ours, so that uninstall leaves none of it', () => {
  const { dir } = temporaryHome();
  const paths = homePaths({ UNOROUTER_HOME: dir });
  const { stateDir, cacheDir, ...files } = paths;
  for (const path of Object.values(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
  expect(homeRemains(paths, true).sort()).toEqual(Object.values(files).sort());
});
