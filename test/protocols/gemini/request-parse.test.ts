import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../../src/pivot/index.ts';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import { messagesOf, parse, user } from './support.ts';

const call = (name: string, extra = {}): object => ({ functionCall: { name, args: { a: 1 } }, ...extra });
const response = (name: string, extra = {}): object => ({
  functionResponse: { name, response: { output: 'ok' }, ...extra },
});
const ids = (turns: unknown[]): (string | undefined)[] =>
  messagesOf(...turns).flatMap(({ content }) =>
    content.flatMap((part) => ('id' in part && typeof part.id === 'string' ? [part.id] : [])),
  );

describe('a Gemini request', () => {
  it('has its instruction as a content, as parts or as text', () => {
    const system = { role: 'system', from: 'system', content: [{ type: 'text', text: 'Be brief.' }] };
    const contents = [{ parts: [{ text: 'hi' }] }];
    for (const systemInstruction of [
      'Be brief.',
      { role: 'user', parts: [{ text: 'Be brief.' }] },
      { parts: { text: 'Be brief.' } },
      [{ text: 'Be brief.' }],
    ])
      expect(parse({ systemInstruction, contents }).messages).toEqual([system, user('hi')]);
  });

  it('is read in snake_case, too, but not inside what is not of the wire', () => {
    const { messages, sampling, tools } = parse({
      system_instruction: { parts: [{ text: 'x' }] },
      contents: [
        { role: 'model', parts: [{ function_call: { name: 'f', args: { a_b: 1 } } }] },
        { parts: [{ text: 'y' }] },
      ],
      generation_config: { max_output_tokens: 5, top_p: 0.5 },
      tools: [
        {
          function_declarations: [
            { name: 'f', parameters: { type: 'OBJECT', properties: { a_b: { type: 'STRING' } } } },
          ],
        },
      ],
    });
    expect(messages.map(({ role }) => role)).toEqual(['system', 'assistant', 'user']);
    expect(messages[1]?.content[0]).toMatchObject({ arguments: '{"a_b":1}' });
    expect(sampling).toEqual({ maxOutputTokens: 5, topP: 0.5 });
    expect(tools[0]).toMatchObject({ parameters: { properties: { a_b: { type: 'string' } } } });
  });

  it('may have two turns of the user in a row (Gemini CLI)', () => {
    expect(
      messagesOf({ role: 'user', parts: [{ text: 'a' }] }, { role: 'user', parts: [{ text: 'b' }] }),
    ).toEqual([user('a'), user('b')]);
  });

  it('is a problem only when it says nothing', () => {
    for (const json of [{}, { contents: [] }, { contents: 5 }, { contents: [{ parts: [] }] }])
      expect(gemini.parseRequest(json, { model: 'm', stream: true })).toMatchObject({ param: 'contents' });
    expect(parse({ contents: { parts: [{ text: 'alone' }] } }).messages).toEqual([user('alone')]);
    const whole = { generateContentRequest: { contents: [{ parts: [{ text: 'count me' }] }] } };
    expect(parse(whole).messages).toEqual([user('count me')]);
  });

  it('keeps what only Gemini knows for Gemini', () => {
    const { vendor } = parse({
      contents: [{ parts: [{ text: 'hi' }] }],
      safetySettings: [{ category: 'X', threshold: 'OFF' }],
      cachedContent: 'cachedContents/1',
      labels: { a: 'b' },
      somethingNew: 1,
      generationConfig: { speechConfig: { voice: 'v' }, temperature: 1 },
      toolConfig: { retrievalConfig: { languageCode: 'de' }, functionCallingConfig: { mode: 'AUTO' } },
    });
    expect(vendor).toEqual({
      origin: 'gemini',
      fields: {
        safetySettings: [{ category: 'X', threshold: 'OFF' }],
        cachedContent: 'cachedContents/1',
        labels: { a: 'b' },
        somethingNew: 1,
        'generationConfig.speechConfig': { voice: 'v' },
        'toolConfig.retrievalConfig': { languageCode: 'de' },
      },
    });
  });
});

