import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { GatewayError } from '../errors.ts';

/** Longest body, as sent and inflated. Vision prompts reach 20 MB. */
export const MAX_BODY = 48 * 1024 * 1024;

const TOO_LARGE = new GatewayError({
  code: 'body_too_large',
  kind: 'client',
  status: 413,
  message: `unorouter: the request body is larger than ${MAX_BODY / 1024 / 1024} MB`,
});

/** Reads a request's body. Rejects with a GatewayError (413), or when the client goes away. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > MAX_BODY) return reject(TOO_LARGE);
    const body = new Body(announced);
    request.on('data', (chunk: Buffer) => {
      if (body.add(chunk)) return;
      request.removeAllListeners('data');
      reject(TOO_LARGE);
    });
    request.on('end', () => resolve(body.whole()));
    // Node's own for a client that goes away while it sends, too.
    request.on('error', reject);
  });
}

/** Pieces of a body are joined as they come from here on: both the pieces and the whole would be twice the memory. */
const LARGE = 64 * 1024;
/** More than this is not set aside for what somebody only announces. */
const LARGEST = 4 * 1024 * 1024;

/** What came of a body so far. */
class Body {
  private large: Buffer | null;
  private chunks: Buffer[] = [];
  private size = 0;

  /** @param announced its `content-length`; 0 = not known */
  constructor(announced: number) {
    const joined = announced > LARGE && announced <= LARGEST;
    this.large = joined ? Buffer.allocUnsafeSlow(announced) : null;
  }

  /** False = it grows larger than any body may. */
  add(chunk: Buffer): boolean {
    // Node's parser ends a body at its announced length.
    if (this.large) chunk.copy(this.large, this.size);
    else this.chunks.push(chunk);
    this.size += chunk.length;
    return this.size <= MAX_BODY;
  }

  /** Once, at its end: the request holds this object, and with it the pieces, until its answer is over. */
  whole(): Buffer {
    const { chunks, large } = this;
    this.chunks = [];
    this.large = null;
    if (large) return large.subarray(0, this.size);
    const [only] = chunks;
    return only && chunks.length === 1 ? only : Buffer.concat(chunks);
  }
}

const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const inflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate);
const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress);

const DECODERS: ReadonlyMap<string, (bytes: Buffer) => Promise<Buffer>> = new Map([
  ['gzip', (bytes: Buffer) => gunzip(bytes, { maxOutputLength: MAX_BODY })],
  ['x-gzip', (bytes: Buffer) => gunzip(bytes, { maxOutputLength: MAX_BODY })],
  ['deflate', (bytes: Buffer) => inflate(bytes, { maxOutputLength: MAX_BODY })],
  ['br', (bytes: Buffer) => brotli(bytes, { maxOutputLength: MAX_BODY })],
  ['zstd', async (bytes: Buffer) => unzstd(bytes)],
]);

/** Node 20 has no zstd; this decoder streams, so the cap holds before the memory is spent. */
function unzstd(bytes: Buffer): Buffer {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const decoder = new Decompress((chunk) => {
    size += chunk.length;
    if (size > MAX_BODY) throw TOO_LARGE;
    chunks.push(chunk.slice());
  });
  const step = 64 * 1024;
  for (let at = 0; at < bytes.length; at += step)
    decoder.push(bytes.subarray(at, at + step), at + step >= bytes.length);
  return Buffer.concat(chunks);
}

/** Undoes `content-encoding` (gzip, deflate, br, zstd; one layer). @throws GatewayError 413, 415 or 400 */
export async function decodeBody(bytes: Buffer, encoding: string | undefined): Promise<Buffer> {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return bytes;
  const decode = DECODERS.get(name);
  if (!decode) {
    throw new GatewayError({
      code: 'unsupported_encoding',
      kind: 'client',
      status: 415,
      message: 'unorouter: the content encoding must be gzip, deflate, br, zstd or identity',
    });
  }
  try {
    return await decode(bytes);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    const tooLarge =
      cause instanceof RangeError ||
      (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE');
    if (tooLarge) throw TOO_LARGE;
    throw new GatewayError(
      {
        code: 'invalid_json',
        kind: 'client',
        status: 400,
        message: `unorouter: the body is not valid ${name}`,
      },
      cause,
    );
  }
}
