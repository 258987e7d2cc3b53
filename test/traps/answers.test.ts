import { describe, expect } from 'vitest';
import { type ProtocolId, protocolOf } from '../../src/protocols/index.ts';
import { foreignError } from '../../src/relay/translate/errors.ts';
import { PROTOCOL_IDS } from '../support/fixtures.ts';
import { answer, chunk, type Loose, piece, read, request } from './support.ts';
import { trap } from './table.ts';

/** A Messages stream in short: `start 0 text`, `delta 0 text_delta`, `stop 0`. */
function steps(frames: Loose[]): string[] {
  return frames
    .filter(({ type }) => type.startsWith('content_block'))
    .map(({ type, index, content_block: block, delta }) =>
      [type.replace('content_block_', ''), index, (block ?? delta)?.type]
        .filter((x) => x !== undefined)
        .join(' '),
    );
}

describe('traps between the wires, in answers', () => {
  trap(
    'reasoning-first',
    'a first Chat delta of reasoning becomes a thinking block, which stops before the text begins',
    () => {
      const { frames, body } = answer(
        'openai-chat',
        [
          chunk({ role: 'assistant', reasoning_content: 'Hm.' }),
          chunk({ content: 'High ' }),
          chunk({ content: 'water.' }),
          chunk({}, 'stop'),
        ],
        'anthropic-messages',
      );
      // A block without a seal says so by an empty one.
      expect(steps(frames).filter((step) => !step.endsWith('signature_delta'))).toEqual([
        'start 0 thinking',
        'delta 0 thinking_delta',
        'stop 0',
        'start 1 text',
        'delta 1 text_delta',
        'delta 1 text_delta',
        'stop 1',
      ]);
      expect(body.content).toMatchObject([
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'High water.' },
      ]);
    },
  );

  trap(
    'interleaved-fragments',
    'interleaved tool fragments on Chat become one block each on Messages, with one start, one stop and its own arguments',
    () => {
      const { frames, body } = answer(
        'openai-chat',
        [
          piece(0, '', { id: 'call_a', name: 'f' }),
          piece(1, '{"b"', { id: 'call_b', name: 'g' }),
          piece(0, '{"a"'),
          piece(1, ':2}'),
          piece(0, ':1}'),
          chunk({}, 'tool_calls'),
        ],
        'anthropic-messages',
      );
      const order = steps(frames).map((step) => step.replace(/ input_json_delta| tool_use/, ''));
      expect(order.filter((step, i) => step !== order[i - 1])).toEqual([
        'start 0',
        'delta 0',
        'stop 0',
        'start 1',
        'delta 1',
        'stop 1',
      ]);
      const args = [0, 1].map((index) =>
        frames
          .filter((frame) => frame.type === 'content_block_delta' && frame.index === index)
          .map(({ delta }) => delta.partial_json)
          .join(''),
      );
      expect(args).toEqual(['{"a":1}', '{"b":2}']);
      expect(body.content).toMatchObject([
        { id: 'call_a', input: { a: 1 } },
        { id: 'call_b', input: { b: 2 } },
      ]);
    },
  );

  trap(
    'parallel-indexes',
    'several function calls from Responses keep an index of their own in every Chat chunk',
    () => {
      const item = (n: number, args: string): Loose => ({
        id: `fc_${n}`,
        type: 'function_call',
        call_id: `call_${n}`,
        name: `f${n}`,
        arguments: args,
      });
      const added = (n: number): Loose => ({
        type: 'response.output_item.added',
        output_index: n,
        item: item(n, ''),
      });
      const delta = (n: number, text: string): Loose => ({
        type: 'response.function_call_arguments.delta',
        output_index: n,
        item_id: `fc_${n}`,
        delta: text,
      });
      const done = (n: number): Loose => ({
        type: 'response.output_item.done',
        output_index: n,
        item: item(n, `{"n":${n}}`),
      });
      const { frames } = answer(
        'openai-responses',
        [
          added(1),
          added(2),
          delta(1, '{"n"'),
          delta(2, '{"n":2}'),
          delta(1, ':1}'),
          done(1),
          done(2),
          { type: 'response.completed', response: { status: 'completed', output: [] } },
        ],
        'openai-chat',
      );
      const calls: Loose[] = frames.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
      expect(calls.filter(({ id }) => id).map(({ index, id }) => [index, id])).toEqual([
        [0, 'call_1'],
        [1, 'call_2'],
      ]);
      const joined = [0, 1].map((n) =>
        calls
          .filter(({ index }) => index === n)
          .map((call) => call.function.arguments)
          .join(''),
      );
      expect(joined).toEqual(['{"n":1}', '{"n":2}']);
    },
  );

  trap(
    'signature-exact',
    'thinking with a signature is passed on with the signature byte-exact and last in its block',
    () => {
      const signature = 'EqQB+/z9==';
      const { frames, body } = answer(
        'anthropic-messages',
        [
          { type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 1, output_tokens: 1 } } },
          { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
          { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
          { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature } },
          { type: 'content_block_stop', index: 0 },
          { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
          { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Yes' } },
          { type: 'content_block_stop', index: 1 },
          { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
          { type: 'message_stop' },
        ],
        'anthropic-messages',
      );
      expect(steps(frames).slice(0, 4)).toEqual([
        'start 0 thinking',
        'delta 0 thinking_delta',
        'delta 0 signature_delta',
        'stop 0',
      ]);
      expect(frames.find(({ delta }) => delta?.type === 'signature_delta').delta.signature).toBe(signature);
      const whole = `{"type":"thinking","thinking":"Hm.","signature":"${signature}"}`;
      expect(JSON.stringify(body.content[0])).toBe(whole);
      const messages = [
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: body.content },
        { role: 'user', content: 'On' },
      ];
      const again = request('anthropic-messages', { max_tokens: 9, messages }, 'anthropic-messages').body;
      expect(JSON.stringify(again.messages[1].content[0])).toBe(whole);
    },
  );

  for (const upstream of ['openai-chat', 'anthropic-messages'] as const)
    trap(
      'custom-grammar',
      `a custom tool with a grammar is a function of one text on ${upstream}, and custom again in answers, streams and history`,
      () => {
        const custom = {
          type: 'custom',
          name: 'patch',
          format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
        };
        const history = [
          { role: 'user', content: 'Go' },
          { type: 'custom_tool_call', call_id: 'call_1', name: 'patch', input: '*** "x"\n' },
          { type: 'custom_tool_call_output', call_id: 'call_1', output: 'ok' },
        ];
        const asked = { input: history, tools: [custom] };
        const { body } = request('openai-responses', asked, upstream);
        const chat = upstream === 'openai-chat';
        const { description, ...tool } = chat ? body.tools[0].function : body.tools[0];
        expect(chat ? tool.parameters : tool.input_schema).toMatchObject({
          properties: { input: { type: 'string' } },
          required: ['input'],
        });
        expect(description).toContain('start: "x"');
        const input = { input: '*** "x"\n' };
        const [, called] = body.messages;
        expect(chat ? JSON.parse(called.tool_calls[0].function.arguments) : called.content[0].input).toEqual(
          input,
        );

        const args = JSON.stringify(input);
        const answered = chat
          ? [
              piece(0, args.slice(0, 5), { id: 'call_2', name: 'patch' }),
              piece(0, args.slice(5)),
              chunk({}, 'tool_calls'),
            ]
          : [
              { type: 'message_start', message: {} },
              {
                type: 'content_block_start',
                index: 0,
                content_block: { type: 'tool_use', id: 'call_2', name: 'patch', input: {} },
              },
              {
                type: 'content_block_delta',
                index: 0,
                delta: { type: 'input_json_delta', partial_json: args },
              },
              { type: 'content_block_stop', index: 0 },
              { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: {} },
              { type: 'message_stop' },
            ];
        const given = answer(upstream, answered, 'openai-responses', read('openai-responses', asked).tools);
        const call = { type: 'custom_tool_call', call_id: 'call_2', name: 'patch', input: input.input };
        expect(given.body.output).toMatchObject([call]);
        expect(given.frames.at(-1).response.output).toMatchObject([call]);
        expect(given.names).toContain('response.custom_tool_call_input.done');
        expect(given.names.join()).not.toContain('function_call');
      },
    );

  trap(
    'usage',
    'usage conventions meet in one: what was read from and written to the cache counts once on every wire',
    () => {
      const upstreams: Loose = {
        'openai-chat': {
          usage: {
            prompt_tokens: 1000,
            completion_tokens: 50,
            prompt_tokens_details: { cached_tokens: 700 },
          },
        },
        'openai-responses': {
          usage: { input_tokens: 1000, output_tokens: 50, input_tokens_details: { cached_tokens: 700 } },
        },
        'anthropic-messages': {
          usage: {
            input_tokens: 100,
            cache_read_input_tokens: 700,
            cache_creation_input_tokens: 200,
            output_tokens: 50,
          },
        },
        gemini: {
          usageMetadata: {
            promptTokenCount: 1000,
            cachedContentTokenCount: 700,
            candidatesTokenCount: 50,
            totalTokenCount: 1050,
          },
        },
      };
      const context = { model: 'm', id: 'i', created: 1 };
      for (const upstream of PROTOCOL_IDS) {
        const usage = protocolOf(upstream).decodeUsage(upstreams[upstream]) ?? {};
        expect(usage, upstream).toMatchObject({ input: 1000, cacheRead: 700, output: 50 });
        const events = [{ type: 'usage' as const, usage }, { type: 'end' as const }];
        const told = (client: (typeof PROTOCOL_IDS)[number]): Loose =>
          protocolOf(client).encodeBody(events, context);
        const { usage: messages } = told('anthropic-messages');
        const parts = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];
        expect(
          parts.reduce((sum, name) => sum + (messages[name] ?? 0), 0),
          upstream,
        ).toBe(1000);
        expect(messages.input_tokens, upstream).toBe(1000 - 700 - (usage.cacheWrite ?? 0));
        expect(told('openai-chat').usage, upstream).toMatchObject({
          prompt_tokens: 1000,
          total_tokens: 1050,
          prompt_tokens_details: { cached_tokens: 700 },
        });
        const { cacheWrite } = usage;
        expect(told('openai-responses').usage, upstream).toMatchObject({
          input_tokens: 1000,
          input_tokens_details: {
            cached_tokens: 700,
            ...(cacheWrite === undefined ? {} : { cache_write_tokens: cacheWrite }),
          },
        });
      }
      // More read than asked is nonsense; fresh tokens are never negative.
      const {
        input = 0,
        cacheRead = 0,
        cacheWrite = 0,
      } = protocolOf('openai-chat').decodeUsage({
        usage: { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 700 } },
      }) ?? {};
      expect(input - cacheRead - cacheWrite).toBeGreaterThanOrEqual(0);
    },
  );

  trap(
    'context-overflow',
    'a context overflow is told to each client in the words by which it compacts',
    () => {
      const said: Record<ProtocolId, Loose> = {
        'openai-chat': { message: 'Full.', type: 'invalid_request_error', code: 'context_length_exceeded' },
        'openai-responses': {
          message: 'Full.',
          type: 'invalid_request_error',
          code: 'context_length_exceeded',
        },
        'anthropic-messages': { type: 'invalid_request_error', message: 'prompt is too long: 9000 tokens' },
        gemini: {
          ...{ code: 400, status: 'INVALID_ARGUMENT' },
          message: 'The input token count (9000) exceeds the maximum number of tokens allowed (8000).',
        },
      };
      for (const upstream of PROTOCOL_IDS) {
        const refused = protocolOf(upstream).decodeError(400, JSON.stringify({ error: said[upstream] }));
        const told = (client: ProtocolId): Loose => {
          const { status, body } = protocolOf(client).encodeError(foreignError(refused, client), {
            ...{ stream: false, id: 'i', model: 'm', created: 1 },
          });
          return { status, ...JSON.parse(body).error };
        };
        expect(told('anthropic-messages'), upstream).toMatchObject({
          status: 400,
          type: 'invalid_request_error',
          message: expect.stringMatching(/^prompt is too long/),
        });
        expect(told('openai-chat'), upstream).toMatchObject({ status: 400, code: 'context_length_exceeded' });
        expect(told('openai-responses'), upstream).toMatchObject({ code: 'context_length_exceeded' });
        expect(told('gemini').message, upstream).toMatch(/input token count.*exceeds/);
      }
    },
  );

  trap(
    'error-event',
    'an error event becomes response.failed with code and message on Responses, and nothing follows',
    () => {
      const { names, frames } = answer(
        'anthropic-messages',
        [
          { type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 1, output_tokens: 1 } } },
          { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'High' } },
          { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
        ],
        'openai-responses',
      );
      expect(names).not.toContain('error');
      expect(names.filter((name) => /completed|incomplete|failed/.test(name ?? ''))).toEqual([
        'response.failed',
      ]);
      expect(frames.at(-1)).toMatchObject({
        type: 'response.failed',
        response: { status: 'failed', error: { code: expect.stringMatching(/./), message: 'Overloaded' } },
      });
    },
  );

  trap('stop-with-calls', 'a finish of "stop" although tools were called is told as tool calls', () => {
    const chat = [piece(0, '{}', { id: 'call_a', name: 'f' }), chunk({}, 'stop')];
    const messages = answer('openai-chat', chat, 'anthropic-messages');
    expect(messages.body.stop_reason).toBe('tool_use');
    expect(messages.frames.find(({ type }) => type === 'message_delta').delta.stop_reason).toBe('tool_use');
    const google = [
      {
        candidates: [
          { content: { parts: [{ functionCall: { name: 'f', args: {} } }] }, finishReason: 'STOP' },
        ],
      },
    ];
    const { body, frames } = answer('gemini', google, 'openai-chat');
    expect(body.choices[0].finish_reason).toBe('tool_calls');
    expect(frames.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['tool_calls']);
  });
});
