import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PivotEvent } from '../src/pivot/index.ts';
import { protocolOf } from '../src/protocols/index.ts';
import { readEvents } from '../src/relay/reading.ts';
import { decodeChunks, decodeFixture, FIXTURES, PROTOCOL_IDS, STREAMS } from './support/fixtures.ts';
import { lifecycleFault } from './support/lifecycle.ts';

function sound(events: PivotEvent[]): void {
  expect(lifecycleFault(events)).toBeNull();
  const reading = readEvents(events);
  expect(Number.isFinite(reading.outputEstimate)).toBe(true);
  for (const [name, count] of Object.entries(reading.usage))
    expect(Number.isFinite(count) && count >= 0, name).toBe(true);
}

/** A fixture's bytes with some of them overwritten, removed or doubled. */
const mutated = fc
  .record({
    fixture: fc.constantFrom(...STREAMS),
    changes: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.integer({ min: 0, max: 30 }),
        insert: fc.oneof(
          fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
          fc
            .constantFrom('null', '{}', '[]', '"', '\n\n', '}', 'data: ', '5', '\r')
            .map((s) => Buffer.from(s)),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ fixture, changes }) => {
    let { bytes } = fixture;
    for (const { at, length, insert } of changes) {
      const from = Math.floor(at * bytes.length);
      bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + length)]);
    }
    return { protocol: fixture.protocol, bytes };
  });

/** JSON of the wire's own shape in which any value may be replaced by one of another type. */
function confused(value: unknown, pick: () => number): unknown {
  const odd = [null, 5, '', 'x', [], {}, [null], { type: 5 }, true, -1e300];
  if (pick() % 9 === 0) return odd[pick() % odd.length];
  if (Array.isArray(value)) return value.map((one) => confused(one, pick));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, confused(one, pick)]));
}

function picker(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

describe('whatever an upstream sends', () => {
  it.each(FIXTURES.map((fixture) => ({ path: fixture.path, fixture })))(
    'has blocks that start and end once: $path',
    ({ fixture }) => sound(decodeFixture(fixture)),
  );

  it('never breaks a decoder: random bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROTOCOL_IDS), fc.uint8Array({ maxLength: 400 }), (id, bytes) =>
        sound(decodeChunks(protocolOf(id), [Buffer.from(bytes)])),
      ),
      { numRuns: 300 },
    );
  });

  it('never breaks a decoder: damaged streams, also in the wrong protocol', () => {
    fc.assert(
      fc.property(mutated, fc.constantFrom(undefined, ...PROTOCOL_IDS), ({ protocol, bytes }, other) =>
        sound(decodeChunks(other ? protocolOf(other) : protocol, [bytes])),
      ),
      { numRuns: 500 },
    );
  });

  it('never breaks a decoder: right JSON with values of wrong types', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FIXTURES), fc.nat(), ({ protocol, stream, bytes }, seed) => {
        const pick = picker(seed);
        if (!stream) {
          sound(protocol.decodeBody(confused(JSON.parse(bytes.toString('utf8')), pick)));
          return;
        }
        const text = bytes.toString('utf8').replace(/^data: ?(\{.*\})\s*$/gm, (line, json: string) => {
          try {
            return `data: ${JSON.stringify(confused(JSON.parse(json), pick))}`;
          } catch {
            return line;
          }
        });
        sound(decodeChunks(protocol, [Buffer.from(text)]));
      }),
      { numRuns: 800 },
    );
  });

  it('never breaks a reader of whole bodies, errors or usage: any JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROTOCOL_IDS), fc.jsonValue(), (id, json) => {
        const protocol = protocolOf(id);
        sound(protocol.decodeBody(json));
        protocol.decodeUsage(json);
        expect(protocol.decodeError(500, JSON.stringify(json)).message).toBeTypeOf('string');
      }),
      { numRuns: 200 },
    );
  });

  it('is read as an error by its status, never as HTML', () => {
    for (const id of PROTOCOL_IDS) {
      for (const body of [
        '',
        '<html><b>502</b></html>',
        '<!DOCTYPE html>',
        'no',
        '[]',
        'null',
        '{"error":null}',
      ]) {
        const { message, status } = protocolOf(id).decodeError(502, body);
        expect(status).toBe(502);
        expect(message).not.toContain('<');
        expect(message).not.toBe('');
      }
    }
  });
});
