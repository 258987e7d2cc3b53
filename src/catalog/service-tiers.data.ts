/**
 * What tiers of service cost, as a share of the standard price: `[20, 11]` = 20/11 of it. Of a model, the longest name
 * that its own begins with counts (in the form of `spelling()`); '' = every model of the provider.
 *
 * Pages, as of 2026-11: https://platform.openai.com/docs/pricing (tabs Batch, Flex, Priority),
 * https://docs.anthropic.com/en/docs/about-claude/pricing (batch), https://ai.google.dev/gemini-api/docs/pricing (batch,
 * flex), https://console.groq.com/docs/flex-processing.
 */
export type Share = readonly [part: number, of: number];

const HALF: Share = [1, 2];
const SAME: Share = [1, 1];
const DOUBLE: Share = [2, 1];
const SEVEN_QUARTERS: Share = [7, 4];

/** Provider -> tier -> beginning of the model's name -> share. What is not here has no known price. */
export const SERVICE_TIERS: Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, Share>>>>>
> = {
  openai: {
    batch: { '': HALF },
    flex: { '': HALF },
    priority: {
      'gpt-4-1': SEVEN_QUARTERS,
      'gpt-4-1-nano': DOUBLE,
      'gpt-4o': [17, 10],
      'gpt-4o-mini': [5, 3],
      'gpt-5': DOUBLE,
      'gpt-5-mini': [9, 5],
      'gpt-6': DOUBLE,
      o3: SEVEN_QUARTERS,
      'o4-mini': [20, 11],
    },
  },
  anthropic: { batch: { '': HALF } },
  google: { batch: { '': HALF }, flex: { '': HALF } },
  groq: { flex: { '': SAME } },
};
