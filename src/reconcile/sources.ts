import { dayOf, type Json, listOf, nanoOf, nextOf, numberOf, objectOf, sumOf, textOf } from './read.ts';
import type { DayUse, Page, Report, Source } from './types.ts';

const use = (day: string, model: string, known: Partial<DayUse>): DayUse => ({
  ...{ day, model, nanoUsd: null, requests: null, input: null, output: null },
  ...known,
});

const query = (values: Readonly<Record<string, string | number | null>>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');

/** Pages of buckets: `{ data: [{ <start>, results: [...] }], has_more, next_page }`. */
function buckets(startOf: (bucket: Json) => number | null, read: (result: Json, day: string) => DayUse) {
  return (json: unknown): Page | null => {
    const page = objectOf(json);
    if (!Array.isArray(page.data)) return null;
    const uses = page.data.map(objectOf).flatMap((bucket) => {
      const start = startOf(bucket);
      return start === null
        ? []
        : listOf(bucket.results).map((result) => read(objectOf(result), dayOf(start)));
    });
    return { uses, next: nextOf(page) };
  };
}

const SECOND_MS = 1_000;
/** The most that Anthropic gives on one page; OpenAI gives more of costs and as many of usage. */
const MOST_BUCKETS = 31;

const unixStart = ({ start_time: start }: Json): number | null => {
  const seconds = numberOf(start);
  return seconds === null ? null : seconds * SECOND_MS;
};

const openaiQuery =
  (group: string): Report['path'] =>
  ({ since, until }, page) =>
    query({
      start_time: since / SECOND_MS,
      end_time: until / SECOND_MS,
      bucket_width: '1d',
      group_by: group,
      limit: MOST_BUCKETS,
      page,
    });

/** https://platform.openai.com/docs/api-reference/usage/costs and /usage/completions */
const OPENAI: Source = {
  keyName: 'admin key',
  keyPage: 'https://platform.openai.com/settings/organization/admin-keys',
  wholeDays: false,
  reports: [
    {
      path: (span, page) => `/organization/costs?${openaiQuery('line_item')(span, page)}`,
      // A line is `gpt-5-2025-08-07, input`.
      read: buckets(unixStart, ({ amount, line_item: line }, day) =>
        use(day, textOf(line).split(',')[0]?.trim() ?? '', { nanoUsd: nanoOf(objectOf(amount).value) }),
      ),
    },
    {
      path: (span, page) => `/organization/usage/completions?${openaiQuery('model')(span, page)}`,
      read: buckets(unixStart, (result, day) =>
        use(day, textOf(result.model), {
          requests: numberOf(result.num_model_requests),
          input: numberOf(result.input_tokens),
          output: numberOf(result.output_tokens),
        }),
      ),
    },
  ],
};

const rfcStart = ({ starting_at: start }: Json): number | null => {
  const time = Date.parse(textOf(start));
  return Number.isNaN(time) ? null : time;
};

const anthropicQuery =
  (group: string): Report['path'] =>
  ({ since, until }, page) =>
    query({
      starting_at: new Date(since).toISOString(),
      ending_at: new Date(until).toISOString(),
      bucket_width: '1d',
      'group_by[]': group,
      limit: MOST_BUCKETS,
      page,
    });

const CENT = 0.01;

/** https://platform.claude.com/docs/en/api/admin/cost_report and https://docs.claude.com/en/api/usage-cost-api */
const ANTHROPIC: Source = {
  keyName: 'admin key',
  keyPage: 'https://console.anthropic.com/settings/admin-keys',
  wholeDays: false,
  reports: [
    {
      path: (span, page) => `/organizations/cost_report?${anthropicQuery('description')(span, page)}`,
      read: buckets(rfcStart, ({ amount, model }, day) =>
        use(day, textOf(model), { nanoUsd: nanoOf(amount, CENT) }),
      ),
    },
    {
      path: (span, page) => `/organizations/usage_report/messages?${anthropicQuery('model')(span, page)}`,
      read: buckets(rfcStart, (result, day) => {
        const written = objectOf(result.cache_creation);
        return use(day, textOf(result.model), {
          input: sumOf(
            result.uncached_input_tokens,
            result.cache_read_input_tokens,
            written.ephemeral_5m_input_tokens,
            written.ephemeral_1h_input_tokens,
          ),
          output: numberOf(result.output_tokens),
        });
      }),
    },
  ],
};

const DAY_LENGTH = 10;

/** https://openrouter.ai/docs/api/api-reference/analytics/get-user-activity */
const OPENROUTER: Source = {
  keyName: 'management key',
  keyPage: 'https://openrouter.ai/settings/management-keys',
  wholeDays: true,
  reports: [
    {
      // All of the last 30 days that are over, on one page.
      path: () => '/activity',
      read(json) {
        const { data } = objectOf(json);
        if (!Array.isArray(data)) return null;
        const uses = data.map(objectOf).map((item) =>
          use(textOf(item.date).slice(0, DAY_LENGTH), textOf(item.model), {
            nanoUsd: nanoOf(item.usage),
            requests: numberOf(item.requests),
            input: numberOf(item.prompt_tokens),
            output: numberOf(item.completion_tokens),
          }),
        );
        return { uses, next: null };
      },
    },
  ],
  // https://openrouter.ai/docs/api/api-reference/generations/get-generation
  answers: {
    path: (answerId) => `/generation?id=${encodeURIComponent(answerId)}`,
    read(json) {
      const data = objectOf(objectOf(json).data);
      const nanoUsd = nanoOf(data.total_cost);
      // Counts of the model's own tokens: those are billed.
      const input = numberOf(data.native_tokens_prompt) ?? numberOf(data.tokens_prompt);
      const output = numberOf(data.native_tokens_completion) ?? numberOf(data.tokens_completion);
      return nanoUsd === null ? null : { nanoUsd, input, output };
    },
  },
};

/** Providers that tell what they bill. */
export const SOURCES: ReadonlyMap<string, Source> = new Map([
  ['openrouter', OPENROUTER],
  ['openai', OPENAI],
  ['anthropic', ANTHROPIC],
]);
