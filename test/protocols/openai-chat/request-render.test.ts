import { describe, expect, it } from 'vitest';
import type {
  AssistantPart,
  ContentPart,
  JsonObject,
  PivotMessage,
  PivotRequest,
  PivotTool,
  Rendered,
  RenderTarget,
} from '../../../src/pivot/index.ts';
import { renderRequest } from '../../../src/protocols/openai-chat/request/render.ts';

function render(
  request: Partial<PivotRequest>,
  quirks: string[] = [],
  target: Partial<RenderTarget> = {},
): Rendered {
  return renderRequest(
    { model: 'm', stream: false, messages: [user('Hi')], tools: [], sampling: {}, ...request },
    { model: 'm', provider: 'p', quirks: new Set(quirks), ...target },
  );
}

function written(
  messages: PivotMessage[],
  quirks: string[] = [],
  target: Partial<RenderTarget> = {},
): JsonObject[] {
  return render({ messages }, quirks, target).body.messages as JsonObject[];
}

function user(...content: (string | ContentPart)[]): PivotMessage {
  return {
    role: 'user',
    content: content.map((one) => (typeof one === 'string' ? { type: 'text', text: one } : one)),
  };
}

function assistant(...content: AssistantPart[]): PivotMessage {
  return { role: 'assistant', content };
}

function call(id: string, name = 'look', args = '{}'): AssistantPart & { type: 'tool-call' } {
  return { type: 'tool-call', id, name, kind: 'function', arguments: args };
}

function result(id: string, ...content: (string | ContentPart)[]): PivotMessage & { role: 'tool' } {
  const { content: parts } = user(...content) as PivotMessage & { role: 'user' };
  return {
    role: 'tool',
    content: [{ type: 'tool-result', id, name: 'look', kind: 'function', content: parts }],
  };
}

const IMAGE: ContentPart = {
  type: 'image',
  source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0=' },
};
const IMAGE_URL = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0=' } };

describe('tool results on Chat', () => {
  it('stand right behind their calls, and their pictures behind all of them', () => {
    const both: PivotMessage = {
      role: 'tool',
      content: [...result('a', IMAGE).content, ...result('b', 'B').content],
    };
    expect(written([assistant(call('a'), call('b')), both, user('Next')])).toEqual([
      expect.objectContaining({ role: 'assistant', content: null }),
      { role: 'tool', tool_call_id: 'a', content: '(1 attached in the next user message)' },
      { role: 'tool', tool_call_id: 'b', content: 'B' },
      { role: 'user', content: [{ type: 'text', text: 'From the result of look (a):' }, IMAGE_URL] },
      { role: 'user', content: 'Next' },
    ]);
  });

  it('that came later than somebody spoke are moved to their calls', () => {
    const roles = written([assistant(call('a')), user('Wait'), result('a', 'A')]).map(({ role }) => role);
    expect(roles).toEqual(['assistant', 'tool', 'user']);
  });

  it('that are missing are said to be, once the conversation went on', () => {
    const { body, losses } = render({
      messages: [assistant(call('a'), call('b')), result('b', 'B'), user('Stop')],
    });
    expect(body.messages).toEqual([
      expect.objectContaining({ role: 'assistant' }),
      { role: 'tool', tool_call_id: 'a', content: '(no result)' },
      { role: 'tool', tool_call_id: 'b', content: 'B' },
      { role: 'user', content: 'Stop' },
    ]);
    expect(losses).toEqual([{ what: 'tool call', why: 'it has no result' }]);
    expect(written([user('Hi'), assistant(call('a'))])).toHaveLength(2);
  });

  it('without a call become what the user says', () => {
    const { body, losses } = render({ messages: [user('Hi'), result('gone', 'still worth reading')] });
    expect(body.messages).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'user', content: 'Result of look:\nstill worth reading' },
    ]);
    expect(losses).toEqual([{ what: 'tool result', why: 'it answers no call' }]);
  });

  it('that are empty or failed say so', () => {
    const failed = (text: string): PivotMessage => {
      const message = result('a', text);
      return { ...message, content: message.content.map((part) => ({ ...part, isError: true })) };
    };
    const content = (message: PivotMessage): unknown => written([assistant(call('a')), message])[1]?.content;
    expect(content(result('a'))).toBe('(empty)');
    expect(content(failed('no such file'))).toBe('Error: no such file');
    expect(content(failed('Error: no such file'))).toBe('Error: no such file');
    expect(content(failed('<tool_use_error>no</tool_use_error>'))).toBe(
      '<tool_use_error>no</tool_use_error>',
    );
    expect(content(failed(''))).toBe('Error');
  });
});

