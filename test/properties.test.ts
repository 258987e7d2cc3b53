import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUIRKS } from '../src/catalog/index.ts';
import type { JsonObject, PivotEvent } from '../src/pivot/index.ts';
import { type ProtocolId, protocolOf } from '../src/protocols/index.ts';
import { createFrameParser } from '../src/sse.ts';
import { decodeChunks, decodeFixture, FIXTURES, PROTOCOL_IDS } from './support/fixtures.ts';
import { lifecycleFault } from './support/lifecycle.ts';

/** What holds for every pair of wires, whatever is asked and answered. */

const anyWire = fc.constantFrom(...PROTOCOL_IDS);

/** JSON in which single values are taken away or are of another type. */
function damaged(value: unknown): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom<unknown>(null, 5, '', 'x', [], {}, [null], { type: 5 }, true, -1e300, '\ud800');
  return fc.infiniteStream(fc.record({ hit: fc.integer({ min: 0, max: 30 }), odd })).map((choices) => {
    const damage = (one: unknown): unknown => {
      const choice = choices.next().value;
      if (choice?.hit === 0) return choice.odd;
      if (Array.isArray(one)) return one.map(damage);
      if (typeof one !== 'object' || one === null) return one;
      return Object.fromEntries(Object.entries(one).map(([name, member]) => [name, damage(member)]));
    };
    return damage(value);
  });
}

/** The requests that are kept as examples, one wire's clients each. */
const EXAMPLES = PROTOCOL_IDS.flatMap((client) => {
  const folder = new URL(`./golden/requests/${client}/`, import.meta.url);
  const files = readdirSync(folder).filter((name) => /^[^.]+\.json$/.test(name));
  return files.map((name) => ({ client, json: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) }));
});

const requests = fc
  .constantFrom(...EXAMPLES)
  .chain(({ client, json }) => fc.tuple(fc.constant(client), damaged(json)));

describe('any request of any wire', () => {
  it('is read, and told to every other wire, or is a problem in words: nothing is ever thrown', () => {
    fc.assert(
      fc.property(
        requests,
        anyWire,
        fc.subarray([...QUIRKS]),
        fc.constantFrom(true, false, undefined),
        ([client, json], upstream, quirks, reasons) => {
          const whole = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {};
          const read = protocolOf(client).parseRequest(whole as JsonObject, { model: 'm', stream: true });
          if ('problem' in read) {
            expect(read.problem).toMatch(/\w/);
            return;
          }
          const target = {
            model: 'm',
            provider: 'p',
            quirks: new Set<string>(quirks),
            ...(reasons === undefined ? {} : { reasons }),
          };
          const { body, losses } = protocolOf(upstream).renderRequest(read, target);
          expect(JSON.parse(JSON.stringify(body))).toBeTypeOf('object');
          for (const { what, why } of losses) expect(`${what}${why}`).toMatch(/\w/);
        },
      ),
      { numRuns: 600 },
    );
  });
});

/** Whether a frame ends a stream on its wire, for good or for bad. */
const LAST: Record<ProtocolId, (data: string) => boolean> = {
  'openai-chat': (data) => data === '[DONE]' || 'error' in JSON.parse(data),
  'openai-responses': (data) => /^response\.(?:completed|incomplete|failed)$/.test(JSON.parse(data).type),
  'anthropic-messages': (data) => ['message_stop', 'error'].includes(JSON.parse(data).type),
  gemini: (data) => 'error' in JSON.parse(data) || JSON.parse(data).candidates[0].finishReason !== undefined,
};

function framesOf(text: string): string[] {
  const parser = createFrameParser();
  return [...parser.push(Buffer.from(text)), ...parser.end()].map(({ data }) => data);
}

/** Any answer of any wire, whole or damaged, as its decoder tells it. */
const answers: fc.Arbitrary<PivotEvent[]> = fc.constantFrom(...FIXTURES).chain((fixture) => {
  const { protocol, stream, bytes } = fixture;
  if (!stream) return damaged(JSON.parse(bytes.toString('utf8'))).map((json) => protocol.decodeBody(json));
  const length = fc.integer({ min: 0, max: bytes.length });
  return fc.oneof(
    fc.constant(decodeFixture(fixture)),
    length.map((end) => decodeChunks(protocol, [bytes.subarray(0, end)])),
  );
});

describe('any answer of any wire, told to any client', () => {
  const context = { model: 'm', id: 'i', created: 1, includeUsage: true };

  it('ends with exactly one frame that is an end, and nothing behind it', () => {
    fc.assert(
      fc.property(answers, anyWire, (events, client) => {
        const encoder = protocolOf(client).createEncoder(context);
        const text = events.map((event) => encoder.push(event)).join('') + encoder.end();
        const ends = framesOf(text).map(LAST[client]);
        expect(ends.filter(Boolean)).toHaveLength(1);
        expect(ends.at(-1)).toBe(true);
        expect(encoder.push({ type: 'text-delta', block: 0, text: 'x' }) + encoder.end()).toBe('');
      }),
      { numRuns: 600 },
    );
  });

  it('has blocks that start and end once for whoever reads it again, streamed and whole', () => {
    fc.assert(
      fc.property(answers, anyWire, (events, client) => {
        const wire = protocolOf(client);
        const encoder = wire.createEncoder(context);
        const text = events.map((event) => encoder.push(event)).join('') + encoder.end();
        expect(lifecycleFault(decodeChunks(wire, [Buffer.from(text)]))).toBeNull();
        const body = JSON.parse(JSON.stringify(wire.encodeBody(events, context)));
        expect(lifecycleFault(wire.decodeBody(body))).toBeNull();
      }),
      { numRuns: 600 },
    );
  });
});
