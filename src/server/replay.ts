import { type KeptBodies, readBodies } from '../bodies/index.ts';
import { exchangeJson } from '../exchange.ts';
import { protocolOfPath } from './endpoints.ts';
import { askOwn, readSaid } from './own-request.ts';
import { type ProxyDeps, serveInbound } from './proxy.ts';
import type { ReplayAnswer } from './types.ts';

/** Under this name replays stand in the log. */
const AGENT = 'replay';

/** Headers of the first request that decide what it means. */
const MEANING = /^(anthropic-|openai-|x-stainless-helper)|^content-type$/;

/**
 * Sends a request whose bodies were kept to another model, and reads both answers.
 * @throws GatewayError as a client would be refused
 */
export async function replay(
  { id, model }: { id: string; model: string },
  { dir, deps, signal }: { dir: string; deps: ProxyDeps; signal: AbortSignal },
): Promise<ReplayAnswer> {
  const kept = readBodies(dir, id);
  if (!kept) return { ok: false, why: 'not-recorded' };
  const request = requestFor(kept, model);
  if (!request) return { ok: false, why: 'not-whole' };
  const { exchange, said } = await askOwn(
    { ...request, agent: AGENT },
    (inbound, exchange, client) => serveInbound(inbound, exchange, client, deps),
    deps,
    signal,
  );
  const { headers, text } = kept.answer;
  const before = readSaid(protocolOfPath(pathOf(kept)), headers['content-type'] ?? '', text ?? '');
  return { ok: true, before, now: said, exchange: exchangeJson(exchange) };
}

const pathOf = ({ path }: KeptBodies): string => path.split('?')[0] ?? '';

/** Null for a request of which a part is missing. */
function requestFor(
  kept: KeptBodies,
  model: string,
): { path: string; headers: Record<string, string>; bytes: Buffer } | null {
  const { text, cut, headers } = kept.request;
  if (text === null || cut || text === '') return null;
  const meant = Object.fromEntries(Object.entries(headers).filter(([name]) => MEANING.test(name)));
  if (protocolOfPath(pathOf(kept)) === 'gemini') {
    // The model is in the path, `/v1beta/models/M:streamGenerateContent`.
    const path = kept.path.replace(/[^:]*(?=:\w+(\?|$))/, `/v1beta/models/${encodeURIComponent(model)}`);
    return { path, headers: meant, bytes: Buffer.from(text) };
  }
  try {
    return {
      path: kept.path,
      headers: meant,
      bytes: Buffer.from(JSON.stringify({ ...JSON.parse(text), model })),
    };
  } catch {
    return null;
  }
}