describe('ids of tool calls on Chat', () => {
  const ids = (id: string, quirks: string[]): unknown[] => {
    const [made, answered] = written([assistant(call(id)), result(id, 'x')], quirks);
    const calls = (made?.tool_calls ?? []) as JsonObject[];
    return [calls[0]?.id, answered?.tool_call_id];
  };

  it.each([
    ['functions.Bash:0', [], /^functions\.Bash:0$/],
    ['toolu_01ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', ['tool-ids-40'], /^\S{1,40}$/],
    ['call_1', ['short-tool-ids'], /^[a-zA-Z0-9]{9}$/],
    ['é'.repeat(100), [], /^[\x21-\x7e]{1,64}$/],
  ])('%s with %j is one that the target takes, on the call and on the result', (id, quirks, pattern) => {
    const [made, answered] = ids(id, quirks);
    expect(made).toMatch(pattern);
    expect(answered).toBe(made);
  });
});

describe('what was thought, on Chat', () => {
  const history: PivotMessage[] = [
    user('Hi'),
    assistant(
      { type: 'reasoning', text: 'Hm.', sealed: { origin: 'anthropic', kind: 'signature', value: 's' } },
      { type: 'reasoning', text: '', sealed: { origin: 'anthropic', kind: 'redacted', value: 'r' } },
      { type: 'text', text: 'Yes' },
      { ...call('a'), signature: { origin: 'google', value: 'g' } },
    ),
    result('a', 'A'),
    assistant({ type: 'reasoning', text: 'Plain.' }, call('b')),
    result('b', 'B'),
    assistant(call('c')),
    result('c', 'C'),
  ];
  const fields = (quirks: string[], model: string): JsonObject[] =>
    written(history, quirks, { model })
      .filter(({ role }) => role === 'assistant')
      .map(({ role: _role, content: _content, tool_calls: calls, ...rest }) => ({
        ...rest,
        ...((calls as JsonObject[])[0]?.extra_content ? { extra: true } : {}),
      }));

  it('is left out, which is one loss however long the history is', () => {
    expect(fields([], 'm')).toEqual([{}, {}, {}]);
    expect(render({ messages: history }).losses).toEqual([
      { what: 'reasoning of earlier turns', why: 'openai-chat has no word for it' },
      { what: 'thinking signature', why: 'made by google' },
    ]);
  });

  it('goes to those that want it back, with something in its place where calls have none', () => {
    expect(fields(['reasoning-content'], 'deepseek')).toEqual([
      { reasoning_content: 'Hm.' },
      { reasoning_content: 'Plain.' },
      { reasoning_content: '(not kept)' },
    ]);
    expect(render({ messages: history }, ['reasoning-content']).losses).toEqual([
      { what: 'thinking signature', why: 'made by anthropic' },
      { what: 'thinking signature', why: 'made by google' },
    ]);
  });

  it('goes to OpenRouter with the seals of the family that the model is of', () => {
    const anthropic = { format: 'anthropic-claude-v1' };
    expect(fields(['reasoning-object'], 'anthropic/claude-opus')).toEqual([
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'Hm.', signature: 's', ...anthropic, index: 0 },
          { type: 'reasoning.encrypted', data: 'r', ...anthropic, index: 1 },
        ],
      },
      {},
      {},
    ]);
    expect(fields(['reasoning-object'], 'google/gemini-3')).toEqual([
      {
        reasoning_details: [
          { type: 'reasoning.encrypted', data: 'g', format: 'google-gemini-v1', id: 'a', index: 0 },
        ],
      },
      {},
      {},
    ]);
    expect(fields(['reasoning-object'], 'z-ai/glm')).toEqual([
      { reasoning: 'Hm.' },
      { reasoning: 'Plain.' },
      {},
    ]);
  });

  it("goes to Google's own Chat endpoint with the call that it signs", () => {
    expect(fields([], 'gemini-3-pro')).toEqual([{ extra: true }, {}, {}]);
  });
});

