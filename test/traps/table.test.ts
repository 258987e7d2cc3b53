import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TRAPS } from './table.ts';

const HERE = new URL('.', import.meta.url);

/** The rows that test files of this folder name. */
function tested(): Set<string> {
  const files = readdirSync(HERE).filter((name) => name.endsWith('.test.ts'));
  const sources = files.map((name) => readFileSync(new URL(name, HERE), 'utf8'));
  return new Set(
    sources.flatMap((text) => [...text.matchAll(/\btrap\(\s*'([^']+)'/g)].map(([, id]) => id ?? '')),
  );
}

it('every row of the table of traps has a test of its name', () => {
  const named = tested();
  expect(Object.keys(TRAPS).filter((id) => !named.has(id))).toEqual([]);
});
