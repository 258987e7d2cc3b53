import { describe, expect, it } from 'vitest';
import { collect, type JsonObject, sealText } from '../../src/pivot/index.ts';
import type { ProtocolId } from '../../src/protocols/index.ts';
import { createMemory } from '../../src/relay/memory.ts';
import { PROTOCOL_IDS } from '../support/fixtures.ts';
import { chunk, heard, type Loose, piece, read, request, sent } from './support.ts';
import { trap } from './table.ts';

/** A Messages request whose assistant said this, and then heard that. */
function history(assistant: JsonObject[], user: unknown = 'On', rest: JsonObject = {}): JsonObject {
  const messages = [
    { role: 'user', content: 'Go' },
    { role: 'assistant', content: assistant },
    { role: 'user', content: user },
  ];
  return { max_tokens: 4096, messages, ...rest };
}

function use(id: string, input: JsonObject = {}): JsonObject {
  return { type: 'tool_use', id, name: 'f', input };
}

function result(id: string, content: unknown = 'ok'): JsonObject {
  return { type: 'tool_result', tool_use_id: id, content };
}

const whats = ({ losses }: { losses: { what: string }[] }): string[] => losses.map(({ what }) => what);
const ID = 'call_9f3kd02lsQ';
const HI = [{ role: 'user', content: 'Hi' }];

