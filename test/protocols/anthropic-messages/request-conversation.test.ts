import { describe, expect, it } from 'vitest';
import type { ContentPart, PivotMessage } from '../../../src/pivot/index.ts';
import { calls, render, results, target, turns, user } from './support.ts';

const use = (id: string) => ({ type: 'tool_use', id, name: 'go', input: { a: 1 } });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
const text = (words: string) => ({ type: 'text', text: words });

describe('a conversation on its way to Messages', () => {
  it('has its first system texts in system, later ones as marked words of the user', () => {
    const system = (words: string): PivotMessage => ({
      role: 'system',
      from: 'developer',
      content: [{ type: 'text', text: words }],
    });
    const rendered = render({ messages: [system('one'), system('two'), user('hi'), system('three')] });
    expect(rendered.body.system).toEqual([
      text('one'),
      { ...text('two'), cache_control: { type: 'ephemeral' } },
    ]);
    expect(turns(rendered)).toEqual([
      { role: 'user', content: [text('hi'), text('<system>\nthree\n</system>')] },
    ]);
  });

  it('gives results and the words after them in one user turn, results first', () => {
    const rendered = render({
      messages: [user('go'), calls('a', 'b'), user('and quickly'), results('b'), results('a')],
    });
    expect(turns(rendered)[2]).toEqual({
      role: 'user',
      content: [result('b'), result('a'), text('and quickly')],
    });
    expect(rendered.losses).toEqual([]);
  });

  it('begins with a user even when the history was cut before an answer', () => {
    const said: PivotMessage = { role: 'assistant', content: [{ type: 'text', text: 'hello' }] };
    expect(turns(render({ messages: [said, user('hi')] })).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
    ]);
    expect(turns(render({ messages: [] }))).toEqual([{ role: 'user', content: [text('(continue)')] }]);
  });

  it('answers calls that nothing answered and keeps the words of results that answer nothing', () => {
    const rendered = render({ messages: [user('go'), calls('a'), user('stop'), results('x'), calls('b')] });
    expect(turns(rendered)).toEqual([
      { role: 'user', content: [text('go')] },
      { role: 'assistant', content: [use('a')] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: '(no result)', is_error: true },
          text('stop'),
          text('Result of a tool call:\nok'),
        ],
      },
      { role: 'assistant', content: [use('b')] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'b', content: '(no result)', is_error: true }],
      },
    ]);
    expect(rendered.losses.map(({ what }) => what).sort()).toEqual(['tool call', 'tool result']);
  });

  it('maps ids that the wire refuses, on call and result alike, and leaves the others alone', () => {
    const odd = ['functions.Bash:0', 'x'.repeat(65), 'toolu_01'];
    const [, called, answered] = turns(render({ messages: [user('go'), calls(...odd), results(...odd)] }));
    const ids = called?.content.map(({ id }) => String(id)) ?? [];
    expect(answered?.content.map(({ tool_use_id }) => tool_use_id)).toEqual(ids);
    expect(new Set(ids).size).toBe(3);
    expect(ids[2]).toBe('toolu_01');
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it('tells calls apart that have the same id or none', () => {
    const history = [
      user('go'),
      calls('a'),
      results('a'),
      calls('a'),
      results('a'),
      calls('', ''),
      results('', ''),
    ];
    const rendered = render({ messages: history });
    const ids = turns(rendered).flatMap(({ content }) => content.flatMap(({ id }) => (id ? [id] : [])));
    const answered = turns(rendered).flatMap(({ content }) =>
      content.flatMap(({ tool_use_id: id }) => (id ? [id] : [])),
    );
    expect(new Set(ids).size).toBe(4);
    expect(answered).toEqual(ids);
    expect(ids.slice(2)).toEqual(['call_0', 'call_1']);
  });

  it('leaves blank text out, fills empty results and makes empty arguments an object', () => {
    const messages: PivotMessage[] = [
      user('go'),
      {
        role: 'assistant',
        content: [
          { type: 'text', text: '' },
          { type: 'text', text: '\n' },
          { type: 'tool-call', id: 'a', name: 'go', kind: 'function', arguments: '' },
        ],
      },
      { role: 'tool', content: [{ type: 'tool-result', id: 'a', kind: 'function', content: [] }] },
    ];
    expect(turns(render({ messages })).slice(1)).toEqual([
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'go', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: '(empty)' }] },
    ]);
  });

  it('writes calls of custom tools and of namespaces as calls of functions', () => {
    const messages: PivotMessage[] = [
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', id: 'a', name: 'exec', kind: 'custom', arguments: 'text("hi")' },
          {
            type: 'tool-call',
            id: 'b',
            name: 'find',
            namespace: 'mcp__x',
            kind: 'function',
            arguments: '{}',
          },
        ],
      },
      results('a', 'b'),
    ];
    expect(turns(render({ messages }))[1]?.content).toEqual([
      { type: 'tool_use', id: 'a', name: 'exec', input: { input: 'text("hi")' } },
      { type: 'tool_use', id: 'b', name: 'mcp__x__find', input: {} },
    ]);
  });

  it('does not let an answer that goes on end in blanks', () => {
    const begun: PivotMessage = { role: 'assistant', content: [{ type: 'text', text: 'Title: \n' }] };
    expect(turns(render({ messages: [user('a title'), begun] }))[1]?.content).toEqual([text('Title:')]);
  });
});

