import { describe, expect, it } from 'vitest';
import type { AssistantPart, CollectedBlock, PivotMessage, PivotRequest } from '../../src/pivot/index.ts';
import { createBounded } from '../../src/relay/bounded.ts';
import { createConversations } from '../../src/relay/conversations.ts';
import { createMemory } from '../../src/relay/memory.ts';

const ID = 'toolu_01A09q90qw90lq917835lq9';
const SEAL = { origin: 'anthropic', value: 'EqQB' };

const call = (id = ID, args = '{"a":1}', signature?: { origin: string; value: string }): CollectedBlock => ({
  type: 'tool-call',
  id,
  name: 'height',
  kind: 'function',
  arguments: args,
  ...(signature ? { signature } : {}),
});
const thought = (text: string): CollectedBlock => ({ type: 'reasoning', text, signature: SEAL });
const part = (id = ID, args = '{"a":1}'): AssistantPart => ({
  type: 'tool-call',
  id,
  name: 'height',
  kind: 'function',
  arguments: args,
});
const kept = (text: string) => ({ type: 'reasoning', text, sealed: { ...SEAL, kind: 'signature' } });

function requestOf(...content: AssistantPart[]): PivotRequest {
  return {
    model: 'm',
    stream: false,
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      { role: 'assistant', content },
    ],
    tools: [],
    sampling: {},
  };
}

/** The assistant's parts after an answer was remembered and its message came back like this. */
function back(answer: CollectedBlock[], message: AssistantPart[], session: string | null = null) {
  const memory = createMemory();
  memory.remember(answer, session);
  return memory.restore(requestOf(...message), session).messages[1]?.content;
}

describe('the memory of thoughts', () => {
  it('gives back what stood before a call, where it stood', () => {
    const text: AssistantPart = { type: 'text', text: 'Look.' };
    const said: CollectedBlock = { type: 'text', text: 'Look.', citations: [] };
    expect(back([thought('A'), said, call()], [text, part()])).toEqual([kept('A'), text, part()]);
    expect(back([said, thought('A'), call()], [text, part()])).toEqual([text, kept('A'), part()]);
    expect(
      back(
        [thought('A'), call(), thought('B'), call('call_bcdefghijkl')],
        [part(), part('call_bcdefghijkl')],
      ),
    ).toEqual([kept('A'), part(), kept('B'), part('call_bcdefghijkl')]);
  });

  it('gives back the signature of a call, and only where it is missing', () => {
    const google = { origin: 'google', value: 'R29v' };
    expect(back([call(ID, '{}', google)], [part()])).toEqual([{ ...part(), signature: google }]);
    const own = { ...part(), signature: { origin: 'google', value: 'own' } } as AssistantPart;
    expect(back([call(ID, '{}', google)], [own])).toEqual([own]);
  });

  it('gives back the signature of the text right before a call, and of no other text', () => {
    const google = { origin: 'google', value: 'dGV4dA' };
    const said = (signature?: typeof google): CollectedBlock => ({
      ...{ type: 'text', text: '', citations: [] },
      ...(signature ? { signature } : {}),
    });
    const text: AssistantPart = { type: 'text', text: 'Look.' };
    const after: AssistantPart = { type: 'text', text: 'Again.' };
    expect(back([said(google), call()], [text, part(), after])).toEqual([
      { ...text, signature: google },
      part(),
      after,
    ]);
    expect(back([said(google), said(), call()], [text, part()])).toEqual([text, part()]);
    expect(
      back([said(google), call(), call('call_bcdefghijkl')], [part(), text, part('call_bcdefghijkl')]),
    ).toEqual([part(), text, part('call_bcdefghijkl')]);
    const own: AssistantPart = { ...text, signature: { origin: 'google', value: 'own' } };
    expect(back([said(google), call()], [own, part()])).toEqual([own, part()]);
  });

  it('leaves a message alone that has its thoughts, and seals those that are the same words', () => {
    const own: AssistantPart = { type: 'reasoning', text: 'other' };
    expect(back([thought('A'), call()], [own, part()])).toEqual([own, part()]);
    expect(back([thought('A'), call()], [{ type: 'reasoning', text: 'A\n' }, part()])).toEqual([
      kept('A'),
      part(),
    ]);
  });

  it('leaves the request itself as it is, and gives it back when there is nothing to add', () => {
    const memory = createMemory();
    const request = requestOf(part());
    expect(memory.restore(request, null)).toBe(request);
    memory.remember([thought('A'), call()], null);
    expect(memory.restore(request, null)).not.toBe(request);
    expect(request).toEqual(requestOf(part()));
  });

  it.each(['functions.height:0', 'call_0', 'call_12', '0', 'tool-7', 'call_1_0', 'call_12_3'])(
    'counts %s with its session and its arguments only',
    (id) => {
      expect(back([thought('A'), call(id)], [part(id)])).toEqual([part(id)]);
      expect(back([thought('A'), call(id)], [part(id, '{ "a": 1 }')], 's')).toEqual([
        kept('A'),
        part(id, '{ "a": 1 }'),
      ]);
      expect(back([thought('A'), call(id)], [part(id, '{"a":2}')], 's')).toEqual([part(id, '{"a":2}')]);
      const memory = createMemory();
      memory.remember([thought('A'), call(id)], 'one');
      const request = requestOf(part(id));
      expect(memory.restore(request, 'another')).toBe(request);
    },
  );
});

