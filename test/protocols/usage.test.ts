import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, type Usage } from '../../src/pivot/index.ts';
import { protocolOf } from '../../src/protocols/index.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import { decodeFixture, FIXTURES, PROTOCOL_IDS } from '../support/fixtures.ts';

const count = fc.oneof(
  fc.nat(100_000),
  fc.constantFrom(null, undefined, 0, -3, 'many', Number.NaN, 1e12, 7.4),
);

/** A usage object with the names of every vendor, any of them missing or nonsense. */
const vendorUsage = fc.record(
  {
    prompt_tokens: count,
    completion_tokens: count,
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    prompt_tokens_details: fc.record({
      cached_tokens: count,
      cache_write_tokens: count,
      audio_tokens: count,
      image_tokens: count,
    }),
    completion_tokens_details: fc.record({
      reasoning_tokens: count,
      audio_tokens: count,
      image_tokens: count,
    }),
    promptTokensDetails: fc.tuple(
      fc.record({ modality: fc.constant('AUDIO'), tokenCount: count }),
      fc.record({ modality: fc.constant('IMAGE'), tokenCount: count }),
    ),
    service_tier: fc.constantFrom('flex', 'default', 7, null),
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
    cache_creation: fc.record({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }),
    promptTokenCount: count,
    candidatesTokenCount: count,
    thoughtsTokenCount: count,
    cachedContentTokenCount: count,
    toolUsePromptTokenCount: count,
  },
  { requiredKeys: [] },
);

function consistent(usage: Usage): void {
  const { tier: _tier, ...counts } = usage;
  for (const [name, value] of Object.entries(counts)) {
    expect(Number.isFinite(value), name).toBe(true);
    expect(value, name).toBeGreaterThanOrEqual(0);
  }
  if (usage.input !== undefined)
    expect(usage.input - (usage.cacheRead ?? 0) - (usage.cacheWrite ?? 0)).toBeGreaterThanOrEqual(0);
  if (usage.output !== undefined) expect(usage.output).toBeGreaterThanOrEqual(usage.reasoning ?? 0);
  if (usage.cacheWrite !== undefined)
    expect(usage.cacheWrite).toBeGreaterThanOrEqual(usage.cacheWrite1h ?? 0);
  if (usage.input !== undefined)
    expect(usage.input).toBeGreaterThanOrEqual((usage.inputAudio ?? 0) + (usage.inputImage ?? 0));
  if (usage.output !== undefined)
    expect(usage.output).toBeGreaterThanOrEqual((usage.outputAudio ?? 0) + (usage.outputImage ?? 0));
}

