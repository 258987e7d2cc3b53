import { describe, expect, it } from 'vitest';
import type { PivotRequest, PivotTool } from '../../../src/pivot/index.ts';
import { anthropicMessages } from '../../../src/protocols/anthropic-messages/index.ts';
import { calls, render, request, results, target, user } from './support.ts';

const GO: PivotTool = { kind: 'function', name: 'go', parameters: { type: 'object', properties: {} } };

describe('settings on their way to Messages', () => {
  it('always say how long the answer may be', () => {
    expect(render({}).body.max_tokens).toBe(8192);
    expect(render({}, target({ maxOutput: 64000 })).body.max_tokens).toBe(64000);
    expect(render({ sampling: { maxOutputTokens: 5 } }).body.max_tokens).toBe(5);
    expect(render({}, target({ maxOutput: 64000 })).losses).toEqual([]);
  });

  it('are losses where the wire has no word for them, and none where they change nothing', () => {
    const loud: Partial<PivotRequest> = {
      sampling: { n: 2, seed: 1, frequencyPenalty: 0.5, presencePenalty: 0.5, logprobs: 3, temperature: 1.7 },
      modalities: ['text', 'audio'],
      store: true,
      serviceTier: 'flex',
      previousResponseId: 'resp_1',
      cacheKey: 'k',
      vendor: { origin: 'openai-chat', fields: { user: 'me', logit_bias: {} } },
    };
    expect(render(loud).losses.map(({ what }) => what)).toEqual([
      'temperature',
      'n',
      'seed',
      'frequency_penalty',
      'presence_penalty',
      'logprobs',
      'modalities',
      'store',
      'previous_response_id',
      'service_tier',
      'logit_bias',
    ]);
    const quiet: Partial<PivotRequest> = {
      sampling: { n: 1, frequencyPenalty: 0, presencePenalty: 0, temperature: 1, topP: 1 },
      modalities: ['text'],
      store: false,
      serviceTier: 'auto',
      cacheKey: 'k',
    };
    expect(render(quiet).losses).toEqual([]);
    expect(JSON.stringify(render(loud).body)).not.toContain('"me"');
  });

  it('keep temperature rather than top_p where the target refuses both together', () => {
    const sampling = { temperature: 0.5, topP: 0.9, stop: ['END', '\n'] };
    expect(render({ sampling }).body).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      stop_sequences: ['END'],
    });
    const { body, losses } = render({ sampling }, target({ odd: ['temperature-or-top-p'] }));
    expect([body.temperature, body.top_p]).toEqual([0.5, undefined]);
    expect(losses.map(({ what }) => what).sort()).toEqual(['stop', 'top_p']);
  });

  it('are dropped, with a loss, when the target refuses them', () => {
    const odd = [
      'no-temperature',
      'no-top-p',
      'no-top-k',
      'no-stop',
      'no-parallel-tool-calls',
      'no-required-tool-choice',
    ];
    const { body, losses } = render(
      {
        sampling: { temperature: 0.5, topP: 0.9, topK: 3, stop: ['END'] },
        tools: [GO],
        toolChoice: { type: 'required' },
        parallelToolCalls: false,
      },
      target({ odd }),
    );
    expect(Object.keys(body).sort()).toEqual(['max_tokens', 'messages', 'model', 'tool_choice', 'tools']);
    expect(body.tool_choice).toEqual({ type: 'auto' });
    for (const { why } of losses) expect(why).toBe('anthropic/claude refuses it');
    expect(losses.map(({ what }) => what).sort()).toEqual([
      'parallel_tool_calls',
      'stop',
      'temperature',
      'tool_choice',
      'top_k',
      'top_p',
    ]);
  });

  it('say who the user is to Anthropic alone', () => {
    const vendor = {
      origin: 'anthropic-messages' as const,
      fields: { metadata: { user_id: 'me' }, speed: 'fast' },
    };
    expect(render({ vendor }).body).toMatchObject({ metadata: { user_id: 'me' }, speed: 'fast' });
    const other = render({ vendor }, target({ provider: 'deepseek' }));
    expect(other.body.metadata).toBeUndefined();
    expect(other.body.speed).toBe('fast');
  });
});

describe('the shape of an answer on its way to Messages', () => {
  const schema = {
    type: 'object',
    properties: {
      format: { type: 'string', minLength: 2 },
      list: { type: 'array', items: { type: 'object' }, minItems: 3 },
    },
  };

  it('is a schema that the API enforces; what it cannot enforce is told in words', () => {
    const { body } = render({ format: { type: 'json-schema', schema } });
    expect(body.output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: {
            format: { type: 'string', description: '(minLength: 2)' },
            list: {
              type: 'array',
              items: { type: 'object', additionalProperties: false },
              description: '(minItems: 3)',
            },
          },
        },
      },
    });
  });

  it.each([
    ['json', { type: 'json' as const }, target()],
    [
      'a schema that the target cannot enforce',
      { type: 'json-schema' as const, schema },
      target({ odd: ['no-json-schema'] }),
    ],
    [
      'a schema beside tools that shut it out',
      { type: 'json-schema' as const, schema },
      target({ odd: ['no-format-with-tools'] }),
    ],
  ])('is an instruction when it is %s', (_what, format, to) => {
    const { body, losses } = render({ format, tools: [GO] }, to);
    expect(body.output_config).toBeUndefined();
    expect(JSON.stringify(body.system)).toContain('Answer with one JSON');
    expect(losses).toEqual([{ what: 'response_format', why: 'said in the system prompt, not enforced' }]);
  });
});

