import { describe, expect, it } from 'vitest';
import type { AssistantPart, PivotMessage, ToolResultPart } from '../../../src/pivot/index.ts';
import { calls, contents, GEMINI_2, GEMINI_3, partsOf, render, results, target, user } from './support.ts';

const SKIP = 'skip_thought_signature_validator';
const system = (text: string): PivotMessage => ({
  role: 'system',
  from: 'system',
  content: [{ type: 'text', text }],
});
const model = (...content: AssistantPart[]): PivotMessage => ({ role: 'assistant', content });
const call = (id: string, extra: Partial<AssistantPart & { type: 'tool-call' }> = {}): AssistantPart => ({
  type: 'tool-call',
  id,
  name: 'go',
  kind: 'function',
  arguments: '{}',
  ...extra,
});
const result = (id: string, extra: Partial<ToolResultPart> = {}): PivotMessage => ({
  role: 'tool',
  content: [{ type: 'tool-result', id, kind: 'function', content: [], ...extra }],
});

describe('the conversation for Gemini', () => {
  it("has the system text of the start as its instruction, and later one as the user's in a tag", () => {
    const rendered = render({ messages: [system('A'), system('B'), user('hi'), system('C')] });
    expect(rendered.body.systemInstruction).toEqual({ parts: [{ text: 'A' }, { text: 'B' }] });
    expect(contents(rendered)).toEqual([
      { role: 'user', parts: [{ text: 'hi' }, { text: '<system>\nC\n</system>' }] },
    ]);
    expect(rendered.losses).toEqual([]);
  });

  it('leaves out the block of Claude Code that changes with every request, without a loss', () => {
    const { body, losses } = render({
      messages: [system('x-anthropic-billing-header: cc_version=1'), user('hi')],
    });
    expect(body).not.toHaveProperty('systemInstruction');
    expect(losses).toEqual([]);
  });

  it('alternates: turns of one side are one, and none is empty', () => {
    const messages: PivotMessage[] = [
      user('a'),
      user('b'),
      model(),
      model({ type: 'text', text: 'c' }),
      user(''),
      model({ type: 'text', text: 'd' }),
    ];
    expect(contents(render({ messages }))).toEqual([
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'model', parts: [{ text: 'c' }, { text: 'd' }] },
    ]);
  });

  it('begins with the user, and is never without contents', () => {
    expect(
      contents(render({ messages: [model({ type: 'text', text: 'a' })] })).map(({ role }) => role),
    ).toEqual(['user', 'model']);
    const only = render({ messages: [system('Only.')] });
    expect(only.body).not.toHaveProperty('systemInstruction');
    expect(contents(only)).toEqual([{ role: 'user', parts: [{ text: 'Only.' }] }]);
    expect(contents(render({ messages: [] }))).toHaveLength(1);
  });

  it('has no empty text beside calls; arguments "" are {}, and what is no JSON object stays readable', () => {
    const messages = [
      user('hi'),
      model(
        { type: 'text', text: '' },
        call('a', { arguments: '' }),
        call('b', { arguments: '{"x":' }),
        call('c', { arguments: '[1]' }),
      ),
    ];
    expect(partsOf(render({ messages }, GEMINI_2), 1)).toEqual([
      { functionCall: { id: 'a', name: 'go', args: {} } },
      { functionCall: { id: 'b', name: 'go', args: { _raw: '{"x":' } } },
      { functionCall: { id: 'c', name: 'go', args: { _raw: '[1]' } } },
    ]);
  });

  it('has names that Gemini takes, the same for tool, call, result and choice', () => {
    const name = 'plugin:tool with spaces';
    const { body } = render({
      tools: [
        { kind: 'function', name, namespace: 'mcp' },
        { kind: 'function', name: '3d' },
      ],
      toolChoice: { type: 'tool', name, kind: 'function' },
      messages: [user('hi'), model(call('a', { name, namespace: 'mcp' })), result('a')],
    });
    const text = JSON.stringify(body);
    const [mapped] = text.match(/mcp__plugin_tool_with_spaces_[0-9a-z]{8}/) ?? [];
    expect(mapped).toMatch(/^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/);
    expect(text.split(`"${mapped}"`)).toHaveLength(5);
    expect(text).not.toContain(`"${name}"`);
    expect(text).toContain('"_3d"');
  });
});

