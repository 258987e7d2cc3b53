import type { Abilities } from '../../verified/index.ts';
import { type Ask, type Finding, unanswered, user } from './ask.ts';
import { RED_SQUARE } from './picture.ts';

/** What a probe finds, and what that means for the choice of models. */
export interface Found {
  findings: Finding[];
  abilities?: Abilities;
}

/** Tries one thing. */
export type Probe = (ask: Ask) => Promise<Found>;

const FEW = 300;

const one = (id: string, title: string, rest: Pick<Finding, 'verdict' | 'note'>): Finding => ({
  id,
  title,
  ...rest,
});

const streaming: Probe = async (ask) => {
  const { exchange, said, pieces } = await ask({
    stream: true,
    max_tokens: FEW,
    messages: [user('Count from one to twenty in words.')],
  });
  const title = 'streams';
  if (exchange.outcome !== 'ok' || said.text === '')
    return { findings: [one('stream', title, unanswered(exchange))] };
  const streamed = pieces > 0;
  const note = streamed ? `${pieces} pieces` : 'the answer came in one piece';
  return { findings: [one('stream', title, { verdict: streamed ? 'pass' : 'fail', note })] };
};

const WEATHER = {
  name: 'get_weather',
  description: 'The weather in one city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

const tools: Probe = async (ask) => {
  const { exchange, said } = await ask({
    max_tokens: FEW,
    tools: [WEATHER],
    tool_choice: { type: 'any' },
    messages: [
      user('What is the weather in Paris, and in Rome? Call the tool for both cities at once, in parallel.'),
    ],
  });
  const titles = { tools: 'calls tools', parallel: 'calls several at once' };
  if (exchange.outcome !== 'ok') {
    const rest = unanswered(exchange);
    return {
      findings: [one('tools', titles.tools, rest), one('parallel-tools', titles.parallel, rest)],
      ...(rest.verdict === 'fail' ? { abilities: { tools: false } } : {}),
    };
  }
  const calls = said.toolCalls.length;
  const note = calls === 0 ? 'it was told to, and answered with words' : `${calls} in one answer`;
  return {
    findings: [
      one('tools', titles.tools, { verdict: calls > 0 ? 'pass' : 'fail', note }),
      one('parallel-tools', titles.parallel, { verdict: calls > 1 ? 'pass' : 'fail', note }),
    ],
    abilities: { tools: calls > 0 },
  };
};

const IMAGE = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: RED_SQUARE } };
const COLOUR = 'Which colour is the picture? Answer with one word.';

async function colour(
  ask: Ask,
  messages: object[],
  more: object = {},
): Promise<Pick<Finding, 'verdict' | 'note'>> {
  const { exchange, said } = await ask({ max_tokens: FEW, messages, ...more });
  if (exchange.outcome !== 'ok') return unanswered(exchange);
  const seen = /\bred\b/i.test(said.text);
  const lost = exchange.losses.length > 0 ? `; not told to it: ${exchange.losses.join(', ')}` : '';
  return {
    verdict: seen ? 'pass' : 'fail',
    note: seen ? 'it named the colour' : `it does not see it${lost}`,
  };
}

const image: Probe = async (ask) => {
  const rest = await colour(ask, [user([IMAGE, { type: 'text', text: COLOUR }])]);
  return {
    findings: [one('image', 'reads images', rest)],
    ...(rest.verdict === 'unknown' ? {} : { abilities: { vision: rest.verdict === 'pass' } }),
  };
};

const imageInResult: Probe = async (ask) => {
  const id = 'toolu_picture';
  const tool = {
    name: 'screenshot',
    description: 'Takes a picture.',
    input_schema: { type: 'object', properties: {} },
  };
  const rest = await colour(
    ask,
    [
      user(`Take a screenshot. ${COLOUR}`),
      { role: 'assistant', content: [{ type: 'tool_use', id, name: tool.name, input: {} }] },
      user([{ type: 'tool_result', tool_use_id: id, content: [IMAGE] }]),
    ],
    { tools: [tool] },
  );
  return { findings: [one('image-in-result', 'reads images in tool results', rest)] };
};