describe('calls and responses of a Gemini request', () => {
  it('without ids get one by their place, and a response that of the oldest open call of its name', () => {
    const turns = [
      { role: 'user', parts: [{ text: 'go' }] },
      { role: 'model', parts: [call('f'), call('g'), call('f')] },
      { role: 'user', parts: [response('g'), response('f'), response('f')] },
    ];
    expect(ids(turns)).toEqual(['call_1_0', 'call_1_1', 'call_1_2', 'call_1_1', 'call_1_0', 'call_1_2']);
  });

  it('have the id of the call when only one side has any', () => {
    const named = (name: string, id: string): object => ({ functionResponse: { name, id, response: {} } });
    expect(ids([{ role: 'model', parts: [call('f')] }, { parts: [named('f', 'f-1700-a')] }])).toEqual([
      'call_0_0',
      'call_0_0',
    ]);
    const own = { functionCall: { id: 'x', name: 'f', args: {} } };
    expect(ids([{ role: 'model', parts: [own] }, { parts: [response('f')] }])).toEqual(['x', 'x']);
    expect(
      ids([
        { role: 'model', parts: [own] },
        { role: 'function', parts: [named('f', 'x')] },
      ]),
    ).toEqual(['x', 'x']);
  });

  it('of one content stand before what the user says beside them', () => {
    const said = messagesOf(
      { role: 'model', parts: [call('f')] },
      { parts: [{ text: 'and' }, response('f')] },
    );
    expect(said.map(({ role }) => role)).toEqual(['assistant', 'tool', 'user']);
  });

  it('say in words what is in the response: output, error, anything', () => {
    const of = (answer: unknown): unknown => {
      const [, tool] = messagesOf(
        { role: 'model', parts: [call('f')] },
        { parts: [{ functionResponse: { name: 'f', response: answer } }] },
      );
      const [part] = tool?.content ?? [];
      return (
        part?.type === 'tool-result' && [part.isError, part.content.map((one) => 'text' in one && one.text)]
      );
    };
    expect(of({ output: 'x' })).toEqual([undefined, ['x']]);
    expect(of({ result: [1] })).toEqual([undefined, ['[1]']]);
    expect(of({ error: 'no' })).toEqual([true, ['no']]);
    expect(of({ a: 1, b: 2 })).toEqual([undefined, ['{"a":1,"b":2}']]);
    expect(of({})).toEqual([undefined, []]);
    expect(of('plain')).toEqual([undefined, ['plain']]);
  });

  it('may have pictures inside the response', () => {
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }];
    const [, tool] = messagesOf({ role: 'model', parts: [call('f')] }, { parts: [response('f', { parts })] });
    expect(tool?.content[0]).toMatchObject({
      name: 'f',
      content: [{ type: 'text' }, { type: 'image', source: { kind: 'base64', data: 'AAAA' } }],
    });
  });
});

describe('parts of a Gemini request', () => {
  it('are pictures, sounds, films, documents and links by their type', () => {
    const [message] = messagesOf({
      parts: [
        { inlineData: { mimeType: 'image/png', data: 'A' } },
        { inlineData: { mimeType: 'audio/wav', data: 'B' } },
        { inlineData: { mimeType: 'application/pdf', data: 'C', displayName: 'c.pdf' } },
        {
          fileData: {
            fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/1',
            mimeType: 'video/mp4',
          },
        },
        { fileData: { fileUri: 'https://www.youtube.com/watch?v=1' } },
        { fileData: { fileUri: 'https://example.com/a.png?x=1' } },
      ],
    });
    expect(message?.content).toEqual([
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'A' } },
      { type: 'media', source: { kind: 'base64', mediaType: 'audio/wav', data: 'B' } },
      {
        type: 'document',
        source: { kind: 'base64', mediaType: 'application/pdf', data: 'C' },
        name: 'c.pdf',
      },
      {
        type: 'media',
        source: {
          kind: 'file',
          origin: 'gemini',
          id: 'https://generativelanguage.googleapis.com/v1beta/files/1',
          mediaType: 'video/mp4',
        },
      },
      { type: 'media', source: { kind: 'url', url: 'https://www.youtube.com/watch?v=1' } },
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png?x=1' } },
    ]);
  });

  it('that only Gemini knows stay whole for it', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1' } };
    const [message] = messagesOf({ role: 'model', parts: [code, {}, { thoughtSignature: 'c2ln' }] });
    expect(message?.content).toEqual([
      { type: 'vendor', origin: 'gemini', name: 'executableCode', value: code, text: '```python\n1\n```' },
    ]);
  });

  it('that are thoughts in pieces are one thought, until a signature ends it', () => {
    const [message] = messagesOf({
      role: 'model',
      parts: [
        { text: 'I ', thought: true },
        { text: 'think', thought: true, thoughtSignature: 'c2ln' },
        { text: 'more', thought: true },
        { text: 'So.', thoughtSignature: 'c2lnMg==' },
      ],
    });
    expect(message?.content).toEqual([
      { type: 'reasoning', text: 'I think', sealed: { kind: 'signature', origin: 'google', value: 'c2ln' } },
      { type: 'reasoning', text: 'more' },
      { type: 'text', text: 'So.', signature: { origin: 'google', value: 'c2lnMg==' } },
    ]);
  });

  it('know the word for no signature from a signature', () => {
    for (const word of ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']) {
      const [message] = messagesOf({ role: 'model', parts: [call('f', { thoughtSignature: word })] });
      expect(message?.content[0]).not.toHaveProperty('signature');
    }
  });

  it('give foreign seals back to the family that made them', () => {
    const thoughtSignature = encodeBase64('uno1.anthropic.EqQB==');
    const [message] = messagesOf({ role: 'model', parts: [{ text: 'hm', thought: true, thoughtSignature }] });
    expect(message?.content[0]).toMatchObject({
      sealed: { origin: 'anthropic', value: 'EqQB==', kind: 'signature' },
    });
  });
});

