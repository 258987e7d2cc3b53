import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchemaJson, configTemplate, DEFAULTS, parseConfig } from '../../src/config/index.ts';

interface Node {
  properties?: Record<string, Node>;
}

/** `server.port` and so on, as far as the schema gives names. */
function namesOf(node: Node): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, inner]) => [
    key,
    ...namesOf(inner).map((name) => `${key}.${name}`),
  ]);
}

const uncommented = (text: string): string => text.replace(/^#(?! |$)/gm, '').replace(/^#(?= {2})/gm, '');

test('the template says nothing as it is', async () => {
  const result = await parseConfig('config.yaml', await configTemplate());
  expect(result).toMatchObject({ ok: true, config: DEFAULTS, warnings: [] });
});

test('the template is valid with every setting uncommented', async () => {
  const text = uncommented(await configTemplate());
  const result = await parseConfig('config.yaml', text);
  expect(result.ok ? [] : result.problems).toEqual([]);
});

test('the template names every setting of the schema', async () => {
  const text = await configTemplate();
  const data = parse(uncommented(text));
  const missing = namesOf(await configSchemaJson()).filter((name) => {
    const value = name.split('.').reduce((at, key) => at?.[key], data);
    // Those that are not applied yet are named in one sentence.
    return value === undefined && !new RegExp(`[ ,]${name.replace('.', '\\.')}[,.]`).test(text);
  });
  expect(missing.filter((name) => !name.startsWith('server.tls.'))).toEqual([]);
});

test('every line of the template fits in 100 columns', async () => {
  const lines = (await configTemplate()).split('\n');
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});

test('the JSON Schema names the settings of the example, and nothing may be added to it', async () => {
  const schema = await configSchemaJson();
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  const example = parse(readFileSync(new URL('./fixtures/example.yaml', import.meta.url), 'utf8'));
  const known = Object.keys((schema as Node).properties ?? {});
  expect(Object.keys(example).filter((key) => !known.includes(key))).toEqual([]);
  expect(schema.additionalProperties).toBe(false);
});
