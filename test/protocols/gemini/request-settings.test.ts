import { describe, expect, it } from 'vitest';
import type { PivotRequest, PivotTool, RenderTarget } from '../../../src/pivot/index.ts';
import { GEMINI_2, GEMINI_3, render, target } from './support.ts';

const TOOL: PivotTool = {
  kind: 'function',
  name: 'f',
  parameters: { type: 'object', properties: { a: { type: 'string' } } },
};
const config = (parts: Partial<PivotRequest>, to?: RenderTarget): unknown =>
  render(parts, to).body.generationConfig;
const lost = (parts: Partial<PivotRequest>, to?: RenderTarget): string[] =>
  render(parts, to).losses.map(({ what, why }) => `${what}: ${why}`);

describe('tools for Gemini', () => {
  it("are one group of functions and each of Google's own", () => {
    const server: PivotTool = {
      kind: 'server',
      origin: 'gemini',
      name: 'googleSearch',
      value: { googleSearch: {} },
    };
    expect(render({ tools: [TOOL, server, { ...TOOL, description: 'again' }] }).body.tools).toEqual([
      {
        functionDeclarations: [
          { name: 'f', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING' } } } },
        ],
      },
      { googleSearch: {} },
    ]);
  });

  it('that take free text are functions with one text, and the grammar is told', () => {
    const tools: PivotTool[] = [
      {
        kind: 'custom',
        name: 'exec',
        description: 'Runs.',
        grammar: { syntax: 'lark', definition: 'start: "a"' },
      },
    ];
    const messages: PivotRequest['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'go' }] },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', id: 'a', name: 'exec', kind: 'custom', arguments: 'ls "x"' }],
      },
    ];
    const { body } = render({ tools, messages });
    expect(body.tools).toEqual([
      {
        functionDeclarations: [
          {
            name: 'exec',
            description: expect.stringMatching(/^Runs\.[\s\S]*lark[\s\S]*start: "a"$/),
            parameters: { type: 'OBJECT', properties: { input: { type: 'STRING' } }, required: ['input'] },
          },
        ],
      },
    ]);
    expect(JSON.stringify(body.contents)).toContain('"args":{"input":"ls \\"x\\""}');
  });

  it('that another provider runs are losses, never silent', () => {
    const tools: PivotTool[] = [
      { kind: 'server', origin: 'openai-responses', name: 'web_search', value: { type: 'web_search' } },
    ];
    expect(lost({ tools })).toEqual(['web_search: only openai-responses runs it']);
    expect(render({ tools }).body).not.toHaveProperty('tools');
  });

  it.each([
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'tool', name: 'f', kind: 'function' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'allowed', mode: 'required', names: ['f'] },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'allowed', mode: 'auto', names: ['f'] },
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
    ],
  ] as [PivotRequest['toolChoice'] & object, object][])(
    'are chosen by mode and names: %j',
    (toolChoice, expected) => {
      expect(render({ tools: [TOOL], toolChoice }).body.toolConfig).toEqual({
        functionCallingConfig: expected,
      });
      expect(render({ toolChoice }).body).not.toHaveProperty('toolConfig');
    },
  );

  it('need not be used where the model refuses to be told so', () => {
    const odd = target({ odd: ['no-required-tool-choice'] });
    expect(lost({ tools: [TOOL], toolChoice: { type: 'required' } }, odd)).toEqual([
      'tool_choice: google/gemini-3.5-pro refuses it',
    ]);
    expect(lost({ tools: [TOOL], parallelToolCalls: false })).toEqual([
      'parallel_tool_calls: gemini has no word for it',
    ]);
  });
});

