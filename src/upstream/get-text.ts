import type { Transport, UpstreamRequest, UpstreamTimeouts } from './types.ts';

/** Longest text that is collected; lists of models have a few MB at most. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Where a text is asked for, and with what. */
interface TextCall {
  url: string;
  headers: Record<string, string>;
  timeouts: UpstreamTimeouts;
}

/** GETs a text (a list of models). The status is an answer like any other. Rejects with an UpstreamFailure, or when the text is too long. */
export function getText(
  transport: Transport,
  call: TextCall,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  return textOf(transport, { ...call, method: 'GET', body: null }, signal);
}

/** The same with a POST of JSON. */
export function postText(
  transport: Transport,
  call: TextCall & { json: unknown },
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const { json, ...rest } = call;
  return textOf(transport, { ...rest, method: 'POST', body: [Buffer.from(JSON.stringify(json))] }, signal);
}

async function textOf(
  transport: Transport,
  request: UpstreamRequest,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const response = await transport.send(request, signal);
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