describe('how much to think, as Chat targets are told', () => {
  type Wish = PivotRequest['reasoning'];
  it.each<[Wish, string[], JsonObject, string[]]>([
    [{ effort: 'high' }, ['reasoning-effort'], { reasoning_effort: 'high' }, []],
    [{ effort: 'max' }, ['reasoning-effort'], { reasoning_effort: 'high' }, ['effort']],
    [{ effort: 'max' }, ['reasoning-effort', 'effort-xhigh'], { reasoning_effort: 'xhigh' }, ['effort']],
    [{ effort: 'minimal' }, ['reasoning-effort', 'effort-minimal'], { reasoning_effort: 'minimal' }, []],
    [{ budgetTokens: 10_000 }, ['reasoning-effort'], { reasoning_effort: 'medium' }, []],
    [{ adaptive: true }, ['reasoning-effort'], {}, []],
    [{ enabled: false }, ['reasoning-effort', 'thinking-off'], { reasoning_effort: 'none' }, []],
    [{ enabled: false }, ['reasoning-effort'], { reasoning_effort: 'low' }, ['reasoning off']],
    [{ enabled: false }, [], {}, []],
    [
      { effort: 'low', show: true },
      ['reasoning-object'],
      { reasoning: { effort: 'low', exclude: false } },
      [],
    ],
    [{ budgetTokens: 3000, effort: 'low' }, ['reasoning-object'], { reasoning: { max_tokens: 3000 } }, []],
    [{ adaptive: true }, ['reasoning-object'], { reasoning: { enabled: true } }, []],
    [{ enabled: false }, ['reasoning-object', 'thinking-off'], { reasoning: { enabled: false } }, []],
    [{ effort: 'low' }, ['thinking-object'], { thinking: { type: 'enabled' } }, ['effort']],
    [
      { enabled: false },
      ['thinking-object', 'reasoning-effort', 'thinking-off'],
      { thinking: { type: 'disabled' } },
      [],
    ],
    [
      { effort: 'medium' },
      ['thinking-object', 'reasoning-effort'],
      { thinking: { type: 'enabled' }, reasoning_effort: 'medium' },
      [],
    ],
    [{ effort: 'low' }, ['enable-thinking'], { enable_thinking: true, thinking_budget: 2048 }, []],
    [{ enabled: false }, ['enable-thinking', 'thinking-off'], { enable_thinking: false }, []],
    [{ effort: 'low' }, [], {}, ['reasoning']],
    [{ show: true }, [], {}, []],
  ])('%j with %j', (reasoning, quirks, fields, lost) => {
    const { body, losses } = render({ ...(reasoning ? { reasoning } : {}) }, quirks);
    const { model: _model, messages: _messages, ...rest } = body;
    expect(rest).toEqual(fields);
    expect(losses.map(({ what }) => what)).toEqual(lost);
  });
});