describe('settings for Gemini', () => {
  const sampling = {
    temperature: 0.2,
    topP: 0.9,
    topK: 3,
    maxOutputTokens: 9,
    stop: ['a'],
    seed: 1,
    frequencyPenalty: 1,
    presencePenalty: -1,
  };

  it('have its names', () => {
    expect(config({ sampling, modalities: ['text', 'image'] })).toEqual({
      temperature: 0.2,
      topP: 0.9,
      topK: 3,
      maxOutputTokens: 9,
      stopSequences: ['a'],
      seed: 1,
      frequencyPenalty: 1,
      presencePenalty: -1,
      responseModalities: ['TEXT', 'IMAGE'],
    });
    expect(config({})).toBeUndefined();
  });

  it('that the model refuses or the wire cannot say are losses', () => {
    const odd = target({
      odd: ['no-temperature', 'no-top-p', 'no-top-k', 'no-penalties', 'no-seed', 'no-stop'],
      maxOutput: 5,
    });
    expect(config({ sampling }, odd)).toEqual({ maxOutputTokens: 5 });
    expect(
      config({ sampling: { temperature: 0.1, topP: 0.5 } }, target({ odd: ['temperature-or-top-p'] })),
    ).toEqual({ temperature: 0.1 });
    expect(lost({ sampling }, odd)).toEqual([
      ...['temperature', 'top_p', 'top_k', 'stop', 'seed', 'frequency_penalty', 'presence_penalty'].map(
        (what) => `${what}: google/gemini-3.5-pro refuses it`,
      ),
      'max_tokens: clamped to 5',
    ]);
    expect(lost({ sampling: { n: 9, logprobs: 0, stop: ['1', '2', '3', '4', '5', '6'] } })).toEqual([
      'stop: only the first 5',
      'n: clamped to 8',
    ]);
    expect(config({ sampling: { n: 2 } })).toEqual({ candidateCount: 2 });
    expect(lost({ sampling: { n: 2 } }, target({ odd: ['no-n'] }))).toEqual([
      'n: google/gemini-3.5-pro refuses it',
    ]);
    expect(lost({ previousResponseId: 'r', store: true, serviceTier: 'scale' })).toHaveLength(3);
    expect(lost({ store: false, serviceTier: 'auto', cacheKey: 'k', sampling: { n: 1 } })).toEqual([]);
    expect(render({ serviceTier: 'flex' }).body.serviceTier).toBe('flex');
  });

  it('ask for JSON by media type and schema', () => {
    const format: PivotRequest['format'] = {
      type: 'json-schema',
      name: 'x',
      schema: { type: 'object', properties: { a: { type: 'integer', exclusiveMinimum: 0 } } },
    };
    expect(config({ format })).toEqual({
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', properties: { a: { type: 'INTEGER', minimum: 1 } } },
    });
    expect(config({ format: { type: 'json' } })).toEqual({ responseMimeType: 'application/json' });
    expect(config({ format }, target({ odd: ['no-json-schema'] }))).toEqual({
      responseMimeType: 'application/json',
    });
  });

  it('ask for JSON in words beside tools, where older models refuse it', () => {
    const format: PivotRequest['format'] = { type: 'json-schema', schema: { type: 'string' } };
    const { body, losses } = render({ format, tools: [TOOL] }, GEMINI_2);
    expect(body).not.toHaveProperty('generationConfig');
    expect(JSON.stringify(body.systemInstruction)).toContain('JSON Schema');
    expect(losses).toEqual([{ what: 'response format', why: 'refused beside tools; asked for in words' }]);
    expect(config({ format, tools: [TOOL] }, GEMINI_3)).toMatchObject({ responseSchema: { type: 'STRING' } });
  });

  it("of Gemini's own come back to it; those of others are losses, but for what is personal", () => {
    const fields = {
      safetySettings: [],
      'generationConfig.speechConfig': 1,
      'toolConfig.retrievalConfig': 2,
      novel: 3,
    };
    expect(render({ vendor: { origin: 'gemini', fields }, sampling: { seed: 1 } }).body).toMatchObject({
      safetySettings: [],
      generationConfig: { speechConfig: 1, seed: 1 },
      toolConfig: { retrievalConfig: 2 },
      novel: 3,
    });
    const foreign = {
      origin: 'anthropic-messages' as const,
      fields: { metadata: { user_id: 'me' }, context_management: {} },
    };
    const { body, losses } = render({ vendor: foreign });
    expect(JSON.stringify(body)).not.toContain('me"');
    expect(losses).toEqual([{ what: 'context_management', why: 'only anthropic-messages knows it' }]);
  });
});