describe('tools of a Gemini request', () => {
  const declared = (declaration: object): unknown =>
    parse({
      contents: [{ parts: [{ text: 'x' }] }],
      tools: [{ functionDeclarations: [{ name: 'f', ...declaration }] }],
    }).tools[0];

  it('have types in capitals and OpenAPI words, which become JSON Schema', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        type: { type: 'STRING', nullable: true, enum: ['a'], format: 'enum' },
        format: { type: 'ARRAY', minItems: '2', items: { type: 'INTEGER' } },
      },
      propertyOrdering: ['format', 'type'],
    };
    expect(declared({ parameters })).toEqual({
      kind: 'function',
      name: 'f',
      parameters: {
        type: 'object',
        properties: {
          format: { type: 'array', minItems: 2, items: { type: 'integer' } },
          type: { type: ['string', 'null'], enum: ['a', null] },
        },
      },
    });
    expect(JSON.stringify(declared({ parameters }))).toMatch(/"format":.*"type":\{"type":\["string"/);
  });

  it('may have JSON Schema, which stays what it is', () => {
    const schema = { type: 'object', properties: { a: { const: 1 } }, additionalProperties: false };
    expect(declared({ parametersJsonSchema: schema })).toMatchObject({ parameters: schema });
  });

  it('that Google runs are server tools', () => {
    const { tools } = parse({
      contents: [{ parts: [{ text: 'x' }] }],
      tools: [{ googleSearch: {}, urlContext: {} }, { codeExecution: {} }],
    });
    expect(tools).toEqual(
      ['googleSearch', 'urlContext', 'codeExecution'].map((name) => ({
        kind: 'server',
        origin: 'gemini',
        name,
        value: { [name]: {} },
      })),
    );
  });

  it.each([
    [{ mode: 'AUTO' }, { type: 'auto' }],
    [{ mode: 'VALIDATED' }, { type: 'auto' }],
    [{ mode: 'NONE' }, { type: 'none' }],
    [{ mode: 'ANY' }, { type: 'required' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f'] },
      { type: 'tool', name: 'f', kind: 'function' },
    ],
    [
      { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
      { type: 'allowed', mode: 'required', names: ['f', 'g'] },
    ],
    [
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
      { type: 'allowed', mode: 'auto', names: ['f'] },
    ],
    [undefined, undefined],
  ])('are chosen by mode and names: %j', (functionCallingConfig, choice) => {
    const contents = [{ parts: [{ text: 'x' }] }];
    expect(parse({ contents, toolConfig: { functionCallingConfig } }).toolChoice).toEqual(choice);
  });
});

describe('settings of a Gemini request', () => {
  const settings = (generationConfig: object): ReturnType<typeof parse> =>
    parse({ contents: [{ parts: [{ text: 'x' }] }], generationConfig });

  it('are sampling, format and kinds of output', () => {
    const { sampling, format, modalities } = settings({
      temperature: 0.1,
      topP: 0.9,
      topK: 40,
      maxOutputTokens: 100,
      stopSequences: ['END'],
      candidateCount: 1,
      seed: 7,
      presencePenalty: 0.5,
      frequencyPenalty: -0.5,
      responseLogprobs: true,
      logprobs: 3,
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } } },
      responseModalities: ['TEXT', 'IMAGE'],
    });
    expect(sampling).toEqual({
      temperature: 0.1,
      topP: 0.9,
      topK: 40,
      maxOutputTokens: 100,
      stop: ['END'],
      n: 1,
      seed: 7,
      presencePenalty: 0.5,
      frequencyPenalty: -0.5,
      logprobs: 3,
    });
    expect(format).toEqual({
      type: 'json-schema',
      schema: { type: 'object', properties: { a: { type: 'string' } } },
    });
    expect(modalities).toEqual(['text', 'image']);
  });

  it('ask for JSON with a schema of either dialect, or without', () => {
    const schema = { type: 'string' };
    expect(settings({ responseMimeType: 'application/json', responseJsonSchema: schema }).format).toEqual({
      type: 'json-schema',
      schema,
    });
    expect(settings({ responseMimeType: 'application/json' }).format).toEqual({ type: 'json' });
    expect(settings({ responseMimeType: 'text/plain' })).not.toHaveProperty('format');
    const words = { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } };
    expect(settings(words).vendor?.fields).toEqual({
      'generationConfig.responseMimeType': 'text/x.enum',
      'generationConfig.responseSchema': words.responseSchema,
    });
  });

  it.each([
    [{ thinkingBudget: 0 }, { enabled: false }],
    [
      { thinkingBudget: -1, includeThoughts: true },
      { enabled: true, adaptive: true, show: true },
    ],
    [{ thinkingBudget: 8192 }, { enabled: true, budgetTokens: 8192 }],
    [{ thinkingLevel: 'HIGH' }, { effort: 'high' }],
    [{ thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' }, undefined],
    [{ includeThoughts: false }, { show: false }],
  ])('say how much to think: %j', (thinkingConfig, reasoning) => {
    expect(settings({ thinkingConfig }).reasoning).toEqual(reasoning);
  });
});
