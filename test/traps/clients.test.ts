import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { JsonObject } from '../../src/pivot/index.ts';
import { type ProtocolId, protocolOf } from '../../src/protocols/index.ts';
import { PROTOCOL_IDS } from '../support/fixtures.ts';
import { answer, chunk, type Loose, piece, read, request } from './support.ts';
import { trap } from './table.ts';

/** A request as that client sends it. */
function example(client: ProtocolId, name: string): JsonObject {
  return JSON.parse(readFileSync(`test/golden/requests/${client}/${name}.json`, 'utf8'));
}

const names = (tools: Loose[]): string[] =>
  tools.flatMap(
    (tool) => tool.functionDeclarations?.map((one: Loose) => one.name) ?? tool.name ?? tool.function?.name,
  );

describe('what clients send that surprises', () => {
  const claude = example('anthropic-messages', 'claude-code');

  trap('claude-code', 'the billing header, the account and thoughts of Anthropic reach nobody else', () => {
    for (const upstream of PROTOCOL_IDS) {
      const text = JSON.stringify(request('anthropic-messages', claude, upstream).body);
      expect(text, upstream).not.toMatch(/x-anthropic-billing-header|account_uuid/);
      // A thought without text is kept for its signature.
      const kept = text.includes('"thinking":"","signature":"EqMDCkYIBxgCKkD=="');
      expect(kept, upstream).toBe(upstream === 'anthropic-messages');
    }
    const home = { model: 'm', provider: 'anthropic', quirks: new Set<string>() };
    const { body } = protocolOf('anthropic-messages').renderRequest(read('anthropic-messages', claude), home);
    expect(body.metadata).toEqual(claude.metadata);
  });

  trap('claude-code', 'system text between the turns stays where it was on wires that have it there', () => {
    const roles = (upstream: ProtocolId, list: string): string[] =>
      request('anthropic-messages', claude, upstream).body[list].map(({ role }: Loose) => role);
    const order = ['system', 'user', 'system', 'assistant'];
    expect(roles('openai-chat', 'messages').slice(0, 4)).toEqual(order);
    expect(roles('openai-responses', 'input').slice(0, 4)).toEqual(order);
    for (const upstream of ['gemini', 'anthropic-messages'] as const)
      expect(JSON.stringify(request('anthropic-messages', claude, upstream).body)).toContain(
        'The tools that can be searched',
      );
  });

  trap(
    'tool-reference',
    'the found tool is offered at once, its reference is words, and the text behind the result comes after it',
    () => {
      for (const upstream of ['openai-chat', 'openai-responses', 'gemini'] as const) {
        const { body } = request('anthropic-messages', claude, upstream);
        expect(names(body.tools), upstream).toContain('mcp__github__search');
        const text = JSON.stringify(body.messages ?? body.input ?? body.contents);
        expect(text.lastIndexOf('mcp__github__search'), upstream).toBeLessThan(text.indexOf('Tool loaded.'));
        expect(text, upstream).toContain('Tool loaded.');
        expect(text, upstream).not.toContain('tool_reference');
      }
    },
  );

  trap('codex', 'tools of the first item and tools that were found are offered to every wire', () => {
    const asked = example('openai-responses', 'codex-found-tools');
    for (const upstream of ['openai-chat', 'anthropic-messages', 'gemini'] as const) {
      const { body } = request('openai-responses', asked, upstream);
      const offered = names(body.tools);
      expect(offered, upstream).toEqual(expect.arrayContaining(['exec', 'tool_search']));
      expect(
        offered.some((name) => name.endsWith('spawn_agent')),
        upstream,
      ).toBe(true);
    }
  });

  trap('codex', 'a call of a tool in a namespace comes back with both of its names', () => {
    const { tools } = read('openai-responses', example('openai-responses', 'codex-first-turn'));
    const [name] = names(
      request('openai-responses', example('openai-responses', 'codex-first-turn'), 'openai-chat').body.tools,
    ).filter((one) => one.endsWith('search_issues'));
    const called = [piece(0, '{"q":"x"}', { id: 'call_1', name: name ?? '' }), chunk({}, 'tool_calls')];
    const given = answer('openai-chat', called, 'openai-responses', tools);
    const call = {
      type: 'function_call',
      namespace: 'mcp__github__',
      name: 'search_issues',
      arguments: '{"q":"x"}',
    };
    expect(given.body.output).toMatchObject([call]);
    expect(given.frames.at(-1).response.output).toMatchObject([call]);
  });

  trap(
    'gemini-cli',
    'types in capitals are JSON Schema for the others, and Google’s own marks stay with Google',
    () => {
      const asked = example('gemini', 'gemini-cli');
      for (const upstream of ['openai-chat', 'openai-responses', 'anthropic-messages'] as const) {
        const text = JSON.stringify(request('gemini', asked, upstream).body);
        expect(text, upstream).not.toMatch(
          /"(?:OBJECT|STRING|BOOLEAN|ARRAY)"|skip_thought_signature|thoughtSignature/,
        );
        expect(text, upstream).toContain('"file_path"');
      }
      // Two questions in a row are one turn where turns must alternate.
      const { messages } = request('gemini', asked, 'anthropic-messages').body;
      const roles: string[] = messages.map(({ role }: Loose) => role);
      expect(roles.filter((role, i) => role === roles[i - 1])).toEqual([]);
      expect(JSON.stringify(messages[0])).toMatch(/session_context.*What is in README/);
    },
  );

  trap(
    'odd-chat',
    'the developer’s role, parts as lists, empty texts beside calls and whole arguments are understood',
    () => {
      const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: { a: 1 } } };
      const messages = [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Go' }] },
        { role: 'assistant', content: '', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'ok' }] },
      ];
      // As many tokens to think as to answer, all in all.
      const asked = { max_tokens: 8192, thinking: { type: 'enabled', budget_tokens: 8192 }, messages };
      const { body } = request('openai-chat', asked, 'anthropic-messages');
      expect(JSON.stringify(body.system)).toContain('Be brief.');
      expect(body.messages[1].content).toMatchObject([{ type: 'tool_use', input: { a: 1 } }]);
      expect(JSON.stringify(body.messages[2].content[0].content)).toContain('ok');
      expect(body.thinking?.budget_tokens ?? 0).toBeLessThan(body.max_tokens);
      const custom = { type: 'custom', custom: { name: 'patch', description: 'Edits.' } };
      const offered = request('openai-chat', { messages, tools: [custom] }, 'anthropic-messages').body.tools;
      expect(offered).toMatchObject([{ name: 'patch', input_schema: { required: ['input'] } }]);
    },
  );
});

