import { expect, test } from 'vitest';
import { collect, type PivotEvent } from '../../src/pivot/index.ts';
import { type ProtocolId, protocolOf } from '../../src/protocols/index.ts';
import { decodeChunks, decodeFixture, FIXTURES } from '../support/fixtures.ts';
import { type Loose, request } from '../traps/support.ts';

/** The wires that tell how likely the tokens of an answer were; Messages has no words for it. */
const WIRES = ['openai-chat', 'openai-responses', 'gemini'] as const satisfies readonly ProtocolId[];
const PAIRS = WIRES.flatMap((upstream) => WIRES.map((client) => ({ upstream, client })));
const CONTEXT = { model: 'm', id: 'i', created: 1 };

const TOLD = [
  ['High', -0.25, ['High', 'Low']],
  [' water', -0.5, [' water', ' tide']],
  [' 潮', -2, [' 潮']],
];

function tokensOf(events: readonly PivotEvent[]): unknown[] {
  return collect(events).blocks.flatMap((block) =>
    block.type === 'text'
      ? (block.logprobs ?? []).map(({ token, logprob, alternatives }) => [
          token,
          logprob,
          alternatives.map((one) => one.token),
        ])
      : [],
  );
}

function fixture(upstream: ProtocolId, ending: string): PivotEvent[] {
  const found = FIXTURES.find(({ path }) => path === `${upstream}/logprobs.${ending}`);
  if (!found) throw new Error(upstream);
  return decodeFixture(found);
}

test.each(PAIRS)(
  'the likelihood of tokens comes from $upstream to a client of $client, streamed and whole',
  ({ upstream, client }) => {
    const wire = protocolOf(client);
    for (const ending of ['sse', 'json']) {
      const events = fixture(upstream, ending);
      expect(tokensOf(events)).toEqual(TOLD);
      const encoder = wire.createEncoder(CONTEXT);
      const stream = events.map((event) => encoder.push(event)).join('') + encoder.end();
      expect(tokensOf(decodeChunks(wire, [Buffer.from(stream)]))).toEqual(TOLD);
      const body = JSON.parse(JSON.stringify(wire.encodeBody(events, CONTEXT)));
      expect(tokensOf(wire.decodeBody(body))).toEqual(TOLD);
    }
  },
);

test('OpenAI’s clients get the bytes of each token, also where the provider did not say them', () => {
  const body: Loose = protocolOf('openai-chat').encodeBody(fixture('gemini', 'json'), CONTEXT);
  expect(body.choices[0].logprobs.content[2]).toMatchObject({ token: ' 潮', bytes: [32, 230, 189, 174] });
  expect(body.choices[0].logprobs.refusal).toBeNull();
});

test('a client of Messages gets the text alone', () => {
  const wire = protocolOf('anthropic-messages');
  expect(JSON.stringify(wire.encodeBody(fixture('openai-chat', 'json'), CONTEXT))).not.toContain('logprob');
});

test('they are asked for in the words of each wire, and are a loss where a model refuses them', () => {
  const asked = {
    'openai-chat': { messages: [{ role: 'user', content: 'Hi' }], logprobs: true, top_logprobs: 2 },
    'openai-responses': { input: 'Hi', top_logprobs: 2, include: ['message.output_text.logprobs'] },
    gemini: {
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      generationConfig: { responseLogprobs: true, logprobs: 2 },
    },
  };
  const words: Record<(typeof WIRES)[number], object> = {
    'openai-chat': { logprobs: true, top_logprobs: 2 },
    'openai-responses': {
      top_logprobs: 2,
      include: expect.arrayContaining(['message.output_text.logprobs']),
    },
    gemini: { generationConfig: { responseLogprobs: true, logprobs: 2 } },
  };
  for (const { upstream, client } of PAIRS) {
    const left = request(client, asked[client], upstream);
    expect(left.body).toMatchObject(words[upstream]);
    expect(left.losses).toEqual([]);
    if (client === upstream) continue;
    const refused = request(client, asked[client], upstream, ['no-logprobs']);
    expect(JSON.stringify(refused.body)).not.toMatch(/logprobs/i);
    expect(refused.losses.map(({ what }) => what)).toEqual(['logprobs']);
  }
  const messages = request('openai-chat', asked['openai-chat'], 'anthropic-messages');
  expect(messages.losses.map(({ what }) => what)).toContain('logprobs');
});
