import { beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, loadCatalog } from '../../src/catalog/index.ts';
import type { CostState } from '../../src/exchange.ts';
import type { Usage } from '../../src/pivot/index.ts';

// What requests cost by the vendors' public price pages, worked out here in whole nano-dollars: a dollar per million
// tokens is 1,000 nano-dollars a token. Nothing below comes from the code under test or from the data that it reads.
const PAGES = {
  anthropic: 'https://docs.anthropic.com/en/docs/about-claude/pricing',
  openai: 'https://platform.openai.com/docs/pricing',
  google: 'https://ai.google.dev/gemini-api/docs/pricing',
  deepseek: 'https://api-docs.deepseek.com/quick_start/pricing',
  xai: 'https://docs.x.ai/docs/models',
  mistral: 'https://mistral.ai/pricing',
  groq: 'https://groq.com/pricing',
  cohere: 'https://cohere.com/pricing',
  openrouter: 'https://openrouter.ai/docs/use-cases/usage-accounting',
  perplexity: 'https://docs.perplexity.ai/getting-started/pricing',
  ollama: 'https://ollama.com',
} as const;

type Seller = keyof typeof PAGES;
/** So many of something, at so many nano-dollars each. */
type Item = readonly [count: number, nanoEach: number];

interface Case {
  what: string;
  seller: Seller;
  model: string;
  usage: Usage;
  bill: readonly Item[];
  /** The time of the request; without one, the present prices are meant. */
  on?: string;
  state?: CostState;
}

const NOW = '2026-11-20T12:00:00Z';

const one = (
  seller: Seller,
  model: string,
  what: string,
  usage: Usage,
  bill: readonly Item[],
  more: Pick<Case, 'on' | 'state'> = {},
): Case => ({ seller, model, what, usage, bill, ...more });

const A = (model: string, what: string, usage: Usage, bill: readonly Item[], more = {}): Case =>
  one('anthropic', model, what, usage, bill, more);
const O = (model: string, what: string, usage: Usage, bill: readonly Item[], more = {}): Case =>
  one('openai', model, what, usage, bill, more);
const G = (model: string, what: string, usage: Usage, bill: readonly Item[], more = {}): Case =>
  one('google', model, what, usage, bill, more);

/** A search at Anthropic and at OpenAI: $10 for a thousand. */
const SEARCH = 10_000_000;

