import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { collect } from '../src/pivot/index.ts';
import { decodeFixture, FIXTURES, PROTOCOL_IDS } from './support/fixtures.ts';

const GOLDEN = fileURLToPath(new URL('./golden/', import.meta.url));
/** The only way to change what is expected. Read the difference before it is committed. */
const UPDATE = process.env.UNOROUTER_UPDATE_GOLDEN === '1';

describe('what each recorded kind of answer means', () => {
  it.each(FIXTURES.map((fixture) => ({ fixture, path: fixture.path })))('$path', ({ fixture, path }) => {
    const file = `${GOLDEN}${path}.events.json`;
    const events = decodeFixture(fixture);
    if (UPDATE) {
      mkdirSync(`${GOLDEN}${fixture.protocol.id}`, { recursive: true });
      writeFileSync(file, `[\n${events.map((event) => `  ${JSON.stringify(event)}`).join(',\n')}\n]\n`);
    }
    if (!existsSync(file))
      throw new Error(`no golden file: UNOROUTER_UPDATE_GOLDEN=1 writes ${path}.events.json`);
    expect(events).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });

  it('has no golden file that nothing is compared with', () => {
    const wanted = FIXTURES.map((fixture) => `${fixture.path}.events.json`).sort();
    const there = PROTOCOL_IDS.flatMap((id) =>
      readdirSync(GOLDEN + id).map((file) => `${id}/${file}`),
    ).sort();
    expect(there).toEqual(wanted);
  });
});

describe('a stream and the whole body of the same answer', () => {
  const pairs = FIXTURES.filter((fixture) => fixture.stream).flatMap((stream) => {
    const whole = FIXTURES.find(
      (one) => !one.stream && one.protocol.id === stream.protocol.id && one.name === stream.name,
    );
    return whole ? [{ path: stream.path, stream, whole }] : [];
  });

  it.each(pairs)('give the same reply: $path', ({ stream, whole }) => {
    const streamed = collect(decodeFixture(stream));
    const body = collect(decodeFixture(whole));
    // Chat streams say nothing of tokens unless they are asked; the word of a finish differs where a stream has none.
    const usage = streamed.usage.input === undefined ? {} : body.usage;
    expect({ ...streamed, rawFinish: null }).toEqual({ ...body, rawFinish: null, usage });
  });

  it('exist for every protocol', () => {
    for (const id of PROTOCOL_IDS)
      expect(pairs.filter((pair) => pair.stream.protocol.id === id).length, id).toBeGreaterThan(3);
  });
});