describe('tools on their way to Messages', () => {
  const written = (tool: PivotTool): unknown => {
    const [first] = render({ tools: [tool] }).body.tools as Record<string, unknown>[];
    const { cache_control: _mark, ...rest } = first ?? {};
    return rest;
  };

  it('have parameters that are an object, whatever the client gave', () => {
    expect(written({ kind: 'function', name: 'go' })).toEqual({
      name: 'go',
      input_schema: { type: 'object', properties: {} },
    });
    const either = [
      { properties: { a: { type: 'string' } }, required: ['a', 'c'] },
      { properties: { b: { type: 'string' } }, required: ['b', 'c'] },
    ];
    expect(
      written({ kind: 'function', name: 'go', parameters: { anyOf: either, properties: { c: {} } } }),
    ).toEqual({
      name: 'go',
      input_schema: {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' }, c: {} },
        required: ['c'],
      },
    });
  });

  it('of free text become functions of one text that tell their grammar', () => {
    const tool = written({
      kind: 'custom',
      name: 'exec',
      description: 'Runs.',
      grammar: { syntax: 'lark', definition: 'start: /.+/' },
    });
    expect(tool).toEqual({
      name: 'exec',
      description: 'Runs.\n\nThe input must match this lark grammar:\nstart: /.+/',
      input_schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
    });
  });

  it('of another vendor are refused openly, own ones come back as they were', () => {
    const value = { type: 'web_search_20250305', name: 'web_search' };
    expect(written({ kind: 'server', origin: 'anthropic-messages', name: 'web_search', value })).toEqual(
      value,
    );
    expect(
      render({ tools: [{ kind: 'server', origin: 'openai-responses', name: 'web_search', value: {} }] })
        .losses,
    ).toEqual([{ what: 'web_search', why: 'a tool that only openai-responses runs' }]);
  });

  it('are strict only as far as the API takes it', () => {
    const strict = (count: number): PivotTool[] =>
      Array.from({ length: count }, (_, i) => ({ ...GO, kind: 'function', name: `t${i}`, strict: true }));
    expect(written(strict(1)[0] ?? GO)).toEqual({
      name: 't0',
      input_schema: { type: 'object', properties: {}, additionalProperties: false },
      strict: true,
    });
    const many = render({ tools: strict(21) });
    expect(JSON.stringify(many.body)).not.toContain('"strict"');
    expect(many.losses).toEqual([
      { what: 'strict', why: 'anthropic-messages takes 20 strict tools at most' },
    ]);
  });

  it.each<[Partial<PivotRequest>, unknown]>([
    [{}, undefined],
    [{ toolChoice: { type: 'auto' } }, { type: 'auto' }],
    [{ toolChoice: { type: 'required' } }, { type: 'any' }],
    [{ toolChoice: { type: 'none' }, parallelToolCalls: false }, { type: 'none' }],
    [{ toolChoice: { type: 'tool', name: 'find', kind: 'function' } }, { type: 'tool', name: 'mcp__find' }],
    [{ parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      { toolChoice: { type: 'required' }, parallelToolCalls: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ toolChoice: { type: 'allowed', mode: 'required', names: ['go'] } }, { type: 'any' }],
  ])('may be chosen as the client said: %j', (choice, expected) => {
    const tools: PivotTool[] = [GO, { kind: 'function', name: 'find', namespace: 'mcp' }];
    const { body } = render({ tools, ...choice });
    expect(body.tool_choice).toEqual(expected);
    expect(body.tools).toHaveLength(choice.toolChoice?.type === 'allowed' ? 1 : 2);
  });

  it('stand in for themselves when a history has calls and the request offers nothing', () => {
    const { body, losses } = render({ messages: [user('go'), calls('a', 'b'), results('a', 'b')] });
    expect(body.tools).toMatchObject([{ name: 'go', input_schema: { type: 'object' } }]);
    expect(body.tool_choice).toEqual({ type: 'none' });
    expect(losses).toEqual([]);
  });
});

describe('a Messages request that makes no sense', () => {
  it.each([{}, { messages: [] }, { messages: 'hi' }, { messages: [{ role: 'system', content: 'x' }] }])(
    'is a problem for the client: %j',
    (json) => {
      expect(anthropicMessages.parseRequest(json, { model: 'm', stream: false })).toEqual({
        problem: 'messages must be a list with at least one message',
        param: 'messages',
      });
    },
  );

  it('is rendered all the same when the pivot holds no more than that', () => {
    expect(anthropicMessages.renderRequest(request({ messages: [] }), target()).body.messages).toHaveLength(
      1,
    );
  });
});