const CASES: readonly Case[] = [
  // Opus 4.5: $5 in, $0.50 read, $6.25 written for 5 minutes, $10 for an hour, $25 out.
  A('claude-opus-4-5', 'plain', { input: 1000, output: 500 }, [
    [1000, 5000],
    [500, 25_000],
  ]),
  A('claude-opus-4-5', 'cache read', { input: 10_000, cacheRead: 9000, output: 100 }, [
    [1000, 5000],
    [9000, 500],
    [100, 25_000],
  ]),
  A('claude-opus-4-5', 'written for 5 minutes', { input: 4000, cacheWrite: 3000, output: 10 }, [
    [1000, 5000],
    [3000, 6250],
    [10, 25_000],
  ]),
  A(
    'claude-opus-4-5',
    'written for an hour',
    { input: 4000, cacheWrite: 3000, cacheWrite1h: 3000, output: 10 },
    [
      [1000, 5000],
      [3000, 10_000],
      [10, 25_000],
    ],
  ),
  A(
    'claude-opus-4-5',
    'read and both kinds of written',
    { input: 10_000, cacheRead: 5000, cacheWrite: 3000, cacheWrite1h: 1000, output: 77 },
    [
      [2000, 5000],
      [5000, 500],
      [2000, 6250],
      [1000, 10_000],
      [77, 25_000],
    ],
  ),
  A('claude-opus-4-5-20251101', 'its dated name', { input: 123, output: 7 }, [
    [123, 5000],
    [7, 25_000],
  ]),
  A('claude-opus-4-5', 'three searches', { input: 1000, output: 100, searches: 3 }, [
    [1000, 5000],
    [100, 25_000],
    [3, SEARCH],
  ]),
  A('claude-opus-4-5', 'in a batch: half', { input: 1000, output: 500, tier: 'batch' }, [
    [1000, 2500],
    [500, 12_500],
  ]),
  A(
    'claude-opus-4-5',
    'in a batch, a search costs the same',
    { input: 1000, output: 500, searches: 1, tier: 'batch' },
    [
      [1000, 2500],
      [500, 12_500],
      [1, SEARCH],
    ],
  ),
  A(
    'claude-opus-4-5',
    'priority is paid beforehand: an estimate',
    { input: 1000, output: 500, tier: 'priority' },
    [
      [1000, 5000],
      [500, 25_000],
    ],
    { state: 'estimate' },
  ),
  // Sonnet 4.5: $3, $0.30, $3.75, $6, $15; above 200,000 tokens twice the input and one and a half times the output.
  A('claude-sonnet-4-5', 'plain', { input: 1000, output: 500 }, [
    [1000, 3000],
    [500, 15_000],
  ]),
  A('claude-sonnet-4-5', 'just not long', { input: 200_000, output: 1 }, [
    [200_000, 3000],
    [1, 15_000],
  ]),
  A('claude-sonnet-4-5', 'long', { input: 200_001, output: 1000 }, [
    [200_001, 6000],
    [1000, 22_500],
  ]),
  A(
    'claude-sonnet-4-5',
    'long with a cache',
    { input: 300_000, cacheRead: 250_000, cacheWrite: 10_000, output: 100 },
    [
      [40_000, 6000],
      [250_000, 600],
      [10_000, 7500],
      [100, 22_500],
    ],
  ),
  A('claude-sonnet-4-5', 'thinking is output', { input: 100, output: 900, reasoning: 800 }, [
    [100, 3000],
    [900, 15_000],
  ]),
  A('claude-haiku-4-5', 'plain', { input: 1000, output: 500 }, [
    [1000, 1000],
    [500, 5000],
  ]),
  A(
    'claude-haiku-4-5',
    'everything of a cache',
    { input: 1000, cacheRead: 600, cacheWrite: 300, cacheWrite1h: 200, output: 50 },
    [
      [100, 1000],
      [600, 100],
      [100, 1250],
      [200, 2000],
      [50, 5000],
    ],
  ),
  A('claude-opus-4-1', 'plain', { input: 1000, output: 500 }, [
    [1000, 15_000],
    [500, 75_000],
  ]),
  A('claude-opus-4-1', 'cache', { input: 1000, cacheRead: 500, cacheWrite: 400, output: 5 }, [
    [100, 15_000],
    [500, 1500],
    [400, 18_750],
    [5, 75_000],
  ]),
  A(
    'claude-3-5-haiku-20241022',
    'plain',
    { input: 1000, output: 500 },
    [
      [1000, 800],
      [500, 4000],
    ],
    { on: '2025-09-01T12:00:00Z' },
  ),

  // GPT-5: $1.25 in, $0.125 cached, $10 out.
  O('gpt-5', 'plain', { input: 1000, output: 500 }, [
    [1000, 1250],
    [500, 10_000],
  ]),
  O('gpt-5', 'cached', { input: 2000, cacheRead: 1920, output: 500 }, [
    [80, 1250],
    [1920, 125],
    [500, 10_000],
  ]),
  O('gpt-5', 'flex: half, the cache too', { input: 2000, cacheRead: 1000, output: 500, tier: 'flex' }, [
    [1000, 625],
    [500, 5000],
    [500, 125],
  ]),
  O('gpt-5', 'priority: twice', { input: 2000, cacheRead: 1000, output: 500, tier: 'priority' }, [
    [1000, 2500],
    [1000, 250],
    [500, 20_000],
  ]),
  O('gpt-5', 'two searches', { input: 1000, output: 500, searches: 2 }, [
    [1000, 1250],
    [500, 10_000],
    [2, SEARCH],
  ]),
  O(
    'gpt-5',
    'a file search that has no known fee: an estimate',
    { input: 1000, output: 500, serverTools: 1 },
    [
      [1000, 1250],
      [500, 10_000],
    ],
    { state: 'estimate' },
  ),
  O('gpt-5-mini', 'cached', { input: 1000, cacheRead: 512, output: 10 }, [
    [488, 250],
    [512, 25],
    [10, 2000],
  ]),
  O('gpt-5-mini', 'priority: $0.45 and $3.60', { input: 1000, output: 100, tier: 'priority' }, [
    [1000, 450],
    [100, 3600],
  ]),
  O('gpt-5-nano', 'plain', { input: 1001, output: 3 }, [
    [1001, 50],
    [3, 400],
  ]),
  O('gpt-4.1', 'cached', { input: 1000, cacheRead: 400, output: 100 }, [
    [600, 2000],
    [400, 500],
    [100, 8000],
  ]),
  O(
    'gpt-4.1',
    'priority: $3.50, $0.875, $14',
    { input: 1000, cacheRead: 400, output: 100, tier: 'priority' },
    [
      [600, 3500],
      [400, 875],
      [100, 14_000],
    ],
  ),
  O('gpt-4.1-mini', 'plain', { input: 1000, output: 100 }, [
    [1000, 400],
    [100, 1600],
  ]),
  O('gpt-4.1-nano', 'plain', { input: 1000, output: 100 }, [
    [1000, 100],
    [100, 400],
  ]),
  O('gpt-4o', 'cached', { input: 1000, cacheRead: 400, output: 100 }, [
    [600, 2500],
    [400, 1250],
    [100, 10_000],
  ]),
  O('gpt-4o', 'priority: $4.25 and $17', { input: 1000, output: 100, tier: 'priority' }, [
    [1000, 4250],
    [100, 17_000],
  ]),
  O('gpt-4o-mini', 'cached', { input: 1000, cacheRead: 400, output: 100 }, [
    [600, 150],
    [400, 75],
    [100, 600],
  ]),
  O(
    'o3',
    'before its price fell',
    { input: 1000, output: 100 },
    [
      [1000, 10_000],
      [100, 40_000],
    ],
    { on: '2025-05-01T12:00:00Z' },
  ),
  O(
    'o3',
    'after it',
    { input: 1000, output: 100 },
    [
      [1000, 2000],
      [100, 8000],
    ],
    { on: '2025-07-01T12:00:00Z' },
  ),
  O('o4-mini', 'reasoning is output', { input: 1000, output: 900, reasoning: 850 }, [
    [1000, 1100],
    [900, 4400],
  ]),
  O('o4-mini', 'priority: $2 and $8', { input: 1000, output: 100, tier: 'priority' }, [
    [1000, 2000],
    [100, 8000],
  ]),
  O('text-embedding-3-small', 'only input', { input: 5000 }, [[5000, 20]]),
  O('text-embedding-3-large', 'only input', { input: 5000 }, [[5000, 130]]),
  // Text $4 and $16, sound $32 and $64.
  O('gpt-realtime', 'sound in and out', { input: 1000, inputAudio: 800, output: 300, outputAudio: 250 }, [
    [200, 4000],
    [800, 32_000],
    [50, 16_000],
    [250, 64_000],
  ]),
  O('gpt-image-1', 'text $5, pictures in $10, out $40', { input: 1000, inputImage: 900, output: 272 }, [
    [100, 5000],
    [900, 10_000],
    [272, 40_000],
  ]),

  // 2.5 Pro: $1.25, $10; above 200,000 tokens $2.50, $15.
  G('gemini-2.5-pro', 'plain', { input: 1000, output: 500 }, [
    [1000, 1250],
    [500, 10_000],
  ]),
  G('gemini-2.5-pro', 'just not long', { input: 200_000, output: 10 }, [
    [200_000, 1250],
    [10, 10_000],
  ]),
  G('gemini-2.5-pro', 'long', { input: 200_001, output: 10 }, [
    [200_001, 2500],
    [10, 15_000],
  ]),
  G('gemini-2.5-pro', 'cached', { input: 1000, cacheRead: 800, output: 10 }, [
    [200, 1250],
    [800, 125],
    [10, 10_000],
  ]),
  G('gemini-2.5-flash', 'thoughts are output', { input: 1000, output: 500, reasoning: 400 }, [
    [1000, 300],
    [500, 2500],
  ]),
  G('gemini-2.5-flash', 'sound: $1', { input: 1000, inputAudio: 900, output: 10 }, [
    [100, 300],
    [900, 1000],
    [10, 2500],
  ]),
  G(
    'gemini-2.5-flash',
    'text comes from the cache first, which nobody says: an estimate',
    { input: 1000, inputAudio: 500, cacheRead: 200, output: 10 },
    [
      [300, 300],
      [500, 1000],
      [200, 30],
      [10, 2500],
    ],
    { state: 'estimate' },
  ),
  G('gemini-2.5-flash-lite', 'plain', { input: 1000, output: 500 }, [
    [1000, 100],
    [500, 400],
  ]),
  G('gemini-2.5-flash', 'in a batch: half', { input: 1000, output: 500, tier: 'batch' }, [
    [1000, 150],
    [500, 1250],
  ]),
  G('gemini-3-pro-preview', 'long', { input: 250_000, output: 100 }, [
    [250_000, 4000],
    [100, 18_000],
  ]),

  // At night (16:30 to 00:30 UTC) half of it.
  // DeepSeek Flash: $0.15 in, $0.003 read, $0.60 out; twice that from 9 to 12 and 14 to 18 in Beijing, Monday to Friday.
  one(
    'deepseek',
    'deepseek-flash',
    'on a Wednesday evening',
    { input: 1000, cacheRead: 400, output: 100 },
    [
      [600, 150],
      [400, 3],
      [100, 600],
    ],
    { on: '2026-11-25T12:00:00Z' },
  ),
  one(
    'deepseek',
    'deepseek-flash',
    'on a Wednesday morning in Beijing',
    { input: 1000, cacheRead: 400, output: 100 },
    [
      [600, 300],
      [400, 6],
      [100, 1200],
    ],
    { on: '2026-11-25T03:59:59Z' },
  ),
  one(
    'deepseek',
    'deepseek-v4-flash',
    'an old name at the price of the new model',
    { input: 1000, output: 0 },
    [[1000, 150]],
    {
      on: '2026-11-25T04:00:00Z',
    },
  ),
  one(
    'deepseek',
    'deepseek-v4-pro',
    'in the hours that are dear',
    { input: 1000, output: 100 },
    [
      [1000, 1320],
      [100, 3960],
    ],
    {
      on: '2026-11-25T06:00:00Z',
    },
  ),
  one(
    'deepseek',
    'deepseek-v4-pro',
    'in the same hours of a Sunday',
    { input: 1000, output: 100 },
    [
      [1000, 660],
      [100, 1980],
    ],
    {
      on: '2026-11-22T06:00:00Z',
    },
  ),
  one(
    'deepseek',
    'deepseek-chat',
    'by day',
    { input: 1000, cacheRead: 500, output: 100 },
    [
      [500, 270],
      [500, 70],
      [100, 1100],
    ],
    { on: '2025-05-01T12:00:00Z' },
  ),
  one(
    'deepseek',
    'deepseek-chat',
    'by night',
    { input: 1000, cacheRead: 500, output: 100 },
    [
      [500, 135],
      [500, 35],
      [100, 550],
    ],
    { on: '2025-05-01T20:00:00Z' },
  ),
  one('xai', 'grok-4', 'plain', { input: 1000, output: 100 }, [
    [1000, 3000],
    [100, 15_000],
  ]),
  one('xai', 'grok-code-fast-1', 'cached', { input: 1000, cacheRead: 700, output: 100 }, [
    [300, 200],
    [700, 20],
    [100, 1500],
  ]),
  one('xai', 'grok-4', 'what xAI says it charged', { input: 1000, output: 100, costUsd: 37_756_000 / 1e10 }, [
    [1, 3_775_600],
  ]),
  one('groq', 'llama-3.3-70b-versatile', 'plain', { input: 1000, output: 100 }, [
    [1000, 590],
    [100, 790],
  ]),
  one('groq', 'llama-3.1-8b-instant', 'flex costs the same', { input: 1000, output: 100, tier: 'flex' }, [
    [1000, 50],
    [100, 80],
  ]),
  one('mistral', 'codestral-latest', 'plain', { input: 1000, output: 100 }, [
    [1000, 300],
    [100, 900],
  ]),
  one('cohere', 'command-a-03-2025', 'plain', { input: 1000, output: 100 }, [
    [1000, 2500],
    [100, 10_000],
  ]),
  one(
    'openrouter',
    'anthropic/claude-opus-4.5',
    'what OpenRouter says it charged',
    { input: 1000, output: 100, costUsd: 0.0042 },
    [[1, 4_200_000]],
  ),
  one('openrouter', 'acme/thing:free', 'a free model', { input: 1000, output: 100 }, [], { state: 'free' }),
  one(
    'perplexity',
    'sonar-pro',
    'what Perplexity says it charged, with its fee for the request',
    { input: 10, output: 100, costUsd: 0.00753 },
    [[1, 7_530_000]],
  ),
  one(
    'perplexity',
    'sonar',
    'with its dearest fee for a request, where nobody says which one it was',
    { input: 10, output: 100 },
    [
      [10, 1000],
      [100, 1000],
      [1, 12_000_000],
    ],
    { state: 'estimate' },
  ),
  one('ollama', 'qwen3:8b', 'a server on this machine', { input: 1000, output: 100 }, [], { state: 'local' }),
];