describe('settings on Chat', () => {
  it('that a target refuses are losses by their names', () => {
    const sampling = {
      temperature: 1,
      topP: 0.5,
      stop: ['x'],
      seed: 1,
      frequencyPenalty: 1,
      presencePenalty: 1,
    };
    const quirks = ['no-temperature', 'no-top-p', 'no-stop', 'no-seed', 'no-penalties'];
    const { body, losses } = render({ sampling }, quirks);
    expect(Object.keys(body)).toEqual(['model', 'messages']);
    expect(losses.map(({ what }) => what)).toEqual([
      'temperature',
      'top_p',
      'frequency_penalty',
      'presence_penalty',
      'seed',
      'stop',
    ]);
    expect(losses[0]?.why).toBe('p/m refuses it');
  });

  it('keep the temperature where it excludes top_p', () => {
    const { body, losses } = render({ sampling: { temperature: 1, topP: 0.5 } }, ['temperature-or-top-p']);
    expect(body).toMatchObject({ temperature: 1 });
    expect(body).not.toHaveProperty('top_p');
    expect(losses).toEqual([{ what: 'top_p', why: 'p/m takes it or a temperature' }]);
  });

  it('limit the answer by the name and the length that the target knows', () => {
    const sampling = { maxOutputTokens: 64_000 };
    expect(render({ sampling }).body).toMatchObject({ max_tokens: 64_000 });
    const clamped = render({ sampling }, ['max-completion-tokens'], { maxOutput: 8192 });
    expect(clamped.body).toMatchObject({ max_completion_tokens: 8192 });
    expect(clamped.body).not.toHaveProperty('max_tokens');
    expect(clamped.losses).toEqual([{ what: 'max_tokens', why: 'clamped to 8192' }]);
  });

  it('ask a stream for its usage unless the target refuses to be asked', () => {
    expect(render({ stream: true }).body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(render({ stream: true }, ['no-stream-options']).body).not.toHaveProperty('stream_options');
    expect(render({}).body).not.toHaveProperty('stream');
  });

  it('of other wires are losses, except what changes no answer', () => {
    const fields = { metadata: { user_id: 'personal' }, context_management: {}, user: 'personal' };
    const { body, losses } = render({ vendor: { origin: 'anthropic-messages', fields } });
    expect(JSON.stringify(body)).not.toContain('personal');
    expect(losses).toEqual([{ what: 'context_management', why: 'only anthropic-messages knows it' }]);
  });

  it('make a schema an instruction where the target knows none', () => {
    const format = { type: 'json-schema' as const, schema: { type: 'object' } };
    const messages: PivotMessage[] = [
      { role: 'system', from: 'system', content: [{ type: 'text', text: 'Be short.' }] },
      user('Hi'),
    ];
    const { body, losses } = render({ messages, format }, ['no-json-schema']);
    expect(body.response_format).toEqual({ type: 'json_object' });
    expect(body.messages).toEqual([
      {
        role: 'system',
        content: 'Be short.\n\nAnswer with JSON only, matching this JSON Schema:\n{"type":"object"}',
      },
      { role: 'user', content: 'Hi' },
    ]);
    expect(losses).toEqual([{ what: 'json_schema', why: 'an instruction for p/m' }]);
  });

  it('say "JSON" in JSON mode when nobody did: OpenAI refuses the mode otherwise', () => {
    const texts = (messages: PivotMessage[]): unknown =>
      (render({ messages, format: { type: 'json' } }).body.messages as JsonObject[]).map(
        ({ content }) => content,
      );
    expect(texts([user('Hi')])).toEqual(['Answer with JSON only.', 'Hi']);
    expect(texts([user('As json, please')])).toEqual(['As json, please']);
    const answer = assistant({ type: 'text', text: 'ok' });
    expect(texts([user('Hi'), answer, user('JSON!')])).toEqual([
      'Answer with JSON only.',
      'Hi',
      'ok',
      'JSON!',
    ]);
  });
});

describe('tools on Chat', () => {
  const fn = (name: string, extra: Partial<PivotTool & { kind: 'function' }> = {}): PivotTool => ({
    kind: 'function',
    name,
    ...extra,
  });

  it('of namespaces have one name, in the offer, in the choice and in the history', () => {
    const { body } = render({
      tools: [fn('search', { namespace: 'mcp__docs' })],
      toolChoice: { type: 'tool', name: 'search', kind: 'function' },
      messages: [user('Hi'), assistant({ ...call('a', 'search'), namespace: 'mcp__docs' }), result('a', 'A')],
    });
    const text = JSON.stringify(body);
    expect(text.split('"name":"mcp__docs__search"')).toHaveLength(4);
    expect(text).not.toContain('"name":"search"');
  });

  it('of the provider are losses, and a choice of one is no choice', () => {
    const { body, losses } = render({
      tools: [fn('a'), { kind: 'server', origin: 'anthropic-messages', name: 'web_search', value: {} }],
      toolChoice: { type: 'tool', name: 'web_search', kind: 'function' },
    });
    expect(body).toMatchObject({ tools: [{ function: { name: 'a' } }], tool_choice: 'auto' });
    expect(losses).toEqual([
      { what: 'web_search', why: 'run by the provider of anthropic-messages' },
      { what: 'tool_choice', why: 'web_search is not offered here' },
    ]);
  });

  it('that are none leave nothing that would need some', () => {
    const { body } = render({ toolChoice: { type: 'required' }, parallelToolCalls: false });
    expect(Object.keys(body)).toEqual(['model', 'messages']);
  });

  it('that are not allowed are not offered where the wire cannot say so', () => {
    const toolChoice = { type: 'allowed' as const, mode: 'auto' as const, names: ['b'] };
    const tools = [fn('a'), fn('b')];
    expect(render({ tools, toolChoice }).body).toMatchObject({
      tools: [{ function: { name: 'b' } }],
      tool_choice: 'auto',
    });
    expect(render({ tools, toolChoice }, ['custom-tools']).body).toMatchObject({
      tools: [{}, {}],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ function: { name: 'b' } }] },
      },
    });
  });

  it('cannot be forced, be strict or come one by one where the target refuses that', () => {
    const { body, losses } = render(
      { tools: [fn('a', { strict: true })], toolChoice: { type: 'required' }, parallelToolCalls: false },
      ['no-required-tool-choice', 'no-strict-tools', 'no-parallel-tool-calls'],
    );
    expect(body.tool_choice).toBe('auto');
    expect(body).not.toHaveProperty('parallel_tool_calls');
    expect(JSON.stringify(body)).not.toContain('strict');
    expect(losses.map(({ what }) => what)).toEqual(['strict', 'tool_choice', 'parallel_tool_calls']);
  });

  it('take an object, whatever their schema leaves out', () => {
    const parameters = (given?: JsonObject): unknown => {
      const { tools } = render({ tools: [fn('a', given ? { parameters: given } : {})] }).body;
      return (tools as { function: JsonObject }[])[0]?.function.parameters;
    };
    expect(parameters()).toEqual({ type: 'object', properties: {} });
    expect(parameters({ type: 'object' })).toEqual({ type: 'object', properties: {} });
    expect(parameters({ properties: { a: {} } })).toEqual({ type: 'object', properties: { a: {} } });
    expect(parameters({ anyOf: [] })).toEqual({ anyOf: [] });
  });

  it('have simple schemas where the target wants them, and their constraints in words', () => {
    const given = {
      $schema: 'x',
      type: 'object',
      additionalProperties: false,
      properties: {
        format: { type: ['string', 'null'], format: 'date', description: 'When.' },
        size: { anyOf: [{ type: 'null' }, { type: 'integer', minimum: 1 }] },
        list: { type: 'array', items: { type: 'string', pattern: '^a' } },
      },
      required: ['format'],
    };
    const { tools } = render({ tools: [fn('a', { parameters: given })] }, ['simple-schemas']).body;
    expect((tools as { function: JsonObject }[])[0]?.function.parameters).toEqual({
      type: 'object',
      properties: {
        format: { type: 'string', description: 'When. (format: "date")' },
        size: { type: 'integer', description: '(minimum: 1)' },
        list: { type: 'array', items: { type: 'string', description: '(pattern: "^a")' } },
      },
      required: ['format'],
    });
  });
});

