import { describe, expect, it } from 'vitest';
import type { JsonObject, PivotMessage, PivotRequest } from '../../../src/pivot/index.ts';
import { parseRequest } from '../../../src/protocols/openai-chat/request/parse.ts';

function read(json: JsonObject): PivotRequest {
  const request = parseRequest(
    { messages: [{ role: 'user', content: 'Hi' }], ...json },
    { model: 'm', stream: false },
  );
  if ('problem' in request) throw new Error(request.problem);
  return request;
}

function messages(...list: JsonObject[]): PivotMessage[] {
  return read({ messages: list }).messages;
}

describe('how much to think, in a Chat request', () => {
  it.each<[JsonObject, PivotRequest['reasoning']]>([
    [{ reasoning_effort: 'high' }, { effort: 'high' }],
    [{ reasoning_effort: 'none' }, { enabled: false }],
    [{ reasoning_effort: 'enormous' }, undefined],
    [{ reasoning: { effort: 'low', exclude: true } }, { effort: 'low', show: false }],
    [{ reasoning: { max_tokens: 2000 } }, { budgetTokens: 2000 }],
    [{ reasoning: { enabled: true, summary: 'auto' } }, { enabled: true, show: true }],
    [{ include_reasoning: true }, { show: true }],
    [{ thinking: { type: 'enabled', budget_tokens: 4096 } }, { enabled: true, budgetTokens: 4096 }],
    [{ thinking: { type: 'disabled' } }, { enabled: false }],
    [{ thinking: { type: 'adaptive' } }, { adaptive: true }],
    [
      { enable_thinking: true, thinking_budget: 1000 },
      { enabled: true, budgetTokens: 1000 },
    ],
    [{ enable_thinking: false }, { enabled: false }],
    [{ thinking: { type: 'constructor' } }, undefined],
    [{}, undefined],
  ])('%j', (json, wish) => {
    expect(read(json).reasoning).toEqual(wish);
  });
});

describe('which tool to call, in a Chat request', () => {
  it.each<[JsonObject, PivotRequest['toolChoice']]>([
    [{ tool_choice: 'none' }, { type: 'none' }],
    [{ tool_choice: 'any' }, { type: 'required' }],
    [
      { tool_choice: { type: 'function', function: { name: 'a' } } },
      { type: 'tool', name: 'a', kind: 'function' },
    ],
    [{ tool_choice: { type: 'custom', custom: { name: 'a' } } }, { type: 'tool', name: 'a', kind: 'custom' }],
    [{ tool_choice: { type: 'tool', name: 'a' } }, { type: 'tool', name: 'a', kind: 'function' }],
    [
      {
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'a' } }] },
        },
      },
      { type: 'allowed', mode: 'auto', names: ['a'] },
    ],
    [{ function_call: 'auto' }, { type: 'auto' }],
    [{ function_call: { name: 'a' } }, { type: 'tool', name: 'a', kind: 'function' }],
    [{ tool_choice: 'toString' }, undefined],
    [{}, undefined],
  ])('%j', (json, choice) => {
    expect(read(json).toolChoice).toEqual(choice);
  });
});

describe('the fields of a Chat request', () => {
  it('that only this wire knows are kept apart, and those that say nothing are not kept', () => {
    const { vendor } = read({ logit_bias: { 1: 1 }, user: 'ann', stream_options: {}, verbosity: null });
    expect(vendor).toEqual({ origin: 'openai-chat', fields: { logit_bias: { 1: 1 }, user: 'ann' } });
  });

  it('of the wrong type are as if they were not there', () => {
    const { sampling, format, modalities, store, cacheKey } = read({
      max_tokens: '100',
      temperature: 'hot',
      stop: [1, '', 'END'],
      n: -1,
      response_format: 'json',
      modalities: ['text'],
      store: 'yes',
      prompt_cache_key: 7,
    });
    expect({ sampling, format, modalities, store, cacheKey }).toEqual({ sampling: { stop: ['END'] } });
  });

  it('say JSON with a schema, without one, or not at all', () => {
    expect(read({ response_format: { type: 'text' } }).format).toBeUndefined();
    expect(read({ response_format: { type: 'json_object' } }).format).toEqual({ type: 'json' });
    expect(read({ response_format: { type: 'json_schema' } }).format).toEqual({ type: 'json' });
  });
});