let catalog: Catalog;
beforeAll(async () => {
  catalog = await loadCatalog({ now: () => Date.parse(NOW) });
});

const sumOf = (bill: readonly Item[]): number => bill.reduce((sum, [count, nano]) => sum + count * nano, 0);

describe.each(Object.entries(PAGES))('%s (%s)', (seller) => {
  test.each(
    CASES.filter((one) => one.seller === seller).map((one) => [`${one.model}, ${one.what}`, one] as const),
  )('%s', (_name, { model, usage, bill, on, state }) => {
    const at = Date.parse(on ?? NOW);
    expect(catalog.cost(seller, model, usage, at)).toMatchObject({
      nanoUsd: sumOf(bill),
      state: state ?? 'exact',
    });
  });
});

test('wherever the items of a bill are known they come to its sum, and nearly everywhere they are', () => {
  const billed = CASES.map(({ seller, model, usage, on }) => ({
    of: `${seller}/${model}`,
    ...catalog.bill(seller, model, usage, Date.parse(on ?? NOW)),
  })).filter(({ cost }) => (cost.nanoUsd ?? 0) > 0 && cost.source !== 'provider');
  for (const { of, cost, items, tier } of billed) {
    if (items.length === 0) continue;
    const [part, whole] = tier?.share ?? [1, 1];
    const usd = items.map((item) =>
      item.per === 1 ? item.count * item.usd : (item.count * item.usd * part) / whole / item.per,
    );
    expect([of, Math.round(usd.reduce((sum, one) => sum + one, 0) * 1e9)]).toEqual([of, cost.nanoUsd]);
  }
  expect(billed.filter(({ items }) => items.length === 0).map(({ of }) => of)).toEqual([]);
});

test('there are sixty of them, and every page has one', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60);
  const named = new Set(CASES.map(({ seller }) => seller));
  expect(Object.keys(PAGES).filter((seller) => !named.has(seller as Seller))).toEqual([]);
});