describe('a bounded memory', () => {
  it('forgets what was not used for longest, by number and by bytes', () => {
    const memory = createBounded<string>({ entries: 2, bytes: 100 });
    memory.set('a', 'A', 10);
    memory.set('b', 'B', 10);
    expect(memory.get('a')).toBe('A');
    memory.set('c', 'C', 10);
    expect([memory.get('a'), memory.get('b'), memory.get('c')]).toEqual(['A', undefined, 'C']);
    memory.set('d', 'D', 95);
    expect([memory.get('a'), memory.get('c'), memory.get('d')]).toEqual([undefined, undefined, 'D']);
  });

  it('keeps nothing that is larger than itself, and counts a replaced value once', () => {
    const memory = createBounded<string>({ entries: 5, bytes: 100 });
    memory.set('a', 'A', 60);
    memory.set('b', 'B', 101);
    expect([memory.get('a'), memory.get('b')]).toEqual(['A', undefined]);
    memory.set('a', 'A2', 60);
    memory.set('c', 'C', 40);
    expect([memory.get('a'), memory.get('c')]).toEqual(['A2', 'C']);
  });
});

describe('conversations', () => {
  it('grow turn by turn, each with its own instructions', () => {
    const conversations = createConversations();
    const instructions = (text: string): PivotMessage => ({
      role: 'system',
      from: 'instructions',
      content: [{ type: 'text', text }],
    });
    const user = (text: string): PivotMessage => ({ role: 'user', content: [{ type: 'text', text }] });
    const base = { model: 'm', stream: false, tools: [], sampling: {} };
    const answer = (text: string): CollectedBlock => ({ type: 'text', text, citations: [] });
    const first: PivotRequest = { ...base, messages: [instructions('I'), user('1')] };
    conversations.keep('A', first, [answer('one')]);
    const second = conversations.resume({
      ...base,
      messages: [instructions('J'), user('2')],
      previousResponseId: 'resp_A',
    });
    conversations.keep('B', second, [answer('two')]);
    const third = conversations.resume({ ...base, messages: [user('3')], previousResponseId: 'resp_B' });
    const words = third.messages.flatMap(({ content }) =>
      content.map((one: { type: string; text?: string }) => one.text),
    );
    expect(words).toEqual(['1', 'one', '2', 'two', '3']);
    expect(third.previousResponseId).toBeUndefined();
    expect(second.messages[0]).toEqual(instructions('J'));
  });
});
