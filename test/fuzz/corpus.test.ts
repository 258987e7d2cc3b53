import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TARGETS } from './targets.ts';

const CORPUS = 'test/fuzz/corpus';
const entries = Object.keys(TARGETS).flatMap((name) =>
  existsSync(`${CORPUS}/${name}`) ? readdirSync(`${CORPUS}/${name}`).map((file) => ({ name, file })) : [],
);

describe('what fuzzing has found before', () => {
  it.each(Object.entries(TARGETS))(
    'does not break %s, nor does what it starts with',
    async (name, target) => {
      for (const seed of target.seeds()) await target.run(seed);
      for (const entry of entries.filter((one) => one.name === name))
        await target.run(readFileSync(`${CORPUS}/${name}/${entry.file}`));
      expect(target.seeds().length).toBeGreaterThan(0);
    },
  );
});
