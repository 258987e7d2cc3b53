import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PivotEvent } from '../../src/pivot/index.ts';
import { protocolOf } from '../../src/protocols/index.ts';
import type { Protocol, ProtocolId } from '../../src/protocols/protocol.ts';
import { createFrameParser } from '../../src/sse.ts';

/** The four wires. */
export const PROTOCOL_IDS: readonly ProtocolId[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
];

/** One answer as a wire sends it, written by hand in `test/fixtures/<protocol>/`. */
export interface Fixture {
  protocol: Protocol;
  /** File name without its ending. */
  name: string;
  /** `openai-chat/text.sse` */
  path: string;
  /** `.sse` and `.json-stream` are streams, `.json` is a whole answer. */
  stream: boolean;
  contentType: string;
  bytes: Buffer;
}

const DIRECTORY = fileURLToPath(new URL('../fixtures/', import.meta.url));

function load(id: ProtocolId): Fixture[] {
  return readdirSync(DIRECTORY + id)
    .sort()
    .map((file) => {
      const [name = '', ending = ''] = file.split('.');
      return {
        protocol: protocolOf(id),
        name,
        path: `${id}/${file}`,
        stream: ending !== 'json',
        contentType: ending === 'sse' ? 'text/event-stream' : 'application/json',
        bytes: readFileSync(`${DIRECTORY}${id}/${file}`),
      };
    });
}

/** All of them. */
export const FIXTURES: readonly Fixture[] = PROTOCOL_IDS.flatMap(load);

/** The streams. */
export const STREAMS: readonly Fixture[] = FIXTURES.filter((fixture) => fixture.stream);

/** Decodes a stream that comes in these chunks. */
export function decodeChunks(protocol: Protocol, chunks: readonly Buffer[]): PivotEvent[] {
  const parser = createFrameParser();
  const decoder = protocol.createDecoder();
  const frames = [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()];
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}

/** Decodes a fixture at once. */
export function decodeFixture({ protocol, stream, bytes }: Fixture): PivotEvent[] {
  return stream ? decodeChunks(protocol, [bytes]) : protocol.decodeBody(JSON.parse(bytes.toString('utf8')));
}
