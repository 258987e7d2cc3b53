import { describe, expect, it } from 'vitest';
import type { AssistantPart, PivotRequest, PivotTool } from '../../../src/pivot/index.ts';
import { foreign, parse, render } from './support.ts';

const said = (...content: AssistantPart[]): PivotRequest =>
  foreign({ messages: [{ role: 'assistant', content }] });

describe('a request of another wire for a Responses target', () => {
  it('stores nothing and asks for sealed reasoning', () => {
    expect(render(foreign()).body).toEqual({
      model: 'served',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
      store: false,
      include: ['reasoning.encrypted_content'],
    });
  });

  it('asks for no reasoning of a model that does not think', () => {
    const { body, losses } = render(foreign({ reasoning: { adaptive: true } }), { reasons: false });
    expect(body).not.toHaveProperty('include');
    expect(body).not.toHaveProperty('reasoning');
    expect(losses).toEqual([{ what: 'thinking', why: 'acme/served does not think' }]);
  });

  it('drops the system block that only Anthropic bills by', () => {
    const content = [
      { type: 'text' as const, text: 'x-anthropic-billing-header: cc_version=2' },
      { type: 'text' as const, text: 'Be kind.' },
    ];
    const { body, losses } = render(foreign({ messages: [{ role: 'system', from: 'system', content }] }));
    expect(body.input).toEqual([
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'Be kind.' }] },
    ]);
    expect(losses).toEqual([]);
  });

  it('offers tools that are not strict, with schemas that OpenAI takes', () => {
    const tools: PivotTool[] = [
      { kind: 'function', name: 'a', parameters: { type: 'object', anyOf: [] } },
      { kind: 'function', name: 'b.c' },
      { kind: 'server', origin: 'anthropic-messages', name: 'web_search_20250305', value: {} },
    ];
    const { body, losses } = render(
      foreign({ tools, toolChoice: { type: 'tool', name: 'b.c', kind: 'function' } }),
    );
    const empty = { type: 'object', properties: {} };
    expect(body.tools).toEqual([
      { type: 'function', name: 'a', parameters: empty, strict: false },
      { type: 'function', name: expect.stringMatching(/^b_c_\w{8}$/), parameters: empty, strict: false },
    ]);
    expect(losses.map(({ what }) => what)).toEqual(['anyOf of the tool a', 'web_search_20250305']);
  });

  it('has no tool_choice without tools', () => {
    expect(
      render(foreign({ toolChoice: { type: 'none' }, parallelToolCalls: true })).body,
    ).not.toHaveProperty('tool_choice');
  });

  it('sends results with images as lists, text alone as text, nothing as a placeholder', () => {
    const result = (content: object[]): unknown =>
      (
        render(
          foreign({
            messages: [
              {
                role: 'assistant',
                content: [{ type: 'tool-call', id: 'a', name: 'look', kind: 'function', arguments: '{}' }],
              },
              {
                role: 'tool',
                content: [{ type: 'tool-result', id: 'a', kind: 'function', content: content as never }],
              },
            ],
          }),
        ).body.input as { output: unknown }[]
      )[1]?.output;
    const image = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } };
    expect(result([{ type: 'text', text: 'x' }])).toBe('x');
    expect(result([])).toBe('(empty)');
    expect(result([{ type: 'text', text: 'x' }, image])).toEqual([
      { type: 'input_text', text: 'x' },
      { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
    ]);
  });

  it('maps tool ids that are too long the same way on call and result', () => {
    const id = `toolu_${'x'.repeat(80)}`;
    const messages: PivotRequest['messages'] = [
      { role: 'assistant', content: [{ type: 'tool-call', id, name: 'f', kind: 'function', arguments: '' }] },
      { role: 'tool', content: [{ type: 'tool-result', id, kind: 'function', content: [] }] },
    ];
    for (const [length, ...quirks] of [[64], [40, 'tool-ids-40'], [9, 'short-tool-ids']] as [
      number,
      ...string[],
    ][]) {
      const [call, result] = render(foreign({ messages }), {}, ...quirks).body.input as {
        call_id: string;
        arguments?: string;
      }[];
      expect(call?.call_id.length).toBeLessThanOrEqual(length);
      expect(call).toMatchObject({ call_id: result?.call_id, arguments: '{}' });
    }
  });

  it('sends parts of another wire in words where they have some', () => {
    const origin = 'anthropic-messages' as const;
    const spoken = {
      type: 'vendor' as const,
      origin,
      name: 'tool_reference',
      value: {},
      text: 'The tool f can be called now.',
    };
    const mute = { type: 'vendor' as const, origin, name: 'container_upload', value: {} };
    const file = {
      type: 'document' as const,
      source: { kind: 'text' as const, text: 'words' },
      name: 'a.txt',
      context: 'From me.',
    };
    const { body, losses } = render(foreign({ messages: [{ role: 'user', content: [spoken, mute, file] }] }));
    expect(body.input).toMatchObject([
      { content: [{ text: spoken.text }, { text: 'From me.' }, { text: 'a.txt\n\nwords' }] },
    ]);
    expect(losses).toEqual([{ what: 'container_upload', why: 'only anthropic-messages knows it' }]);
  });

  it('knows what it cannot say', () => {
    const { body, losses } = render(
      foreign({
        sampling: { topK: 3, stop: ['x'], seed: 1, n: 2, frequencyPenalty: 1, presencePenalty: 0 },
        modalities: ['text', 'audio'],
        serviceTier: 'standard_only',
        vendor: {
          origin: 'anthropic-messages',
          fields: { context_management: {}, metadata: { user_id: 'me' } },
        },
      }),
    );
    expect(losses.map(({ what }) => what)).toEqual([
      'top_k',
      'stop',
      'seed',
      'n',
      'frequency_penalty',
      'service_tier',
      'context_management',
      'audio output',
    ]);
    expect(JSON.stringify(body)).not.toContain('me"');
  });

  it('keeps the answer within what the target and the API take', () => {
    const limited = (maxOutputTokens: number): unknown[] => {
      const { body, losses } = render(foreign({ sampling: { maxOutputTokens } }), { maxOutput: 1000 });
      return [body.max_output_tokens, losses.map(({ why }) => why)];
    };
    expect(limited(500)).toEqual([500, []]);
    expect(limited(5000)).toEqual([1000, ['clamped to 1000']]);
    expect(limited(1)).toEqual([16, ['raised to 16']]);
  });

  it.each([
    ['no-temperature', 'temperature'],
    ['no-top-p', 'top_p'],
    ['no-parallel-tool-calls', 'parallel_tool_calls'],
  ])('obeys %s', (quirk, field) => {
    const request = foreign({
      tools: [{ kind: 'function', name: 'f' }],
      parallelToolCalls: false,
      sampling: { temperature: 1, topP: 1 },
    });
    expect(render(request).body).toHaveProperty(field);
    const { body, losses } = render(request, {}, quirk);
    expect(body).not.toHaveProperty(field);
    expect(losses).toEqual([{ what: field, why: 'acme/served refuses it' }]);
  });

  it('says how wordy to be where the model is known to listen', () => {
    const wordy = (verbosity: string, ...quirks: string[]) => {
      const { body, losses } = render(foreign({ verbosity }), {}, ...quirks);
      return [body.text, losses];
    };
    expect(wordy('low', 'verbosity')).toEqual([{ verbosity: 'low' }, []]);
    expect(wordy('low')).toEqual([
      undefined,
      [{ what: 'verbosity', why: 'acme/served has no setting for it' }],
    ]);
    expect(wordy('medium')).toEqual([undefined, []]);
  });

  it('obeys no-custom-tools, no-strict-tools, no-required-tool-choice and no-json-schema', () => {
    const request = foreign({
      messages: [
        {
          role: 'assistant',
          content: [{ type: 'tool-call', id: 'a', name: 'c', kind: 'custom', arguments: 'x"y' }],
        },
        { role: 'tool', content: [{ type: 'tool-result', id: 'a', kind: 'custom', content: [] }] },
      ],
      tools: [
        { kind: 'custom', name: 'c' },
        { kind: 'function', name: 'f', strict: true },
      ],
      toolChoice: { type: 'required' },
      format: { type: 'json-schema', schema: { type: 'object' } },
    });
    const { body, losses } = render(
      request,
      {},
      'no-custom-tools',
      'no-strict-tools',
      'no-required-tool-choice',
      'no-json-schema',
    );
    expect(body.input).toMatchObject([
      { role: 'developer', content: [{ text: expect.stringContaining('{"type":"object"}') }] },
      { type: 'function_call', arguments: '{"input":"x\\"y"}' },
      { type: 'function_call_output' },
    ]);
    expect(body.tools).toMatchObject([
      { type: 'function', name: 'c' },
      { type: 'function', name: 'f' },
    ]);
    expect(JSON.stringify(body.tools)).not.toContain('strict');
    expect(body).toMatchObject({ tool_choice: 'auto', text: { format: { type: 'json_object' } } });
    expect(losses.map(({ what }) => what).sort()).toEqual(['json_schema', 'strict', 'tool_choice']);
  });
});

