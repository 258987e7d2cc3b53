import { describe, expect, it } from 'vitest';
import type { PivotMessage, ReasoningPart } from '../../../src/pivot/index.ts';
import { calls, render, results, target, turns, user } from './support.ts';

const own: ReasoningPart = {
  type: 'reasoning',
  text: 'hm',
  sealed: { origin: 'anthropic', value: 'Eq+/==', kind: 'signature' },
};
const foreign: ReasoningPart = {
  type: 'reasoning',
  text: 'hm',
  sealed: { origin: 'google', value: 'CiQB', kind: 'signature' },
};
const thought = (part: ReasoningPart, message: PivotMessage): PivotMessage =>
  message.role === 'assistant' ? { ...message, content: [part, ...message.content] } : message;
const loop = (part: ReasoningPart): PivotMessage[] => [user('go'), thought(part, calls('a')), results('a')];

const REASONING = { enabled: true, budgetTokens: 2000 };

describe('thinking in a history on its way to Messages', () => {
  it('goes back to its own family byte by byte and leads its turn, the signature last in its block', () => {
    const moved: PivotMessage = {
      role: 'assistant',
      content: [{ type: 'text', text: 'I go' }, own, ...(calls('a').content as [])],
    };
    const [, turn] = turns(render({ messages: [user('go'), moved, results('a')] }));
    expect(JSON.stringify(turn?.content[0])).toBe('{"type":"thinking","thinking":"hm","signature":"Eq+/=="}');
    expect(turn?.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
  });

  it('stays between calls where it stood there', () => {
    const both = [own, ...(calls('a').content as []), own, ...(calls('b').content as [])];
    const [, turn] = turns(
      render({ messages: [user('go'), { role: 'assistant', content: both }, results('a', 'b')] }),
    );
    expect(turn?.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use', 'thinking', 'tool_use']);
  });

  it('keeps an empty text with a signature and what nobody may read', () => {
    const redacted: ReasoningPart = {
      type: 'reasoning',
      text: '',
      sealed: { origin: 'anthropic', value: 'Em', kind: 'redacted' },
    };
    const messages = [user('go'), thought({ ...own, text: '' }, thought(redacted, calls('a'))), results('a')];
    expect(turns(render({ messages }))[1]?.content.slice(0, 2)).toEqual([
      { type: 'thinking', thinking: '', signature: 'Eq+/==' },
      { type: 'redacted_thinking', data: 'Em' },
    ]);
  });

  it('of another family is dropped from every place, and the turn stays legal', () => {
    const rendered = render({ messages: loop(foreign), reasoning: REASONING });
    expect(JSON.stringify(rendered.body)).not.toMatch(/hm|CiQB|"thinking"/);
    expect(turns(rendered)[1]?.content.map(({ type }) => type)).toEqual(['tool_use']);
    expect(rendered.losses).toEqual([
      { what: 'thinking signature', why: 'made by google' },
      { what: 'thinking', why: 'the answer that goes on has no thinking of this family' },
    ]);
  });

  it('without a signature is given only to servers that ask for it', () => {
    const unsigned: ReasoningPart = { type: 'reasoning', text: 'hm' };
    const strict = render({ messages: loop(unsigned) });
    expect(turns(strict)[1]?.content.map(({ type }) => type)).toEqual(['tool_use']);
    expect(strict.losses).toEqual([
      { what: 'reasoning of earlier turns', why: 'without a signature it cannot go back' },
    ]);
    const tolerant = render(
      { messages: loop(unsigned), reasoning: REASONING },
      target({ odd: ['reasoning-content'] }),
    );
    expect(turns(tolerant)[1]?.content[0]).toEqual({ type: 'thinking', thinking: 'hm', signature: '' });
    expect(tolerant.body.thinking).toBeDefined();
    expect(tolerant.losses).toEqual([]);
  });
});

describe('the wish to think on its way to Messages', () => {
  it('stays when the loop began with own thinking, when a fresh question follows, or when thinking is adaptive', () => {
    const cases = [
      render({ messages: loop(own), reasoning: REASONING }),
      render({ messages: [...loop(own), calls('b'), results('b')], reasoning: REASONING }),
      render({ messages: [...loop(foreign), user('next')], reasoning: REASONING }),
    ];
    // The last user turn holds results and words: to the API the loop goes on.
    expect(cases.map(({ body }) => body.thinking)).toEqual([
      { type: 'enabled', budget_tokens: 2000 },
      { type: 'enabled', budget_tokens: 2000 },
      undefined,
    ]);
    const said: PivotMessage = { role: 'assistant', content: [{ type: 'text', text: 'done' }] };
    const fresh = render({ messages: [...loop(foreign), said, user('next')], reasoning: REASONING });
    expect(fresh.body.thinking).toEqual({ type: 'enabled', budget_tokens: 2000 });
    const adaptive = render(
      { messages: loop(foreign), reasoning: REASONING },
      target({ odd: ['adaptive-thinking'] }),
    );
    expect(adaptive.body.thinking).toEqual({ type: 'adaptive' });
  });

  it.each([
    // [client's max_tokens, budget, target's longest answer] -> [max_tokens, budget, losses]
    [8000, 2000, 64000, 8000, 2000, []],
    [4096, 4096, 64000, 8192, 4096, []],
    [4096, 16000, 8192, 8192, 6144, ['thinking budget']],
    [4096, 100, 64000, 4096, 1024, ['thinking budget']],
    [undefined, 16000, undefined, 24192, 16000, []],
    [undefined, 2000, 64000, 64000, 2000, []],
    [500, 2000, 1000, 500, undefined, ['thinking']],
    [200000, 2000, 64000, 64000, 2000, ['max_tokens']],
  ] as const)('fits %s tokens with a budget of %s into %s', (asked, budget, most, max, given, lost) => {
    const { body, losses } = render(
      {
        reasoning: { enabled: true, budgetTokens: budget },
        sampling: asked === undefined ? {} : { maxOutputTokens: asked },
      },
      target(most === undefined ? {} : { maxOutput: most }),
    );
    expect(body.max_tokens).toBe(max);
    expect(body.thinking).toEqual(given && { type: 'enabled', budget_tokens: given });
    expect(losses.map(({ what }) => what)).toEqual(lost);
  });

  it.each([
    // effort, [client's max_tokens, target's longest answer] -> [max_tokens, budget, losses]
    ['high', 4096, 64000, 20480, 16384, []],
    ['max', 4096, 64000, 64000, 48000, []],
    ['high', 20000, 64000, 20000, 15000, []],
    ['max', 4096, 16000, 16000, 12000, ['thinking budget']],
    ['minimal', 1200, 64000, 1200, 1024, []],
  ] as const)('leaves room for an answer beside effort %s', (effort, asked, most, max, budget, lost) => {
    const { body, losses } = render(
      { reasoning: { effort }, sampling: { maxOutputTokens: asked } },
      target({ maxOutput: most }),
    );
    expect([body.max_tokens, body.thinking]).toEqual([max, { type: 'enabled', budget_tokens: budget }]);
    expect(losses.map(({ what }) => what)).toEqual(lost);
  });

  it('is a budget for models with budgets and an effort for models that decide themselves', () => {
    expect(render({ reasoning: { effort: 'low' } }).body.thinking).toEqual({
      type: 'enabled',
      budget_tokens: 2048,
    });
    const adaptive = target({ odd: ['adaptive-thinking', 'effort-xhigh', 'thinking-off'] });
    const bodies = [
      render({ reasoning: { effort: 'minimal', show: true } }, adaptive).body,
      render({ reasoning: { enabled: true, budgetTokens: 31999 } }, adaptive).body,
      render({ reasoning: { enabled: false, effort: 'low' } }, adaptive).body,
    ];
    expect(bodies.map(({ thinking, output_config }) => [thinking, output_config])).toEqual([
      [{ type: 'adaptive', display: 'summarized' }, { effort: 'low' }],
      [{ type: 'adaptive' }, { effort: 'xhigh' }],
      [{ type: 'disabled' }, { effort: 'low' }],
    ]);
  });

  it.each([
    ['max', ['effort-max', 'effort-xhigh'], 'max', []],
    ['max', ['effort-xhigh'], 'xhigh', ['effort']],
    ['max', [], 'high', ['effort']],
    ['xhigh', [], 'high', ['effort']],
    ['medium', [], 'medium', []],
  ] as const)('of effort %s is for a model with %j the effort %s', (effort, odd, given, lost) => {
    const to = target({ odd: ['adaptive-thinking', ...odd] });
    const { body, losses } = render({ reasoning: { effort } }, to);
    expect(body.output_config).toEqual({ effort: given });
    expect(losses.map(({ what }) => what)).toEqual(lost);
  });

  it('is switched off only where that can be said', () => {
    const reasoning = { enabled: false };
    expect(render({ reasoning }, target({ odd: ['thinking-off'] })).body.thinking).toEqual({
      type: 'disabled',
    });
    const always = render({ reasoning }, target({ reasons: true }));
    expect(always.body.thinking).toBeUndefined();
    expect(always.losses).toEqual([{ what: 'thinking', why: 'anthropic/claude cannot do without it' }]);
    const unknown = render({ reasoning });
    expect([unknown.body.thinking, unknown.losses]).toEqual([undefined, []]);
    expect(render({ reasoning: { show: true } }).body.thinking).toBeUndefined();
  });

  it('gives way to a forced tool and to a model that does not think', () => {
    const forced = {
      reasoning: { effort: 'high' as const },
      tools: [{ kind: 'function' as const, name: 'go' }],
      toolChoice: { type: 'required' as const },
    };
    const rendered = render(forced);
    expect(rendered.body).toMatchObject({ tool_choice: { type: 'any' } });
    expect(rendered.body.thinking).toBeUndefined();
    expect(rendered.losses).toEqual([
      { what: 'thinking', why: 'a tool is forced, which shuts thinking out' },
    ]);
    expect(render(forced, target({ odd: ['adaptive-thinking', 'thinking-off'] })).body.thinking).toEqual({
      type: 'disabled',
    });
    const dull = render({ reasoning: { effort: 'high' } }, target({ reasons: false }));
    expect(dull.body.thinking).toBeUndefined();
    expect(dull.losses).toEqual([{ what: 'thinking', why: 'anthropic/claude does not think' }]);
  });

  it('shuts out temperature and top_k, and a low top_p, each with a loss', () => {
    const sampling = { temperature: 0.2, topK: 5, topP: 0.5 };
    const { body, losses } = render({ reasoning: { effort: 'low' }, sampling });
    expect([body.temperature, body.top_k, body.top_p]).toEqual([undefined, undefined, undefined]);
    expect(losses.map(({ what }) => what).sort()).toEqual(['temperature', 'top_k', 'top_p']);
    const one = render({ reasoning: { effort: 'low' }, sampling: { temperature: 1, topP: 0.97 } });
    expect(one.body.top_p).toBe(0.97);
    expect(one.losses).toEqual([]);
  });
});
