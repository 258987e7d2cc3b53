import type { Transport, UpstreamTimeouts } from './types.ts';

/** Longest text that is collected; lists of models have a few MB at most. */
const MAX_BYTES = 16 * 1024 * 1024;

/** GETs a text (a list of models). The status is an answer like any other. Rejects with an UpstreamFailure, or when the text is too long. */
export async function getText(
  transport: Transport,
  call: { url: string; headers: Record<string, string>; timeouts: UpstreamTimeouts },
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const response = await transport.send({ ...call, method: 'GET', body: null }, signal);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.body.pipe({
      data(chunk) {
        size += chunk.length;
        if (size <= MAX_BYTES) chunks.push(chunk);
        else {
          response.body.abort();
          reject(new Error(`the answer is longer than ${MAX_BYTES / 1024 / 1024} MB`));
        }
      },
      end: () => resolve({ status: response.status, body: Buffer.concat(chunks).toString('utf8') }),
      error: reject,
    });
  });
}
