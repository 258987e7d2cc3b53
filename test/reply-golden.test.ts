import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EncodeContext, Protocol } from '../src/protocols/index.ts';
import { protocolOf } from '../src/protocols/index.ts';
import { decodeFixture, FIXTURES, type Fixture, PROTOCOL_IDS } from './support/fixtures.ts';

const GOLDEN = fileURLToPath(new URL('./golden/replies/', import.meta.url));
/** The only way to change what is expected. Read the difference before it is committed. */
const UPDATE = process.env.UNOROUTER_UPDATE_GOLDEN === '1';
const CONTEXT: EncodeContext = {
  model: 'asked',
  id: 'one',
  created: 1_790_000_000,
  includeUsage: true,
  inputEstimate: 7,
};

/** What answers are made of; oddities of one wire's framing are no matter of whoever reads them on another. */
const KINDS =
  /^(?:text|length|refusal|content-filter|citations|grounding|image|thinking|thinking-redacted|reasoning|tools-parallel|tools-interleaved|tools-custom|error-mid|truncated-tool)$/;

/** Each answer once: as its stream, or whole where there is no stream of it. */
const CASES = FIXTURES.filter(
  ({ name, stream, protocol }) =>
    KINDS.test(name) &&
    (stream ||
      !FIXTURES.some((other) => other.stream && other.name === name && other.protocol.id === protocol.id)),
);

const FORMS: Record<string, (fixture: Fixture, client: Protocol) => string> = {
  sse: (fixture, client) => {
    const encoder = client.createEncoder(CONTEXT);
    return (
      decodeFixture(fixture)
        .map((event) => encoder.push(event))
        .join('') + encoder.end()
    );
  },
  json: (fixture, client) =>
    `${JSON.stringify(client.encodeBody(decodeFixture(fixture), CONTEXT), null, 2)}\n`,
};

const FILES = CASES.flatMap((fixture) =>
  PROTOCOL_IDS.flatMap((client) =>
    Object.entries(FORMS).map(([form, write]) => ({
      file: `${fixture.protocol.id}/${fixture.name}.${client}.${form}`,
      written: () => write(fixture, protocolOf(client)),
    })),
  ),
);

describe('an answer of each kind, as each client reads it', () => {
  it.each(FILES)('$file', ({ file, written }) => {
    const text = written();
    if (UPDATE) {
      mkdirSync(GOLDEN + file.replace(/\/.*/, ''), { recursive: true });
      writeFileSync(GOLDEN + file, text);
    }
    if (!existsSync(GOLDEN + file))
      throw new Error(`no golden file: UNOROUTER_UPDATE_GOLDEN=1 writes ${file}`);
    expect(text).toBe(readFileSync(GOLDEN + file, 'utf8'));
  });

  it('covers text, thinking and parallel calls of every protocol, and no file is left over', () => {
    for (const id of PROTOCOL_IDS) {
      const names = CASES.filter(({ protocol }) => protocol.id === id).map(({ name }) => name);
      expect(names, id).toContain('text');
      expect(
        names.some((name) => name.startsWith('tools-')),
        id,
      ).toBe(true);
      expect(
        names.some((name) => /^(?:thinking|reasoning)$/.test(name)),
        id,
      ).toBe(true);
    }
    const there = PROTOCOL_IDS.flatMap((id) => readdirSync(GOLDEN + id).map((file) => `${id}/${file}`));
    expect(there.sort()).toEqual(FILES.map(({ file }) => file).sort());
  });
});