describe('traps between the wires, in requests', () => {
  trap(
    'foreign-history',
    'history signed by one family is dropped for another from every representation, and the turn stays legal',
    () => {
      const signed = history(
        [
          { type: 'thinking', thinking: 'Hm.', signature: 'EqQB+/z==' },
          { type: 'redacted_thinking', data: 'EmwKAredacted' },
          use(ID),
        ],
        [result(ID)],
      );
      for (const upstream of ['openai-chat', 'openai-responses', 'gemini'] as const) {
        const left = request('anthropic-messages', signed, upstream);
        expect(JSON.stringify(left.body), upstream).not.toMatch(
          /EqQB|EmwKA|reasoning_|"thinking"|encrypted_content"?:/,
        );
        expect(left.losses.length, upstream).toBeGreaterThan(0);
      }
      const routed = request(
        'anthropic-messages',
        signed,
        'openai-chat',
        ['reasoning-object'],
        'google/gemini-3',
      );
      expect(JSON.stringify(routed.body)).not.toMatch(/EqQB|EmwKA|reasoning_details/);

      // Plain and sealed forms beside each other: no form may stay behind.
      const spoken = {
        role: 'assistant',
        content: 'I go',
        reasoning_content: 'Hm.',
        reasoning: 'Hm.',
        reasoning_details: [
          { type: 'reasoning.text', format: 'anthropic-claude-v1', text: 'Hm.', signature: 'EqQB+/z==' },
        ],
      };
      const chats = { max_tokens: 4096, messages: [...HI, spoken, ...HI] };
      for (const upstream of PROTOCOL_IDS) {
        const left = request('openai-chat', chats, upstream);
        const own = upstream === 'anthropic-messages';
        expect(JSON.stringify(left.body).includes('EqQB'), upstream).toBe(own);
        expect(JSON.stringify(left.body), upstream).not.toMatch(/reasoning_content|reasoning_details/);
        expect(left.losses.length > 0, upstream).toBe(!own);
      }

      const input = [
        { role: 'user', content: 'Go' },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAsealed' },
        { type: 'function_call', call_id: ID, name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: ID, output: 'ok' },
      ];
      const left = request(
        'openai-responses',
        { input, reasoning: { effort: 'high' } },
        'anthropic-messages',
      );
      expect(JSON.stringify(left.body)).not.toMatch(/gAAAA|thinking/);
      expect(left.body.messages.map(({ content }: Loose) => content.map(({ type }: Loose) => type))).toEqual([
        ['text'],
        ['tool_use'],
        ['tool_result'],
      ]);
      expect(whats(left)).toEqual(expect.arrayContaining(['thinking signature', 'thinking']));
    },
  );

  trap(
    'gemini-signature',
    'a Gemini call with a thoughtSignature gets it back on the same part, the first of its group, from a client of another protocol',
    () => {
      const parts = [
        { functionCall: { id: ID, name: 'f', args: { a: 1 } }, thoughtSignature: 'R29vZ2xl+/==' },
        { functionCall: { id: 'call_bcdefghijkl', name: 'f', args: { a: 2 } } },
      ];
      const memory = createMemory();
      const frame = { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }] };
      memory.remember(collect(heard('gemini', [frame])).blocks, null);
      const again = history(
        [use(ID, { a: 1 }), use('call_bcdefghijkl', { a: 2 })],
        [result(ID), result('call_bcdefghijkl')],
      );
      const restored = memory.restore(read('anthropic-messages', again), null);
      const { body } = sent(restored, 'gemini', [], 'gemini-3-pro');
      expect(body.contents[1].parts).toEqual(parts);
    },
  );

  trap(
    'reasoning-content-back',
    'DeepSeek and Kimi, who need reasoning_content back with their calls, get it; others do not',
    () => {
      const memory = createMemory();
      const answered = [
        chunk({ role: 'assistant', reasoning_content: 'Hm.' }),
        piece(0, '{}', { id: ID, name: 'f' }),
        chunk({}, 'tool_calls'),
      ];
      memory.remember(collect(heard('openai-chat', answered)).blocks, null);
      const restored = memory.restore(read('anthropic-messages', history([use(ID)], [result(ID)])), null);
      const [, called] = sent(restored, 'openai-chat', ['reasoning-content'], 'deepseek').body.messages;
      expect(called).toMatchObject({ reasoning_content: 'Hm.', tool_calls: [{ id: ID }] });
      expect(JSON.stringify(sent(restored, 'openai-chat').body)).not.toMatch(/Hm\.|reasoning_content/);
    },
  );

  trap(
    'tool-ids',
    'a tool id that the target refuses is mapped alike on call and result, never onto another, and conforming ids stay',
    () => {
      const ids = ['functions.Bash:0', 'functions.Bash_0', 'functions_Bash_0', `call_${'x'.repeat(80)}`, ID];
      const calls = ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } }));
      const messages = [
        ...HI,
        { role: 'assistant', content: null, tool_calls: calls },
        ...ids.map((id) => ({ role: 'tool', tool_call_id: id, content: id })),
      ];
      const { body } = request('openai-chat', { messages }, 'anthropic-messages');
      const made: string[] = body.messages[1].content.map(({ id }: Loose) => id);
      expect(body.messages[2].content.map((one: Loose) => one.tool_use_id)).toEqual(made);
      for (const id of made) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      expect(new Set(made).size).toBe(ids.length);
      expect([made[2], made[4]]).toEqual([ids[2], ids[4]]);
      expect(request('openai-chat', { messages }, 'anthropic-messages').body).toEqual(body);
      const responses = request('openai-chat', { messages }, 'openai-responses').body.input;
      for (const { call_id: id } of responses.slice(1)) expect(id.length).toBeLessThanOrEqual(64);
    },
  );

  trap(
    'image-in-result',
    'an image in a tool result is a placeholder on Chat, and stands in a user message after the whole run of tool messages',
    () => {
      const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } };
      const seen = history(
        [use('call_a'), use('call_b')],
        [result('call_a', [image]), result('call_b', 'B')],
      );
      const [, , first, second, shown, ...rest] = request('anthropic-messages', seen, 'openai-chat').body
        .messages;
      expect([first.role, first.tool_call_id, second.role, second.content]).toEqual([
        'tool',
        'call_a',
        'tool',
        'B',
      ]);
      expect(first.content).toMatch(/attached/);
      expect(first.content).not.toContain('iVBOR');
      expect(shown).toMatchObject({ role: 'user' });
      expect(shown.content.at(-1)).toEqual({
        type: 'image_url',
        image_url: { url: 'data:image/png;base64,iVBORw0=' },
      });
      expect(rest).toEqual([]);
    },
  );

  trap(
    'server-ids',
    'ids of items with store:false are not forwarded; call_id, the seal and store itself are',
    () => {
      const input = [
        { role: 'user', content: 'Go' },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAsealed' },
        { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'I go' }] },
        { type: 'function_call', id: 'fc_1', call_id: ID, name: 'f', arguments: '{}' },
        { type: 'function_call_output', id: 'fco_1', call_id: ID, output: 'ok' },
        { type: 'item_reference', id: 'rs_2' },
      ];
      const { body, losses } = request('openai-responses', { input, store: false }, 'openai-responses');
      expect(whats({ losses })).toEqual(['item_reference']);
      expect(JSON.stringify(body)).not.toMatch(/rs_|msg_|fc_|fco_|item_reference/);
      expect(body.store).toBe(false);
      expect(body.input).toMatchObject([
        { role: 'user' },
        { type: 'reasoning', encrypted_content: 'gAAAAsealed' },
        { type: 'message', role: 'assistant' },
        { type: 'function_call', call_id: ID },
        { type: 'function_call_output', call_id: ID },
      ]);
      expect(request('openai-responses', { input: 'Hi' }, 'openai-responses').body).not.toHaveProperty(
        'store',
      );
      const other = request('openai-responses', { input, store: false }, 'anthropic-messages');
      expect(JSON.stringify(other.body)).not.toMatch(/rs_|msg_|fc_|fco_/);
      expect(whats(other)).toContain('item_reference');
    },
  );

  trap(
    'gemini-schema',
    'JSON Schema to Gemini keeps a property named "format", and tells what it cannot say in the description',
    () => {
      const parameters = {
        type: 'object',
        $comment: 'x',
        additionalProperties: false,
        propertyNames: { pattern: '^f' },
        properties: {
          format: { type: 'number', exclusiveMinimum: 0, $comment: 'x' },
          either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
          map: { type: 'object', additionalProperties: { type: 'string' } },
        },
        required: ['format'],
      };
      const tools = [{ type: 'function', function: { name: 'f', parameters } }];
      const { body } = request('openai-chat', { messages: HI, tools }, 'gemini');
      const [declared] = body.tools[0].functionDeclarations;
      expect(declared.parameters.properties).toMatchObject({
        format: { type: 'NUMBER', description: '(exclusiveMinimum: 0)' },
        either: { type: 'STRING', nullable: true },
        map: { type: 'OBJECT', description: expect.stringContaining('additionalProperties') },
      });
      expect(declared.parameters.required).toEqual(['format']);
      expect(JSON.stringify(declared)).toContain('propertyNames:');
      expect(JSON.stringify(declared)).not.toMatch(
        /\$comment|"(?:exclusiveMinimum|propertyNames|additionalProperties)":/,
      );
    },
  );

  trap(
    'empty-parts',
    'empty text beside calls is left out, an empty result has a placeholder, and arguments "" are {}',
    () => {
      const messages = [
        ...HI,
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: ID, type: 'function', function: { name: 'f', arguments: '' } }],
        },
        { role: 'tool', tool_call_id: ID, content: '' },
      ];
      const { body } = request('openai-chat', { messages }, 'anthropic-messages');
      expect(body.messages[1].content).toMatchObject([{ type: 'tool_use', input: {} }]);
      const [answered] = body.messages[2].content;
      expect(JSON.stringify(answered.content)).toMatch(/\w/);
      expect(JSON.stringify(answered.content)).not.toContain('"text":""');
      const empty = history([{ type: 'text', text: '' }, use(ID)], [result(ID, '')]);
      const [, called, told] = request('anthropic-messages', empty, 'openai-chat').body.messages;
      expect(called).toMatchObject({ content: null, tool_calls: [{ function: { arguments: '{}' } }] });
      expect(told.content).toMatch(/\w/);
      const [, call, output] = request('openai-chat', { messages }, 'openai-responses').body.input;
      expect([call.arguments, output.output]).toEqual(['{}', expect.stringMatching(/\w/)]);
      const [, made, given] = request('openai-chat', { messages }, 'gemini').body.contents;
      expect(made.parts).toMatchObject([{ functionCall: { name: 'f', args: {} } }]);
      expect(JSON.stringify(given.parts[0].functionResponse.response)).toContain('(empty)');
    },
  );

  trap('tool-choice', 'tool_choice and the parallel flag are translated to the words of each wire', () => {
    const f = { name: 'f', parameters: { type: 'object', properties: {} } };
    const tools = [{ type: 'function', function: f }];
    const chosen = (choice: unknown, rest: JsonObject = {}): Loose[] =>
      (['anthropic-messages', 'openai-responses', 'gemini'] as const).map((upstream) => {
        const { body } = request(
          'openai-chat',
          { messages: HI, tools, tool_choice: choice, ...rest },
          upstream,
        );
        return body.tool_choice ?? body.toolConfig?.functionCallingConfig;
      });
    expect(chosen('auto')).toMatchObject([{ type: 'auto' }, 'auto', { mode: 'AUTO' }]);
    expect(chosen('required')).toMatchObject([{ type: 'any' }, 'required', { mode: 'ANY' }]);
    expect(chosen('none')).toMatchObject([{ type: 'none' }, 'none', { mode: 'NONE' }]);
    expect(chosen({ type: 'function', function: { name: 'f' } })).toMatchObject([
      { type: 'tool', name: 'f' },
      { type: 'function', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ]);
    expect(chosen('required', { parallel_tool_calls: false })[0]).toEqual({
      type: 'any',
      disable_parallel_tool_use: true,
    });
    const asked = {
      max_tokens: 99,
      messages: HI,
      tools: [{ name: 'f', input_schema: f.parameters }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    };
    expect(request('anthropic-messages', asked, 'openai-chat').body).toMatchObject({
      tool_choice: 'required',
      parallel_tool_calls: false,
    });
  });

  trap(
    'limits',
    'max_tokens, temperature and thinking budgets are renamed, dropped or clamped as the target takes them, and what changes is a loss',
    () => {
      const asked = { max_tokens: 100, messages: HI, temperature: 0.5 };
      const quirks = ['max-completion-tokens', 'no-temperature'];
      const left = request('anthropic-messages', asked, 'openai-chat', quirks);
      expect(left.body).toMatchObject({ max_completion_tokens: 100 });
      expect(Object.keys(left.body)).not.toEqual(expect.arrayContaining(['max_tokens']));
      expect(left.body).not.toHaveProperty('temperature');
      expect(whats(left)).toEqual(['temperature']);

      const thinking = (budget: number, max: number): Loose => {
        const generationConfig = { maxOutputTokens: max, thinkingConfig: { thinkingBudget: budget } };
        const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
        return request('gemini', { contents, generationConfig }, 'anthropic-messages');
      };
      const small = thinking(512, 4096);
      expect(small.body.thinking).toMatchObject({ type: 'enabled', budget_tokens: 1024 });
      expect(whats(small)).toContain('thinking budget');
      for (const [budget, max] of [
        [4096, 4096],
        [31_000, 2000],
        [90_000, 4096],
      ] as const) {
        const { body, losses } = thinking(budget, max);
        expect(body.thinking.budget_tokens).toBeGreaterThanOrEqual(1024);
        expect(body.thinking.budget_tokens).toBeLessThan(body.max_tokens);
        expect(whats({ losses }).includes('thinking budget')).toBe(body.thinking.budget_tokens !== budget);
      }
    },
  );

  trap(
    'server-tools',
    'server tools go to no provider that cannot run them, and that is a loss by their name',
    () => {
      const offers: Record<ProtocolId, JsonObject> = {
        'openai-chat': { messages: HI, tools: [{ type: 'browser_search' }] },
        'openai-responses': { input: 'Hi', tools: [{ type: 'web_search' }] },
        'anthropic-messages': {
          max_tokens: 99,
          messages: HI,
          tools: [{ type: 'web_search_20250305', name: 'web_search' }],
        },
        gemini: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], tools: [{ googleSearch: {} }] },
      };
      for (const client of PROTOCOL_IDS)
        for (const upstream of PROTOCOL_IDS.filter((id) => id !== client)) {
          const { body, losses } = request(client, offers[client], upstream);
          expect(JSON.stringify(body), `${client} ${upstream}`).not.toMatch(/search/i);
          expect(whats({ losses }).join(), `${client} ${upstream}`).toMatch(/search/i);
        }
    },
  );

  it('how wordy an answer shall be is text.verbosity on Responses and verbosity on Chat, and a loss elsewhere', () => {
    const chat = { messages: [{ role: 'user', content: 'hi' }], verbosity: 'low' };
    const responses = { input: 'hi', text: { verbosity: 'high' } };
    expect(request('openai-chat', chat, 'openai-responses', ['verbosity']).body.text).toEqual({
      verbosity: 'low',
    });
    expect(request('openai-responses', responses, 'openai-chat', ['verbosity']).body.verbosity).toBe('high');
    expect(request('openai-responses', responses, 'openai-responses').body.text).toEqual({
      verbosity: 'high',
    });
    for (const upstream of ['openai-chat', 'anthropic-messages', 'gemini'] as const)
      expect(request('openai-responses', responses, upstream).losses.map(({ what }) => what)).toContain(
        'verbosity',
      );
  });

  it('what earlier answers cited goes back to its own wire, and is a loss by its name on every other', () => {
    const web = {
      type: 'web_search_result_location',
      url: 'https://a.example',
      cited_text: 'x',
      encrypted_index: 'E',
    };
    // As we wrote it for what another provider had found.
    const ours = { ...web, encrypted_index: sealText({ origin: 'none', value: '' }, 'anthropic') };
    const messages = (citations: JsonObject[]) => ({
      max_tokens: 99,
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: [{ type: 'text', text: 'At noon.', citations }] },
        { role: 'user', content: 'go on' },
      ],
    });
    const note = { type: 'url_citation', url: 'https://a.example', start_index: 0, end_index: 2 };
    const input = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'At noon.', annotations: [note] }] },
      { role: 'user', content: 'go on' },
    ];
    const home = request('anthropic-messages', messages([web, ours]), 'anthropic-messages');
    expect(home.body.messages[1].content).toEqual([{ type: 'text', text: 'At noon.', citations: [web] }]);
    const back = request('openai-responses', { input }, 'openai-responses');
    expect(back.body.input[1].content[0].annotations).toEqual([note]);
    for (const { losses, body } of [
      request('anthropic-messages', messages([web]), 'openai-chat'),
      request('anthropic-messages', messages([web]), 'openai-responses'),
      request('anthropic-messages', messages([web]), 'gemini'),
      request('openai-responses', { input }, 'openai-chat'),
      request('openai-responses', { input, max_output_tokens: 99 }, 'anthropic-messages'),
    ]) {
      expect(losses.map(({ what }) => what)).toEqual(['sources of earlier turns']);
      expect(JSON.stringify(body)).toContain('At noon.');
      expect(JSON.stringify(body)).not.toContain('a.example');
    }
    expect(request('anthropic-messages', messages([ours]), 'openai-chat').losses).toEqual([]);
  });

  trap('unknown-fields', 'unknown new fields pass where the protocol is the same', () => {
    const fresh = { hologram: { depth: 3, list: [null, 'x'] } };
    const asked: Record<ProtocolId, JsonObject> = {
      'openai-chat': { messages: HI },
      'openai-responses': { input: 'Hi' },
      'anthropic-messages': { max_tokens: 9, messages: HI },
      gemini: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    };
    for (const wire of PROTOCOL_IDS) {
      const { body, losses } = request(wire, { ...asked[wire], ...fresh }, wire);
      expect([body.hologram, losses], wire).toEqual([fresh.hologram, []]);
    }
  });
});