describe('token counts in the one shape', () => {
  it('are never negative: fresh input = input - reads - writes, and output holds the reasoning', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROTOCOL_IDS), vendorUsage, (id, usage) => {
        consistent(protocolOf(id).decodeUsage({ usage, usageMetadata: usage }) ?? {});
      }),
      { numRuns: 400 },
    );
    for (const fixture of FIXTURES) consistent(collect(decodeFixture(fixture)).usage);
  });

  it('stay unknown when the provider says nothing, and zero when it says zero', () => {
    for (const id of PROTOCOL_IDS)
      expect(protocolOf(id).decodeUsage({ usage: {}, usageMetadata: {} })).toBeUndefined();
    expect(
      protocolOf('openai-chat').decodeUsage({ usage: { prompt_tokens: 0, completion_tokens: 0 } }),
    ).toEqual({ input: 0, output: 0 });
  });

  it('convert to every protocol and back without a cache token counted twice', () => {
    const usage: Usage = { input: 1000, cacheRead: 700, cacheWrite: 200, output: 50, reasoning: 20 };
    const events = [
      { type: 'start' as const },
      { type: 'usage' as const, usage },
      { type: 'finish' as const, reason: 'stop' as const, raw: null },
      { type: 'end' as const },
    ];
    const context = { model: 'm', id: 'i', created: 1 };
    const bodies = Object.fromEntries(
      PROTOCOL_IDS.map((id) => [id, protocolOf(id).encodeBody(events, context) as Record<string, unknown>]),
    );
    expect(bodies['openai-chat']?.usage).toMatchObject({
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
    });
    expect(bodies['openai-responses']?.usage).toMatchObject({
      input_tokens: 1000,
      input_tokens_details: { cached_tokens: 700 },
    });
    expect(bodies['anthropic-messages']?.usage).toMatchObject({
      input_tokens: 100,
      cache_read_input_tokens: 700,
      cache_creation_input_tokens: 200,
    });
    expect(bodies.gemini?.usageMetadata).toMatchObject({
      promptTokenCount: 1000,
      cachedContentTokenCount: 700,
      candidatesTokenCount: 30,
      thoughtsTokenCount: 20,
    });
  });

  it('are found in the answers of the other endpoints', () => {
    const chat = protocolOf('openai-chat');
    expect(chat.decodeUsage({ data: [], usage: { prompt_tokens: 8, total_tokens: 8 } })).toEqual({
      input: 8,
    });
    expect(chat.decodeUsage({ data: [], usage: { total_tokens: 9 } })).toEqual({ input: 9 });
    expect(chat.decodeUsage({ results: [], meta: { billed_units: { search_units: 1 } } })).toEqual({
      searches: 1,
    });
    expect(chat.decodeUsage({ text: 'a transcript' })).toBeUndefined();
  });

  it('hold sound, pictures, searches, other calls of tools and the tier of service', () => {
    const decode = (id: ProtocolId, body: object) => protocolOf(id).decodeUsage(body);
    expect(
      decode('openai-chat', {
        service_tier: 'priority',
        usage: {
          prompt_tokens: 100,
          completion_tokens: 50,
          prompt_tokens_details: { audio_tokens: 60, image_tokens: 30 },
          completion_tokens_details: { audio_tokens: 40 },
        },
      }),
    ).toEqual({
      input: 100,
      output: 50,
      inputAudio: 60,
      inputImage: 30,
      outputAudio: 40,
      tier: 'priority',
    });
    expect(
      decode('gemini', {
        usageMetadata: {
          promptTokenCount: 100,
          candidatesTokenCount: 20,
          promptTokensDetails: [
            { modality: 'TEXT', tokenCount: 10 },
            { modality: 'AUDIO', tokenCount: 90 },
          ],
          candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 20 }],
          trafficType: 'ON_DEMAND_FLEX',
        },
      }),
    ).toEqual({ input: 100, output: 20, inputAudio: 90, outputImage: 20, tier: 'flex' });
    expect(
      decode('anthropic-messages', {
        usage: {
          input_tokens: 10,
          output_tokens: 5,
          server_tool_use: { web_search_requests: 2, web_fetch_requests: 3 },
          service_tier: 'standard',
        },
      }),
    ).toEqual({ input: 10, output: 5, searches: 2, serverTools: 3 });
  });

  it('count the calls of tools at the provider in the output of a response: searches, not what they opened', () => {
    const call = (type: string, action?: string) => ({
      type,
      ...(action ? { action: { type: action } } : {}),
    });
    const response = {
      status: 'completed',
      output: [
        call('web_search_call', 'search'),
        call('web_search_call', 'open_page'),
        call('web_search_call'),
        call('code_interpreter_call'),
        call('file_search_call'),
      ],
      usage: { input_tokens: 10, output_tokens: 5 },
      service_tier: 'flex',
    };
    const { usage } = collect(protocolOf('openai-responses').decodeBody(response));
    expect(usage).toEqual({ input: 10, output: 5, searches: 2, serverTools: 2, tier: 'flex' });
  });

  it.each([
    ['OpenRouter', { cost: 0.0123 }, 0.0123],
    [
      'OpenRouter with the user’s own key',
      { cost: 0.001, is_byok: true, cost_details: { upstream_inference_cost: 0.02 } },
      0.021,
    ],
    ['Perplexity', { cost: { total_cost: 0.006 } }, 0.006],
    ['xAI', { cost_in_usd_ticks: 37_756_000 }, 0.0037756],
    ['nobody', { cost: -1 }, undefined],
  ])('carry what %s says it charged', (_who, said, costUsd) => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, ...said };
    expect(protocolOf('openai-chat').decodeUsage({ usage })?.costUsd).toBe(costUsd);
  });
});
