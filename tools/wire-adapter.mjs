// Starts this gateway with one provider for a conformance checker that replays recorded provider answers, and tells
// it what the ledger says of the last exchange. Used by .ci/run where such a checker is at hand.
import { startGateway } from './gateway.mjs';

const PROTOCOLS = {
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
};

/** `protocol` is the upstream's; recordings of wires that are not served here are asked for as Chat and fail there. */
export async function startProxy({ protocol, upstreamUrl }) {
  const url = upstreamUrl + (protocol === 'gemini' ? '/v1beta' : '/v1');
  const spoken = PROTOCOLS[protocol] ?? 'openai-chat';
  const gateway = await startGateway({
    config: `retry: { attempts: 1 }\nproviders:\n  recorded: { url: ${url}, protocol: ${spoken} }\n`,
    env: { UNOROUTER_RECORDED_API_KEY: 'recorded-key-0000' },
    args: ['--log', 'none'],
  });
  return {
    baseUrl: gateway.url,
    headers: { authorization: `Bearer ${gateway.token}` },
    model: (model) => `recorded/${model}`,
    async usageOf() {
      const [row] = await gateway.json('logs', '-n', '1');
      if (!row) return null;
      const { input, output, cacheRead, cacheWrite, reasoning } = row.usage;
      return {
        input_total: input,
        output_total: output,
        cached_read: cacheRead,
        cache_write: cacheWrite,
        reasoning,
        cost: row.costNanoUsd,
      };
    },
    stop: () => gateway.stop(),
  };
}
