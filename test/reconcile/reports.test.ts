import { describe, expect, test } from 'vitest';
import { compare, type DayUse, SOURCES, usesInCsv } from '../../src/reconcile/index.ts';

const SPAN = { since: Date.UTC(2026, 10, 24), until: Date.UTC(2026, 10, 26) };

function reportsOf(provider: string) {
  const reports = SOURCES.get(provider)?.reports ?? [];
  return {
    paths: reports.map(({ path }) => path(SPAN, 'p 2')),
    read: (n: number, json: unknown) => reports[n]?.read(json),
  };
}

describe('reports of providers', () => {
  test('OpenAI tells costs by line and tokens by model', () => {
    const { paths, read } = reportsOf('openai');
    expect(paths).toEqual([
      '/organization/costs?start_time=1795478400&end_time=1795651200&bucket_width=1d&group_by=line_item&limit=31&page=p%202',
      '/organization/usage/completions?start_time=1795478400&end_time=1795651200&bucket_width=1d&group_by=model&limit=31&page=p%202',
    ]);
    const page = (results: object[]) => ({
      object: 'page',
      data: [{ object: 'bucket', start_time: 1_795_478_400, end_time: 1_795_564_800, results }],
      has_more: true,
      next_page: 'next',
    });
    const amount = (value: number | string) => ({ value, currency: 'usd' });
    expect(
      read(
        0,
        page([
          { object: 'organization.costs.result', amount: amount(0.06), line_item: 'gpt-5-2025-08-07, input' },
          { object: 'organization.costs.result', amount: amount('0.000000004'), line_item: null },
        ]),
      ),
    ).toMatchObject({
      uses: [
        { day: '2026-11-24', model: 'gpt-5-2025-08-07', nanoUsd: 60_000_000, input: null },
        { day: '2026-11-24', model: '', nanoUsd: 4 },
      ],
      next: 'next',
    });
    expect(
      read(
        1,
        page([
          {
            model: 'gpt-5-2025-08-07',
            input_tokens: 1_000,
            input_cached_tokens: 800,
            output_tokens: 50,
            num_model_requests: 5,
          },
        ]),
      ),
    ).toMatchObject({ uses: [{ input: 1_000, output: 50, requests: 5, nanoUsd: null }] });
  });

  test('Anthropic counts in cents, and tells caches apart from the input', () => {
    const { paths, read } = reportsOf('anthropic');
    expect(paths[0]).toBe(
      '/organizations/cost_report?starting_at=2026-11-24T00%3A00%3A00.000Z&ending_at=2026-11-26T00%3A00%3A00.000Z&bucket_width=1d&group_by%5B%5D=description&limit=31&page=p%202',
    );
    const page = (results: object[]) => ({
      data: [{ starting_at: '2026-11-25T00:00:00Z', ending_at: '2026-11-26T00:00:00Z', results }],
      has_more: false,
      next_page: null,
    });
    expect(
      read(0, page([{ currency: 'USD', amount: '123.45', model: 'claude-opus-4-5', cost_type: 'tokens' }])),
    ).toEqual({
      uses: [
        {
          day: '2026-11-25',
          model: 'claude-opus-4-5',
          nanoUsd: 1_234_500_000,
          requests: null,
          input: null,
          output: null,
        },
      ],
      next: null,
    });
    expect(
      read(
        1,
        page([
          {
            model: 'claude-opus-4-5',
            uncached_input_tokens: 1,
            cache_creation: { ephemeral_1h_input_tokens: 20, ephemeral_5m_input_tokens: 300 },
            cache_read_input_tokens: 4_000,
            output_tokens: 7,
          },
        ]),
      ),
    ).toMatchObject({ uses: [{ input: 4_321, output: 7 }] });
  });

  test('OpenRouter gives all on one page', () => {
    const { read } = reportsOf('openrouter');
    const item = {
      date: '2026-11-24 00:00:00',
      model: 'openai/gpt-4.1',
      usage: 0.015,
      requests: 5,
      prompt_tokens: 50,
      completion_tokens: 125,
    };
    expect(read(0, { data: [item] })).toEqual({
      uses: [
        {
          day: '2026-11-24',
          model: 'openai/gpt-4.1',
          nanoUsd: 15_000_000,
          requests: 5,
          input: 50,
          output: 125,
        },
      ],
      next: null,
    });
  });

  test.each([[null], ['text'], [{ data: 'none' }], [{ error: {} }]])('%j is no report', (json) => {
    for (const { reports } of SOURCES.values()) for (const { read } of reports) expect(read(json)).toBeNull();
  });
});

describe('exports', () => {
  test('are read by the names of their columns, whatever their order', () => {
    expect(
      usesInCsv(
        '\ufeffModel,Usage_Date_UTC,Cost (USD),input_tokens\r\n"gpt-5, input",2026-11-24T00:00:00Z,"$1,234.5",10\r\n\r\n',
      ),
    ).toEqual([
      {
        day: '2026-11-24',
        model: 'gpt-5',
        nanoUsd: 1_234_500_000_000,
        requests: null,
        input: 10,
        output: null,
      },
    ]);
    expect(usesInCsv('date,cost\n1795478400,0.5\nsum,9\n')).toMatchObject([
      { day: '2026-11-24', nanoUsd: 500_000_000 },
    ]);
  });

  test('without days or costs are none', () => {
    expect(usesInCsv('model,cost\nx,1\n')).toContain('no column with days');
    expect(usesInCsv('date,model\n2026-11-24,x\n')).toContain('no column with costs');
    expect(usesInCsv('')).toContain('no column');
  });
});

test('both sides meet by day and by the name of the model', () => {
  const use = (day: string, model: string, nanoUsd: number | null): DayUse => ({
    ...{ day, model, nanoUsd, requests: null, input: null, output: null },
  });
  const nameOf = (model: string) => model.replace(/-2025.*/, '');
  const ours = [
    { ...use('2026-11-25', 'a', 100), unpriced: 1 },
    { ...use('2026-11-24', 'b', 7), unpriced: 0 },
  ];
  const theirs = [
    use('2026-11-25', 'a-2025-08-07', 60),
    use('2026-11-25', 'a', 50),
    use('2026-11-25', '', 5),
    use('2026-11-25', 'a', null),
  ];
  expect(compare(ours, theirs, nameOf)).toMatchObject([
    { day: '2026-11-24', model: 'b', theirs: null, driftNanoUsd: -7 },
    { day: '2026-11-25', model: '', ours: null, driftNanoUsd: 5 },
    {
      day: '2026-11-25',
      model: 'a',
      ours: { nanoUsd: 100 },
      theirs: { nanoUsd: 110 },
      driftNanoUsd: 10,
      unpriced: 1,
    },
  ]);
});
