import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/config/index.ts';
import { type ScannedObject, scanObject } from '../../src/json-scan.ts';
import type { JsonObject, PivotEvent } from '../../src/pivot/index.ts';
import { protocolOf } from '../../src/protocols/index.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import { createFrameParser } from '../../src/sse.ts';
import { lifecycleFault } from '../support/lifecycle.ts';

/** Something that takes bytes from strangers. `run` throws when a promise is broken. */
export interface FuzzTarget {
  run(input: Buffer): void | Promise<void>;
  /** What the search begins with. */
  seeds(): Buffer[];
}

const PROTOCOLS: readonly ProtocolId[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];

/** Files below test/, from the root of the project. */
function filesIn(...parts: string[]): Buffer[] {
  const dir = join('test', ...parts);
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(...parts, entry.name) : [readFileSync(join(dir, entry.name))],
  );
}

function parsedJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** The scan and JSON.parse agree about every text that both can read. */
function checkScan(input: Buffer, scanned: ScannedObject, value: object): void {
  const own = Object.entries(value);
  for (const [name, one] of own) {
    const member = scanned.members.get(name);
    assert(member, `the scan has no member ${JSON.stringify(name)}`);
    const slice = parsedJson(input.toString('utf8', member.start, member.end));
    assert(slice, `the scan cuts ${JSON.stringify(name)} wrongly`);
    assert.deepEqual(slice.value, one);
  }
}

/** A client's request: found in its bytes, read by every wire, told to every other. */
const request: FuzzTarget = {
  run(input) {
    const scanned = scanObject(input);
    const parsed = parsedJson(input.toString('utf8'));
    if ('problem' in scanned) {
      assert(scanned.offset >= 0 && scanned.offset <= input.length);
      return;
    }
    if (!parsed) return;
    const { value } = parsed;
    assert(typeof value === 'object' && value !== null && !Array.isArray(value), 'the scan took no object');
    checkScan(input, scanned, value);
    for (const id of PROTOCOLS) {
      const read = protocolOf(id).parseRequest(value as JsonObject, { model: 'm', stream: true });
      if ('problem' in read) continue;
      for (const other of PROTOCOLS) {
        const { body } = protocolOf(other).renderRequest(read, {
          model: 'm',
          provider: 'acme',
          quirks: new Set(),
        });
        assert(parsedJson(JSON.stringify(body)));
      }
    }
  },
  seeds: () => filesIn('golden', 'requests'),
};

function sound(events: PivotEvent[]): void {
  assert.equal(lifecycleFault(events), null);
}

function decodedIn(protocol: ProtocolId, chunks: readonly Buffer[]): PivotEvent[] {
  const parser = createFrameParser();
  const decoder = protocolOf(protocol).createDecoder();
  const frames = [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()];
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}

/** An answer of a wire: whole or streamed, in any chunks; told to every client; or an error. */
function answerOf(id: ProtocolId): FuzzTarget {
  return {
    run(input) {
      const events = decodedIn(id, [input]);
      sound(events);
      const middle = input.length >> 1;
      assert.deepEqual(decodedIn(id, [input.subarray(0, middle), input.subarray(middle)]), events);
      const text = input.toString('utf8');
      const whole = parsedJson(text);
      if (whole) sound(protocolOf(id).decodeBody(whole.value));
      assert.equal(typeof protocolOf(id).decodeError(500, text).message, 'string');
      for (const client of PROTOCOLS) {
        const encoder = protocolOf(client).createEncoder({ id: 'x', model: 'm', created: 0 });
        for (const event of events) encoder.push(event);
        encoder.end();
      }
    },
    seeds: () => filesIn('fixtures', id),
  };
}

/** The user's configuration. */
const config: FuzzTarget = {
  async run(input) {
    const result = await parseConfig('config.yaml', input.toString('utf8'));
    if (result.ok) return;
    assert(result.problems.length > 0);
    for (const { line, column, message } of result.problems)
      assert(line >= 1 && column >= 1 && message !== '', 'a mistake without a place');
  },
  seeds: () => [
    ...filesIn('config', 'fixtures'),
    Buffer.from('routes:\n  - { name: a, when: { role: small, input: "> 180k" }, to: [x/*, fast] }\n'),
    Buffer.from('aliases:\n  a: { weighted: { x/y: 70, z/w: 30 } }\n  b: { cheapest: [a, c] }\n'),
    Buffer.from(
      'providers:\n  acme: { url: https://a.example/v1, protocol: [openai-chat], timeouts: { idle: 3s } }\n',
    ),
  ],
};

/** Every target by name. */
export const TARGETS: Readonly<Record<string, FuzzTarget>> = {
  request,
  config,
  ...Object.fromEntries(PROTOCOLS.map((id) => [id, answerOf(id)])),
};
