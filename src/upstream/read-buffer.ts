import type { Socket } from 'node:net';

/** As much as Node reads at once. */
const READ_BYTES = 64 * 1024;

/**
 * How connections read: all into one buffer, of which each keeps what it got. By itself Node allocates 64 kB for every read
 * and gives back what was too much: a stream reads a thousand times, and the system's heap, full of holes, keeps it all.
 * Reading is synchronous, so that nobody finds another's bytes. https://nodejs.org/api/net.html#new-netsocketoptions
 */
export const READ_BUFFER = {
  buffer: Buffer.allocUnsafeSlow(READ_BYTES),
  callback(this: Socket, length: number, buffer: Buffer): boolean {
    return this.push(Buffer.from(buffer.subarray(0, length)));
  },
};