describe('the messages of a Chat request', () => {
  it('find the call that a result without an id answers', () => {
    const call = (name: string): JsonObject => ({ function: { name, arguments: '{}' } });
    const [, results] = messages(
      { role: 'assistant', tool_calls: [call('a'), call('b'), call('a')] },
      { role: 'tool', name: 'b', content: 'B' },
      { role: 'tool', content: 'A1' },
      { role: 'tool', content: 'A2' },
      { role: 'tool', content: 'nobody asked' },
    );
    const told = results?.role === 'tool' ? results.content.map(({ id, name }) => [id, name]) : [];
    expect(told).toEqual([
      ['call_1', 'b'],
      ['call_0', 'a'],
      ['call_2', 'a'],
      ['call_3', undefined],
    ]);
  });

  it('have the same ids for calls without ids when later messages are added', () => {
    const list: JsonObject[] = [
      { role: 'assistant', tool_calls: [{ function: { name: 'a', arguments: '{}' } }] },
      { role: 'tool', content: '1' },
    ];
    expect(messages(...list, { role: 'user', content: 'x' }).slice(0, 2)).toEqual(messages(...list));
  });

  it('may carry a cache mark as a whole', () => {
    expect(messages({ role: 'user', content: 'Long', cache_control: { type: 'ephemeral' } })).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Long', cache: {} }] },
    ]);
  });

  it('keep parts that nobody else knows as they are', () => {
    const part = { type: 'hologram', hologram: { url: 'x' } };
    expect(messages({ role: 'user', content: [part] })).toEqual([
      { role: 'user', content: [{ type: 'vendor', origin: 'openai-chat', name: 'hologram', value: part }] },
    ]);
  });

  it('have pictures that an assistant made, and spoken answers', () => {
    const [message] = messages({
      role: 'assistant',
      content: 'Here.',
      images: [{ type: 'image_url', image_url: { url: 'data:image/webp;base64,UklG' } }],
      audio: { id: 'audio_1' },
    });
    expect(message?.content).toEqual([
      { type: 'text', text: 'Here.' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/webp', data: 'UklG' } },
      { type: 'vendor', origin: 'openai-chat', name: 'audio', value: { id: 'audio_1' } },
    ]);
  });
});

describe('what was thought, in the history of a Chat request', () => {
  const thoughts = (message: JsonObject): unknown =>
    messages({ role: 'assistant', content: 'x', ...message })[0]?.content.filter(
      (part) => part.type === 'reasoning',
    );

  it('is read from either of its plain names', () => {
    expect(thoughts({ reasoning_content: 'a' })).toEqual([{ type: 'reasoning', text: 'a' }]);
    expect(thoughts({ reasoning: 'b' })).toEqual([{ type: 'reasoning', text: 'b' }]);
    expect(thoughts({ reasoning: { not: 'text' } })).toEqual([]);
  });

  it('gets its seal from details without a text', () => {
    const detail = { type: 'reasoning.text', signature: 's', format: 'anthropic-claude-v1' };
    expect(thoughts({ reasoning_content: 'a', reasoning_details: [detail] })).toEqual([
      { type: 'reasoning', text: 'a', sealed: { origin: 'anthropic', kind: 'signature', value: 's' } },
    ]);
  });

  it('knows who made a seal by its mark where the client dropped the format', () => {
    const detail = { type: 'reasoning.encrypted', data: 'uno1.xyz.secret' };
    expect(thoughts({ reasoning_details: [detail] })).toEqual([
      { type: 'reasoning', text: '', sealed: { origin: 'xyz', kind: 'signature', value: 'secret' } },
    ]);
  });

  it("is taken from Anthropic's own blocks as LiteLLM passes them", () => {
    const blocks = [
      { type: 'thinking', thinking: 'a', signature: 's' },
      { type: 'redacted_thinking', data: 'r' },
    ];
    expect(thoughts({ reasoning_content: 'a', thinking_blocks: blocks })).toEqual([
      { type: 'reasoning', text: 'a', sealed: { origin: 'anthropic', kind: 'signature', value: 's' } },
      { type: 'reasoning', text: '', sealed: { origin: 'anthropic', kind: 'redacted', value: 'r' } },
    ]);
  });

  it("puts Gemini's signature on the call that it names, on the first one, or on the text", () => {
    const google = { type: 'reasoning.encrypted', data: 'c2ln', format: 'google-gemini-v1' };
    const calls = ['a', 'b'].map((id) => ({ id, function: { name: 'f', arguments: '{}' } }));
    const signed = (message: JsonObject): unknown =>
      messages({ role: 'assistant', content: 'x', ...message })[0]?.content.map((part) =>
        'signature' in part ? part.signature?.value : null,
      );
    expect(signed({ tool_calls: calls, reasoning_details: [{ ...google, id: 'b' }] })).toEqual([
      null,
      null,
      'c2ln',
    ]);
    expect(signed({ tool_calls: calls, reasoning_details: [google] })).toEqual([null, 'c2ln', null]);
    expect(signed({ reasoning_details: [google] })).toEqual(['c2ln']);
    const extra = { extra_content: { google: { thought_signature: 'own' } } };
    expect(signed({ tool_calls: [{ ...calls[0], ...extra }] })).toEqual([null, 'own']);
  });
});