describe('what another family thought, for a Responses target', () => {
  it('is dropped, and that is a loss', () => {
    const { body, losses } = render(
      said(
        { type: 'reasoning', text: 'hm', sealed: { kind: 'signature', origin: 'anthropic', value: 's' } },
        { type: 'reasoning', text: 'open thoughts' },
        {
          type: 'tool-call',
          id: 'a',
          name: 'f',
          kind: 'function',
          arguments: '{}',
          signature: { origin: 'google', value: 'g' },
        },
      ),
    );
    expect(body.input).toEqual([{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }]);
    expect(losses).toEqual([
      { what: 'thinking signature', why: 'made by anthropic' },
      { what: 'reasoning of earlier turns', why: 'without a seal it cannot go back' },
      { what: 'thinking signature', why: 'made by google' },
    ]);
  });

  it('is put back before its call when it is our own, even if a wire kept it as the signature of the call', () => {
    const call = {
      type: 'tool-call' as const,
      id: 'a',
      name: 'f',
      kind: 'function' as const,
      arguments: '{}',
    };
    const sealed = { kind: 'signature' as const, origin: 'openai', value: 'gAAAA' };
    const item = {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: 'gAAAA',
    };
    const wanted = [item, { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }];
    const apart = render(said({ type: 'reasoning', text: 'hm', sealed }, call));
    const onCall = render(
      said({ type: 'reasoning', text: 'hm' }, { ...call, signature: { origin: 'openai', value: 'gAAAA' } }),
    );
    expect(apart).toMatchObject({ body: { input: wanted }, losses: [] });
    expect(onCall).toMatchObject({ body: { input: wanted }, losses: [] });
  });
});

describe('how much to think', () => {
  const reasoning = (wish: PivotRequest['reasoning'], reasons?: boolean): unknown =>
    render(foreign({ ...(wish ? { reasoning: wish } : {}) }), reasons === undefined ? {} : { reasons }).body
      .reasoning;

  it('is said in words that every model takes when the client cannot know the model', () => {
    expect(reasoning({ budgetTokens: 8192 })).toEqual({ effort: 'medium' });
    expect(reasoning({ effort: 'max', adaptive: true, show: true })).toEqual({
      effort: 'high',
      summary: 'auto',
    });
    expect(reasoning({ adaptive: true })).toBeUndefined();
    expect(reasoning({ enabled: false })).toBeUndefined();
    expect(reasoning({ enabled: false }, true)).toEqual({ effort: 'low' });
  });

  it('is left alone when the client speaks of OpenAI models itself', () => {
    expect(render(parse({ input: 'Hi', reasoning: { effort: 'xhigh' } })).body.reasoning).toEqual({
      effort: 'xhigh',
    });
    expect(render(parse({ input: 'Hi', reasoning: { effort: 'none' } })).body.reasoning).toEqual({
      effort: 'none',
    });
  });
});