describe('messages on Chat', () => {
  const system = (text: string): PivotMessage => ({
    role: 'system',
    from: 'system',
    content: [{ type: 'text', text }],
  });

  it('keep system text where it stands, in the role that the target knows', () => {
    const roles = (quirks: string[]): unknown[] =>
      written([system('a'), user('b'), system('c')], quirks).map(({ role }) => role);
    expect(roles([])).toEqual(['system', 'user', 'system']);
    expect(roles(['developer-role'])).toEqual(['developer', 'user', 'developer']);
  });

  it('take turns where the target wants that', () => {
    const list = [
      system('a'),
      user('b'),
      user(IMAGE),
      system('c'),
      assistant({ type: 'text', text: 'd' }),
      user('e'),
      user('f'),
    ];
    expect(written(list, ['alternating-roles'])).toEqual([
      { role: 'system', content: 'a' },
      { role: 'user', content: [{ type: 'text', text: 'b' }, IMAGE_URL, { type: 'text', text: 'c' }] },
      { role: 'assistant', content: 'd' },
      { role: 'user', content: 'e\n\nf' },
    ]);
  });

  it('show pictures that the assistant made in a message of the user', () => {
    const picture = assistant({ type: 'text', text: 'Here.' }, IMAGE as AssistantPart);
    expect(written([picture, user('Redder')])).toEqual([
      { role: 'assistant', content: 'Here.' },
      { role: 'user', content: [{ type: 'text', text: 'Made by the assistant:' }, IMAGE_URL] },
      { role: 'user', content: 'Redder' },
    ]);
  });

  it('name what they cannot carry, and are not left empty', () => {
    const { body, losses } = render({
      messages: [
        user({ type: 'image', source: { kind: 'file', origin: 'anthropic-messages', id: 'file_1' } }),
        user({ type: 'document', source: { kind: 'url', url: 'https://example.org/a.pdf' } }),
        user({ type: 'vendor', origin: 'gemini', name: 'executableCode', value: {} }, 'Run'),
      ],
    });
    expect(body.messages).toEqual([
      { role: 'user', content: '(empty)' },
      { role: 'user', content: 'Document: https://example.org/a.pdf' },
      { role: 'user', content: 'Run' },
    ]);
    expect(losses).toEqual([
      { what: 'image', why: 'the file lies with anthropic-messages' },
      { what: 'document', why: 'openai-chat takes files only inside the request' },
      { what: 'executableCode', why: 'only gemini knows it' },
    ]);
  });

  it('tell parts of other wires in the words that these parts have for it, without a loss', () => {
    const search = {
      type: 'vendor',
      origin: 'anthropic-messages',
      name: 'web_search',
      value: {},
      text: '(searched)',
    } as const;
    const { body, losses } = render({
      messages: [
        user('Hi', search),
        assistant({ type: 'text', text: 'a' }, search, { type: 'text', text: 'b' }),
      ],
    });
    expect(body.messages).toEqual([
      { role: 'user', content: 'Hi\n\n(searched)' },
      { role: 'assistant', content: 'a\n(searched)\nb' },
    ]);
    expect(losses).toEqual([]);
  });

  it('carry the text of documents as text', () => {
    const document = (source: (ContentPart & { type: 'document' })['source']): unknown =>
      written([user({ type: 'document', source, name: 'a.txt' })])[0]?.content;
    expect(document({ kind: 'text', text: 'hello' })).toBe('a.txt\n\nhello');
    expect(document({ kind: 'base64', mediaType: 'text/plain', data: 'w6k=' })).toBe('a.txt\n\né');
    const source = { kind: 'text', text: 'hello' } as const;
    expect(written([user({ type: 'document', source, context: 'From ann.' })])[0]?.content).toBe(
      'From ann.\n\nhello',
    );
    // Not UTF-8: the bytes themselves.
    expect(document({ kind: 'base64', mediaType: 'text/plain', data: '/w==' })).toEqual([
      { type: 'file', file: { filename: 'a.txt', file_data: 'data:text/plain;base64,/w==' } },
    ]);
  });

  it('keep cache marks only where the target does', () => {
    const marked = user({ type: 'text', text: 'x', cache: { ttl: '1h' } });
    expect(written([marked])).toEqual([{ role: 'user', content: 'x' }]);
    expect(written([marked], ['cache-control'])).toEqual([
      {
        role: 'user',
        content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      },
    ]);
  });
});