describe('thinking for Gemini', () => {
  it.each([
    [{ effort: 'low' }, { thinkingBudget: 2048 }],
    [{ effort: 'max' }, { thinkingBudget: 24576 }],
    [{ budgetTokens: 5000 }, { thinkingBudget: 5000, includeThoughts: true }],
    [
      { enabled: true, adaptive: true, effort: 'high' },
      { thinkingBudget: 16384, includeThoughts: true },
    ],
    [{ adaptive: true }, { thinkingBudget: -1, includeThoughts: true }],
    [{ enabled: false }, { thinkingBudget: 0 }],
    [
      { show: false, budgetTokens: 1024 },
      { thinkingBudget: 1024, includeThoughts: false },
    ],
    [{ show: true }, { includeThoughts: true }],
    [{}, undefined],
  ] as [PivotRequest['reasoning'] & object, object | undefined][])(
    'is a budget for Gemini 2.5: %j',
    (reasoning, expected) => {
      expect(
        (config({ reasoning }, GEMINI_2) as { thinkingConfig?: unknown } | undefined)?.thinkingConfig,
      ).toEqual(expected);
      expect(lost({ reasoning }, GEMINI_2)).toEqual([]);
    },
  );

  it.each([
    [{ effort: 'low' }, { thinkingLevel: 'LOW' }],
    [{ effort: 'minimal' }, { thinkingLevel: 'LOW' }],
    [
      { effort: 'xhigh', show: true },
      { thinkingLevel: 'HIGH', includeThoughts: true },
    ],
    [{ budgetTokens: 8000 }, { thinkingLevel: 'MEDIUM', includeThoughts: true }],
    [{ adaptive: true }, { includeThoughts: true }],
  ] as [PivotRequest['reasoning'] & object, object][])(
    'is a level for Gemini 3: %j',
    (reasoning, thinkingConfig) => {
      expect(config({ reasoning }, GEMINI_3)).toEqual({ thinkingConfig });
    },
  );

  it('that cannot be had as asked is a loss', () => {
    const pro = target({ model: 'gemini-2.5-pro', reasons: true });
    expect(lost({ reasoning: { enabled: false } }, pro)).toEqual([
      'reasoning off: google/gemini-2.5-pro always thinks',
    ]);
    expect(config({ reasoning: { enabled: false } }, pro)).toEqual({
      thinkingConfig: { thinkingBudget: 128 },
    });
    expect(config({ reasoning: { enabled: false } }, target({ model: 'own' }))).toBeUndefined();
    expect(lost({ reasoning: { budgetTokens: 40000 } }, pro)).toEqual(['thinking budget: clamped to 32768']);
    expect(lost({ reasoning: { enabled: false } }, GEMINI_3)).toEqual([
      'reasoning off: google/gemini-3.5-pro always thinks',
    ]);
    expect(lost({ reasoning: { effort: 'max' } }, GEMINI_3)).toEqual(['effort: max became high']);
    const fast = target({ odd: ['thinking-level', 'effort-minimal'] });
    expect(config({ reasoning: { effort: 'minimal' } }, fast)).toEqual({
      thinkingConfig: { thinkingLevel: 'MINIMAL' },
    });
    const dull = target({ reasons: false });
    expect(config({ reasoning: { effort: 'high' } }, dull)).toBeUndefined();
    expect(lost({ reasoning: { effort: 'high' } }, dull)).toEqual([
      'reasoning: google/gemini-3.5-pro does not think',
    ]);
    expect(lost({ reasoning: { enabled: false } }, dull)).toEqual([]);
  });
});