describe('results of tools for Gemini', () => {
  it('stand in one turn behind their calls, in the order of the calls', () => {
    const messages = [
      user('hi'),
      calls('a', 'b'),
      result('b', { content: [{ type: 'text', text: 'B' }] }),
      user('and'),
      results('a'),
    ];
    expect(partsOf(render({ messages }), 2)).toEqual([
      { functionResponse: { id: 'a', name: 'go', response: { output: 'of a' } } },
      { functionResponse: { id: 'b', name: 'go', response: { output: 'B' } } },
      { text: 'and' },
    ]);
  });

  it('are errors when the tool failed, and never empty', () => {
    const messages = [
      user('hi'),
      calls('a', 'b'),
      result('a', { isError: true, content: [{ type: 'text', text: 'no' }] }),
      result('b'),
    ];
    expect(partsOf(render({ messages }), 2)).toEqual([
      { functionResponse: { id: 'a', name: 'go', response: { error: 'no' } } },
      { functionResponse: { id: 'b', name: 'go', response: { output: '(empty)' } } },
    ]);
  });

  it('are as many as the calls: a missing one is an error, one too many is text, and both are losses', () => {
    const { losses, ...rendered } = render({
      messages: [user('hi'), calls('a'), user('stop'), results('z')],
    });
    expect(partsOf({ ...rendered, losses }, 2)).toEqual([
      { functionResponse: { id: 'a', name: 'go', response: { error: '(no result)' } } },
      { text: '<tool_result>\nof z\n</tool_result>' },
      { text: 'stop' },
    ]);
    expect(losses.map(({ what }) => what)).toEqual(['tool call', 'tool result']);
    expect(partsOf(render({ messages: [user('hi'), calls('a')] }), 2)).toEqual([]);
  });

  it('have their pictures behind all responses, with a word in their place', () => {
    const image = {
      type: 'image' as const,
      source: { kind: 'base64' as const, mediaType: 'image/png', data: 'AAAA' },
    };
    const messages = [
      user('hi'),
      calls('a', 'b'),
      result('a', { content: [{ type: 'text', text: 'see' }, image] }),
      results('b'),
    ];
    expect(partsOf(render({ messages }), 2)).toEqual([
      { functionResponse: { id: 'a', name: 'go', response: { output: 'see\n[image 1 of go: see below]' } } },
      { functionResponse: { id: 'b', name: 'go', response: { output: 'of b' } } },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
    ]);
    expect(partsOf(render({ messages }, GEMINI_3), 2)[0]).toEqual({
      functionResponse: {
        id: 'a',
        name: 'go',
        response: { output: 'see' },
        parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }],
      },
    });
  });
});

describe('signatures for Gemini', () => {
  const own = { origin: 'google', value: 'c2lnbmVk+/==' };

  it('of Google are byte-exact on the part that they came on', () => {
    const messages = [
      user('hi'),
      model(
        { type: 'reasoning', text: 'hm', sealed: { ...own, kind: 'signature' } },
        { type: 'text', text: 'So', signature: own },
        call('a', { signature: { origin: 'google', value: 'Y2FsbA==' } }),
        call('b'),
      ),
    ];
    expect(partsOf(render({ messages }), 1)).toEqual([
      { text: 'hm', thought: true, thoughtSignature: 'c2lnbmVk+/==' },
      { text: 'So', thoughtSignature: 'c2lnbmVk+/==' },
      { functionCall: { id: 'a', name: 'go', args: {} }, thoughtSignature: 'Y2FsbA==' },
      { functionCall: { id: 'b', name: 'go', args: {} } },
    ]);
  });

  it("without a text go onto the call behind them: some wires have no other place for a call's signature", () => {
    const seal: AssistantPart = { type: 'reasoning', text: '', sealed: { ...own, kind: 'signature' } };
    expect(partsOf(render({ messages: [user('hi'), model(seal, call('a'), call('b'))] }), 1)).toEqual([
      { functionCall: { id: 'a', name: 'go', args: {} }, thoughtSignature: own.value },
      { functionCall: { id: 'b', name: 'go', args: {} } },
    ]);
    expect(
      partsOf(render({ messages: [user('hi'), model(seal, { type: 'text', text: 'x' })] }), 1)[0],
    ).toEqual({
      text: '',
      thought: true,
      thoughtSignature: own.value,
    });
  });

  it('that nobody made are the documented word, on the first call of each turn only', () => {
    const messages = [user('hi'), calls('a', 'b'), results('a', 'b'), calls('c'), results('c')];
    const signs = contents(render({ messages })).flatMap(({ parts }) =>
      parts.map((part) => part.thoughtSignature),
    );
    expect(signs).toEqual([undefined, SKIP, undefined, undefined, undefined, SKIP, undefined]);
    expect(JSON.stringify(render({ messages }, GEMINI_2))).not.toContain(SKIP);
    expect(JSON.stringify(render({ messages }, target({ model: 'gemini-2.0-flash-lite' })))).not.toContain(
      SKIP,
    );
  });

  it('of others are left out with a loss; what may be read stays', () => {
    const anthropic = { origin: 'anthropic', value: 'EqQB' };
    const rendered = render({
      messages: [
        user('hi'),
        model(
          { type: 'reasoning', text: 'hm', sealed: { ...anthropic, kind: 'signature' } },
          { type: 'reasoning', text: '', sealed: { ...anthropic, kind: 'redacted' } },
          { type: 'reasoning', text: 'unsigned' },
          call('a', { signature: { origin: 'openai', value: 'x' } }),
        ),
      ],
    });
    expect(partsOf(rendered, 1)).toEqual([
      { text: 'hm', thought: true },
      { text: 'unsigned', thought: true },
      { functionCall: { id: 'a', name: 'go', args: {} }, thoughtSignature: SKIP },
    ]);
    expect(rendered.losses).toEqual([
      { what: 'thinking signature', why: 'made by anthropic' },
      { what: 'redacted thinking', why: 'made by anthropic' },
      { what: 'tool call signature', why: 'made by openai' },
    ]);
  });
});

