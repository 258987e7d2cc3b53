import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { abilitiesOf, readVerified, saveVerified, type Verified } from '../../src/verified/index.ts';
import { temporaryHome } from '../support/cli.ts';

const RESULT: Verified = { target: 'acme/m', at: 1, checks: [], abilities: { tools: false } };

test.each([
  '',
  '{',
  'null',
  '7',
  '[null, 7, "x", {}]',
  '[{"target":"acme/m","at":1,"checks":[],"abilities":null}]',
  '[{"target":"acme/m","at":1,"checks":[],"abilities":{"context":"x"}}]',
  '[{"target":"acme/m","at":1,"checks":[{}],"abilities":{}}]',
])('a file that says %j says nothing of any model, and the next result replaces it', (text) => {
  const file = join(temporaryHome().dir, 'state', 'verified.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  expect([...readVerified(file)]).toEqual([]);
  saveVerified(file, RESULT);
  expect([...abilitiesOf(readVerified(file))]).toEqual([['acme/m', { tools: false }]]);
});