const reasoning: Probe = async (ask) => {
  const title = 'takes its reasoning back';
  const question = user('Is 391 a prime number? Think first, then answer with one word.');
  const thinking = { max_tokens: 2_048, thinking: { type: 'enabled', budget_tokens: 1_024 } };
  const first = await ask({ ...thinking, messages: [question] });
  const content = contentOf(first.body);
  const thought = content.some(({ type }) => type === 'thinking' || type === 'redacted_thinking');
  if (first.exchange.outcome !== 'ok')
    return { findings: [one('reasoning', title, unanswered(first.exchange))] };
  if (!thought)
    return { findings: [one('reasoning', title, { verdict: 'unknown', note: 'it shows no reasoning' })] };
  const second = await ask({
    ...thinking,
    messages: [question, { role: 'assistant', content }, user('And 397?')],
  });
  const rest =
    second.exchange.outcome === 'ok'
      ? ({ verdict: 'pass', note: 'the next turn with it was answered' } as const)
      : unanswered(second.exchange);
  return { findings: [one('reasoning', title, rest)], abilities: { reasoning: true } };
};

function contentOf(body: string): { type?: unknown }[] {
  try {
    const { content } = JSON.parse(body) as { content?: unknown };
    return Array.isArray(content) ? content : [];
  } catch {
    return [];
  }
}

/** More than any provider's smallest cached prefix. */
const PREFIX_WORDS = 4_500;

const cache: Probe = async (ask) => {
  // Another one each time: the cache of the last verification says nothing.
  const text = `${Date.now()} ${'This sentence stands here to be remembered. '.repeat(PREFIX_WORDS / 7)}`;
  const body = {
    max_tokens: FEW,
    system: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }],
    messages: [user('Say hi.')],
  };
  const title = 'prompt cache';
  const first = await ask(body);
  if (first.exchange.outcome !== 'ok') return { findings: [one('cache', title, unanswered(first.exchange))] };
  const { exchange } = await ask(body);
  const { cacheRead, input } = exchange.usage;
  const rest =
    exchange.outcome !== 'ok'
      ? unanswered(exchange)
      : cacheRead === undefined
        ? ({ verdict: 'unknown', note: 'the provider does not say' } as const)
        : ({
            verdict: cacheRead > 0 ? 'pass' : 'fail',
            note: `${cacheRead} of ${input ?? 'its'} tokens of a repeated prompt were read from it`,
          } as const);
  return { findings: [one('cache', title, rest)] };
};

const cancelled: Probe = async (ask) => {
  const title = 'counts cancelled streams';
  const { exchange } = await ask(
    { stream: true, max_tokens: FEW, messages: [user('Tell a long story about the sea.')] },
    STOP_AFTER,
  );
  if (exchange.outcome === 'error') return { findings: [one('cancel', title, unanswered(exchange))] };
  const told = exchange.usageSource === 'reported' || exchange.usageSource === 'partial';
  const note = told ? 'tokens are reported' : 'tokens of a request that is given up are estimated';
  const verdict = exchange.outcome === 'ok' ? 'unknown' : told ? 'pass' : 'fail';
  const over = 'the answer was over before it could be given up';
  return { findings: [one('cancel', title, { verdict, note: verdict === 'unknown' ? over : note })] };
};

const STOP_AFTER = 3;

/** In the order in which they are tried. */
export const PROBES: readonly Probe[] = [streaming, tools, image, imageInResult, reasoning, cache, cancelled];

/** Shares of the listed window that are tried until one fits. */
const SHARES = [0.95, 0.5, 0.25, 0.125] as const;

/** `--window`: the listed window is filled; where it does not fit, less and less. */
export function windowProbe(context: number | null): Probe {
  return async (ask) => {
    const found = (rest: Pick<Finding, 'verdict' | 'note'>, abilities: Abilities = {}): Found => ({
      findings: [one('window', 'real context window', rest)],
      abilities,
    });
    if (context === null) return found({ verdict: 'unknown', note: 'no list says how large it is' });
    for (const share of SHARES) {
      const tokens = Math.floor(context * share);
      const { exchange } = await ask({
        max_tokens: 16,
        messages: [user(`${'word '.repeat(tokens)}Say hi.`)],
      });
      const note = `${tokens} tokens were taken, the list says ${context}`;
      if (exchange.outcome === 'ok')
        return share === SHARES[0]
          ? found({ verdict: 'pass', note })
          : found({ verdict: 'fail', note }, { context: tokens });
      const rest = unanswered(exchange);
      if (rest.verdict === 'unknown') return found(rest);
    }
    return found({ verdict: 'fail', note: 'not even an eighth of it was taken' });
  };
}