describe('pictures and documents for Gemini', () => {
  const media = (part: object, to = target()): [unknown, unknown] => {
    const rendered = render({ messages: [{ role: 'user', content: [part as never] }] }, to);
    return [partsOf(rendered)[0], rendered.losses.map(({ what }) => what)];
  };
  const link = (type: string, url: string, mediaType?: string): object => ({
    type,
    source: { kind: 'url', url, ...(mediaType ? { mediaType } : {}) },
  });

  it.each([
    [
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'A' } },
      { inlineData: { mimeType: 'image/png', data: 'A' } },
    ],
    [
      { type: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: 'A' } },
      { inlineData: { mimeType: 'application/pdf', data: 'A' } },
    ],
    [
      { type: 'media', source: { kind: 'base64', mediaType: 'audio/wav', data: 'A' } },
      { inlineData: { mimeType: 'audio/wav', data: 'A' } },
    ],
    [
      { type: 'document', source: { kind: 'text', text: 'words' }, name: 'a.txt' },
      { text: '<document name="a.txt">\nwords\n</document>' },
    ],
    [{ type: 'document', source: { kind: 'text', text: 'words' } }, { text: 'words' }],
    [
      {
        type: 'document',
        source: { kind: 'file', origin: 'gemini', id: 'files/1', mediaType: 'text/plain' },
      },
      { fileData: { mimeType: 'text/plain', fileUri: 'files/1' } },
    ],
    [link('media', 'https://youtu.be/1'), { fileData: { fileUri: 'https://youtu.be/1' } }],
    [
      link('media', 'gs://bucket/a.mp4'),
      { fileData: { mimeType: 'video/mp4', fileUri: 'gs://bucket/a.mp4' } },
    ],
    [link('image', 'https://x/a.png'), { fileData: { mimeType: 'image/png', fileUri: 'https://x/a.png' } }],
    [link('image', 'https://x/a'), { fileData: { mimeType: 'image/jpeg', fileUri: 'https://x/a' } }],
  ])('reach it: %j', (part, expected) => expect(media(part)).toEqual([expected, []]));

  it('that it cannot have are named in words, with a loss', () => {
    const gif = { type: 'image', source: { kind: 'base64', mediaType: 'image/gif', data: 'A' } };
    const file = { type: 'document', source: { kind: 'file', origin: 'openai-chat', id: 'file-1' } };
    expect(media(gif)).toEqual([{ text: '[image/gif left out]' }, ['image/gif']]);
    expect(media(file)).toEqual([{ text: '[document file-1]' }, ['file']]);
    expect(media(link('image', 'http://x/a.png'))).toEqual([
      { text: '[image: http://x/a.png]' },
      ['image link'],
    ]);
    const old = target({ model: 'gemini-2.0-flash' });
    expect(media(link('image', 'https://x/a.png'), old)).toEqual([
      { text: '[image: https://x/a.png]' },
      ['image link'],
    ]);
  });

  it('of one wire only are what they say in words, or a loss', () => {
    const part = { type: 'vendor', origin: 'anthropic-messages', name: 'tool_reference', value: {} };
    expect(media(part)).toEqual([{ text: '(empty)' }, ['tool_reference']]);
    expect(media({ ...part, text: 'tool X' })).toEqual([{ text: 'tool X' }, []]);
    expect(media({ ...part, origin: 'gemini', value: { toolResponse: {} } })).toEqual([
      { toolResponse: {} },
      [],
    ]);
  });
});