describe('parts of a message on their way to Messages', () => {
  const base64 = (mediaType: string, data = 'AAAA') => ({ kind: 'base64' as const, mediaType, data });

  it.each<[string, ContentPart, object]>([
    [
      'a picture by its address',
      { type: 'image', source: { kind: 'url', url: 'https://x/a.png' } },
      { type: 'image', source: { type: 'url', url: 'https://x/a.png' } },
    ],
    [
      'a picture under an old name of its type',
      { type: 'image', source: base64('image/jpg') },
      { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' } },
    ],
    [
      'a PDF',
      { type: 'document', source: base64('application/pdf'), name: 'a.pdf' },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' },
        title: 'a.pdf',
      },
    ],
    [
      'a file of text',
      { type: 'document', source: base64('text/csv', 'YSzDqQ==') },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,é' } },
    ],
    [
      'another wire’s part that can be said in words',
      { type: 'vendor', origin: 'gemini', name: 'x', value: {}, text: 'in words' },
      text('in words'),
    ],
  ])('keeps %s', (_what, part, block) => {
    const rendered = render({ messages: [{ role: 'user', content: [part] }] });
    expect(turns(rendered)[0]?.content).toEqual([block]);
    expect(rendered.losses).toEqual([]);
  });

  it.each<[string, ContentPart]>([
    ['image', { type: 'image', source: base64('image/bmp') }],
    ['image', { type: 'image', source: { kind: 'file', origin: 'gemini', id: 'files/1' } }],
    ['document', { type: 'document', source: base64('application/msword') }],
    ['document', { type: 'document', source: base64('text/plain', '\u0000') }],
    ['audio', { type: 'media', source: base64('audio/wav') }],
    ['video', { type: 'media', source: base64('video/mp4') }],
  ])('says where %s was left out, and reports it', (what, part) => {
    const rendered = render({ messages: [{ role: 'user', content: [part] }] });
    expect(turns(rendered)[0]?.content).toEqual([text(`(${what} left out)`)]);
    expect(rendered.losses.map((loss) => loss.what)).toEqual([what]);
  });

  it('keeps pictures inside the result of a tool', () => {
    const messages: PivotMessage[] = [
      calls('a'),
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            id: 'a',
            kind: 'function',
            isError: true,
            content: [
              { type: 'text', text: 'seen' },
              { type: 'image', source: base64('image/png') },
            ],
          },
        ],
      },
    ];
    const rendered = render({ messages });
    expect(turns(rendered)[2]?.content).toEqual([
      {
        type: 'tool_result',
        tool_use_id: 'a',
        content: [
          text('seen'),
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        ],
      },
    ]);
    expect(rendered.losses).toEqual([{ what: 'is_error', why: 'a failed result holds text only' }]);
  });
});

describe('cache marks', () => {
  const marked = (body: unknown): number => JSON.stringify(body).split('"cache_control"').length - 1;

  it('are set where the conversation will be the same next time, when the client knows none', () => {
    const { body } = render({
      messages: [
        { role: 'system', from: 'system', content: [{ type: 'text', text: 's' }] },
        user('one'),
        calls('a'),
        results('a'),
        calls('b'),
        results('b'),
      ],
      tools: [
        { kind: 'function', name: 'go' },
        { kind: 'function', name: 'later', deferred: true },
      ],
    });
    const mark = { cache_control: { type: 'ephemeral' } };
    expect(marked(body)).toBe(4);
    expect(body.tools).toMatchObject([mark, { name: 'later' }]);
    expect(body.system).toMatchObject([mark]);
    expect(body.messages).toMatchObject([{}, {}, { content: [mark] }, {}, { content: [mark] }]);
  });

  it('stay where the client set them, the last four of them', () => {
    const parts = [1, 2, 3, 4, 5].map((n) => ({
      type: 'text' as const,
      text: `${n}`,
      cache: { ttl: '1h' as const },
    }));
    const { body, losses } = render({
      messages: [{ role: 'user', content: parts }, calls('a'), results('a')],
    });
    expect(marked(body)).toBe(4);
    const [first] = body.messages as { content: object[] }[];
    expect(first?.content[0]).toEqual(text('1'));
    expect(first?.content[4]).toEqual({ ...text('5'), cache_control: { type: 'ephemeral', ttl: '1h' } });
    expect(losses).toEqual([{ what: 'cache_control', why: 'no more than 4 marks' }]);
  });

  it('do not change the request that they are set in', () => {
    const value = { type: 'container_upload', file_id: 'f' };
    const part: ContentPart = { type: 'vendor', origin: 'anthropic-messages', name: value.type, value };
    render({ messages: [{ role: 'user', content: [part] }] }, target());
    expect(value).toEqual({ type: 'container_upload', file_id: 'f' });
  });
});
