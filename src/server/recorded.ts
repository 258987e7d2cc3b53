import type { IncomingMessage } from 'node:http';
import type { Bodies, Recording } from '../bodies/index.ts';
import type { Exchange } from '../exchange.ts';
import type { Client, Inbound } from '../relay/index.ts';

/** Begins to keep what is said in an exchange; null = it is not wanted, or nothing is said (counts of tokens). */
export function begin(
  inbound: Inbound,
  exchange: Exchange,
  { url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>,
  bodies: Pick<Bodies, 'begin'>,
): Recording | null {
  if (inbound.endpoint === 'count-tokens') return null;
  const [path = ''] = url.split('?');
  return bodies.begin({ id: exchange.id, path: path + inbound.query, headers, bytes: inbound.bytes });
}

/** The same client; what it gets is heard, too. */
export function heard(client: Client, recording: Recording | null): Client {
  if (!recording) return client;
  return {
    signal: client.signal,
    head(status, headers) {
      recording.head(status, headers);
      client.head(status, headers);
    },
    write(chunk) {
      recording.chunk(chunk);
      client.write(chunk);
    },
    end: () => client.end(),
    full: () => client.full(),
    onDrain: (callback) => client.onDrain(callback),
  };
}