describe('what breaks a client when it is missing', () => {
  const said = [
    chunk({ role: 'assistant', reasoning_content: 'Hm.' }),
    chunk({ content: 'Wait.' }),
    piece(0, '{"a":1}', { id: '', name: 'f' }),
    chunk({}, 'tool_calls'),
    { choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } },
  ];

  trap('messages-frames', 'named events only, full counts first, the exact ones last, and both ends', () => {
    const { names: events, frames } = answer('openai-chat', said, 'anthropic-messages');
    expect(events).toEqual(frames.map(({ type }) => type));
    expect(new Set(events)).toEqual(
      new Set([
        'message_start',
        'content_block_start',
        'content_block_delta',
        'content_block_stop',
        'message_delta',
        'message_stop',
      ]),
    );
    expect(frames[0].message.usage).toMatchObject({
      input_tokens: expect.any(Number),
      output_tokens: expect.any(Number),
    });
    expect(frames.at(-2)).toMatchObject({
      type: 'message_delta',
      usage: { input_tokens: 10, output_tokens: 5 },
    });
    expect(frames.at(-1)).toEqual({ type: 'message_stop' });
  });

  trap(
    'responses-frames',
    'created first, each item added and done, one last event with id, output and usage',
    () => {
      const { names: events, frames } = answer('openai-chat', said, 'openai-responses');
      expect(events[0]).toBe('response.created');
      const items = (type: string): Loose[] =>
        frames.filter((frame) => frame.type === `response.output_item.${type}`);
      expect(items('added').map(({ item }) => item.id)).toEqual(items('done').map(({ item }) => item.id));
      expect(items('done').map(({ item }) => item.type)).toEqual(['reasoning', 'message', 'function_call']);
      expect(events.filter((name) => /^response\.(?:completed|incomplete|failed)$/.test(name ?? ''))).toEqual(
        ['response.completed'],
      );
      const { response } = frames.at(-1);
      expect(response).toMatchObject({
        id: frames[0].response.id,
        usage: { input_tokens: 10, output_tokens: 5 },
      });
      expect(response.output).toEqual(items('done').map(({ item }) => item));
      expect(response.output[2].call_id).toMatch(/\w/);
    },
  );

  trap('gemini-frames', 'data lines only, and a reason at the end', () => {
    const { names: events, frames } = answer('openai-chat', said, 'gemini');
    expect(events.filter((name) => name !== undefined)).toEqual([]);
    const reasons = frames.map(({ candidates }) => candidates[0].finishReason);
    expect(reasons.filter(Boolean)).toEqual(['STOP']);
    expect(reasons.at(-1)).toBe('STOP');
  });

  trap('chat-frames', 'calls with index, id and type; a reason; counts in the last chunk alone', () => {
    const called = [
      {
        candidates: [
          {
            content: {
              parts: [
                { functionCall: { name: 'f', args: { a: 1 } } },
                { functionCall: { name: 'g', args: {} } },
              ],
            },
          },
        ],
      },
      {
        candidates: [{ content: { parts: [] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5 },
      },
    ];
    const { frames } = answer('gemini', called, 'openai-chat');
    const calls: Loose[] = frames.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    for (const { index } of calls) expect(index).toBeTypeOf('number');
    const first = [0, 1].map((n) => calls.find(({ index }) => index === n));
    for (const call of first)
      expect(call).toMatchObject({ id: expect.stringMatching(/\w/), type: 'function' });
    expect(new Set(first.map(({ id }) => id)).size).toBe(2);
    expect(frames.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['tool_calls']);
    expect(frames.slice(0, -1).filter(({ usage }) => usage)).toEqual([]);
    expect(frames.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } });
  });
});
