import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { homePaths, homeRemains, removeRemains, writePrivate } from '../../src/home/index.ts';
import { moveAside } from '../../src/ledger/rescue.ts';
import { home } from '../support/home.ts';

test('whatever has a path of its own in the home is known as ours, so that uninstall leaves none of it', () => {
  const { dir } = home();
  const paths = homePaths({ UNOROUTER_HOME: dir });
  const { stateDir, cacheDir, ...files } = paths;
  for (const path of Object.values(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
  expect(homeRemains(paths, true).sort()).toEqual(Object.values(files).sort());
});

test("what only begins like a name of ours is somebody else's", () => {
  const { dir } = home();
  const paths = homePaths({ UNOROUTER_HOME: dir });
  const theirs = ['runs', 'tokens', 'undone', 'crashes', 'bodies-of-work', 'run.1', 'ledger.txt'];
  for (const name of theirs) mkdirSync(join(paths.stateDir, name), { recursive: true });
  for (const name of ['token.txt', 'ledger.xlsx', 'budget-raises.json.orig', 'a.tmp'])
    writeFileSync(join(paths.stateDir, name), '');
  expect(homeRemains(paths, true)).toEqual([]);
});

test('side files, a ledger that was put aside and what killed processes have left go with the rest', () => {
  const { dir } = home();
  const paths = homePaths({ UNOROUTER_HOME: dir });
  const { stateDir, ledgerFile, serverFile, statuslineFile, keyIndexFile } = paths;
  mkdirSync(stateDir);
  const ledger = ['', '-wal', '-shm'].map((side) => ledgerFile + side);
  for (const file of ledger) writeFileSync(file, '');
  moveAside(ledgerFile, Date.UTC(2026, 10, 22));
  const left = [`${serverFile}.42`, `${statuslineFile}.42`, `${keyIndexFile}.broken`];
  const others = ['undo', 'run', 'service.log', 'previous-default', '.0123456789ab.tmp'];
  for (const file of [...ledger, ...left, ...others.map((name) => join(stateDir, name))])
    writePrivate(file, '');
  removeRemains(paths, homeRemains(paths, true));
  expect(existsSync(stateDir) ? readdirSync(stateDir) : []).toEqual([]);
});

test('a configuration that the user named stays, also one beside our own files', () => {
  const { dir } = home();
  const configFile = join(dir, 'state', 'mine.yaml');
  const paths = homePaths({ UNOROUTER_HOME: dir, UNOROUTER_CONFIG: configFile });
  mkdirSync(dirname(configFile));
  writeFileSync(configFile, '');
  expect(homeRemains(paths, false)).toEqual([]);
});
