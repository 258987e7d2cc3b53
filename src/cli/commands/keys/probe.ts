import { type Provider, parseModelList } from '../../../catalog/index.ts';
import type { Config } from '../../../config/index.ts';
import { maskText } from '../../../keys/index.ts';
import {
  createConnections,
  createTransport,
  getText,
  requestHeaders,
  type Transport,
  UpstreamFailure,
  type UpstreamTimeouts,
} from '../../../upstream/index.ts';

/** What a provider says to a key. */
export type Probe =
  | { kind: 'works'; models: number }
  | { kind: 'refused'; status: number; words: string }
  /** No answer, or one that tells nothing about the key. */
  | { kind: 'failed'; reason: string; words: string }
  /** Only a paid request could tell. */
  | { kind: 'untestable'; words: string };

/** Asks one provider after another over one pool of connections. */
export interface Prober {
  /** Never rejects. */
  probe(provider: Provider, key: string): Promise<Probe>;
  close(): Promise<void>;
}

const PATIENCE_MS = 15_000;
const LONGEST_WORDS = 200;

/** Makes one from the user's network settings. */
export async function createProber(config: Config, env: NodeJS.ProcessEnv): Promise<Prober> {
  const connections = await createConnections({ env, proxy: config.network.proxy, ca: config.network.ca });
  const transport = createTransport(connections);
  const timeouts = { connectMs: config.timeouts.connectMs, headersMs: PATIENCE_MS, idleMs: PATIENCE_MS };
  return {
    async probe(provider, key) {
      const reason = untestable(provider);
      if (reason !== null) return { kind: 'untestable', words: reason };
      try {
        return verdict(provider, key, await ask(transport, timeouts, provider, key));
      } catch (error) {
        const failure = error instanceof UpstreamFailure ? error.reason : 'unknown';
        const words = error instanceof Error ? error.message : String(error);
        return { kind: 'failed', reason: failure, words: maskText(words, [key]) };
      }
    },
    close: () => connections.destroy(),
  };
}

function untestable(provider: Provider): string | null {
  if (provider.modelsUrl === null) return 'it has no list of models to ask for';
  if (provider.quirks.includes('open-model-list')) return 'it shows its list of models to everybody';
  // The list is asked for the way the first surface is.
  return provider.surfaces[0]?.auth === 'none' ? 'its list of models needs no key' : null;
}

function ask(
  transport: Transport,
  timeouts: UpstreamTimeouts,
  provider: Provider,
  key: string,
): Promise<{ status: number; body: string }> {
  const [surface] = provider.surfaces;
  const { modelsUrl } = provider;
  if (!surface || modelsUrl === null) throw new Error('no list of models');
  const headers = requestHeaders({
    client: { accept: 'application/json' },
    provider,
    surface,
    key,
    contentType: null,
  });
  return getText(transport, { url: modelsUrl, headers, timeouts }, AbortSignal.timeout(2 * PATIENCE_MS));
}

/** Google says 400 of a wrong key. */
const WRONG_KEY =
  /API_KEY_INVALID|(invalid|incorrect|wrong) api[ _-]?key|api[ _-]?key (is )?(not valid|invalid|incorrect)/i;

/** The key is good, and its account has nothing left: providers say so with statuses that mean other things, too. */
const NO_CREDIT = /insufficient_quota|insufficient[ _]balance|insufficient_credits|billing_|credit balance/i;

function verdict(provider: Provider, key: string, { status, body }: { status: number; body: string }): Probe {
  const words = maskText(`${status}${wordsOf(body)}`, [key]).slice(0, LONGEST_WORDS);
  if (status === 402 || (status !== 200 && NO_CREDIT.test(body)))
    return { kind: 'failed', reason: 'billing', words };
  if (status === 401 || status === 403 || (status === 400 && WRONG_KEY.test(body)))
    return { kind: 'refused', status, words };
  if (status !== 200) return { kind: 'failed', reason: 'status', words: `it answered ${words}` };
  const models = parseModelList(provider.id, body);
  return models === null
    ? { kind: 'failed', reason: 'malformed', words: 'it answered with something that is no list of models' }
    : { kind: 'works', models: models.length };
}

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** ` authentication_error: invalid x-api-key`, from the shapes that providers give errors. */
function wordsOf(body: string): string {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    // An HTML page says nothing that helps.
    return '';
  }
  const outer = fieldsOf(Array.isArray(answer) ? answer[0] : answer);
  const inner = fieldsOf(outer.error);
  const type = textIn(inner.type) || textIn(inner.code) || textIn(inner.status);
  const message =
    textIn(inner.message) || textIn(outer.message) || textIn(outer.error) || textIn(outer.detail);
  return [type, message]
    .filter((part) => part !== '')
    .join(': ')
    .replace(/^(?=.)/, ' ');
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
