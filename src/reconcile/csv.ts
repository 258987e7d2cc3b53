import { nanoOf, numberOf } from './read.ts';
import type { DayUse } from './types.ts';

/** Names under which exports have their columns, in lower case with single blanks; the first that is there counts. */
const COLUMNS = {
  day: [
    'day',
    'date',
    'usage date',
    'usage date utc',
    'date utc',
    'start time iso',
    'created at',
    'timestamp',
    'time',
  ],
  model: ['model', 'model version', 'model name', 'model permaslug', 'line item', 'served'],
  usd: ['cost usd', 'cost', 'cost total', 'amount value', 'amount', 'usage', 'total cost', 'price'],
  nano: ['cost nano usd', 'costnanousd'],
  requests: ['requests', 'num model requests', 'request count'],
  input: ['input tokens', 'prompt tokens', 'tokens prompt', 'input'],
  output: ['output tokens', 'completion tokens', 'tokens completion', 'output'],
} as const;

type Column = keyof typeof COLUMNS;

/** RFC 4180: fields with commas, quotes and line breaks stand in quotes. */
const FIELD = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g;

/** The rows of a table as text. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, field = '', end = ''] of text.replace(/^\ufeff/, '').matchAll(FIELD)) {
    row.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}

const plain = (title: string): string =>
  title
    .trim()
    .toLowerCase()
    .replace(/[_()\s]+/g, ' ')
    .trim();

/** A day as exports write it: `2026-11-25`, with or without a time, or seconds since 1970. null = none. */
function dayIn(text: string): string | null {
  const [day] = /^\d{4}-\d{2}-\d{2}/.exec(text) ?? [];
  if (day !== undefined) return day;
  const seconds = /^\d{10}$/.test(text) ? Number(text) : null;
  return seconds === null ? null : new Date(seconds * 1_000).toISOString().slice(0, 10);
}

/** What an export says; a string = what it lacks, for people. */
export function usesInCsv(text: string): DayUse[] | string {
  const [head = [], ...rows] = csvRows(text);
  const titles = head.map(plain);
  const at = (column: Column): number =>
    COLUMNS[column].map((name) => titles.indexOf(name)).find((index) => index >= 0) ?? -1;
  if (at('day') < 0) return 'no column with days, such as "date"';
  if (at('usd') < 0 && at('nano') < 0) return 'no column with costs, such as "cost_usd"';
  const cell = (row: readonly string[], column: Column): string => row[at(column)] ?? '';
  return rows.flatMap((row): DayUse[] => {
    const day = dayIn(cell(row, 'day'));
    if (day === null) return [];
    return [
      {
        day,
        model: cell(row, 'model').split(',')[0]?.trim() ?? '',
        nanoUsd: numberOf(cell(row, 'nano')) ?? nanoOf(cell(row, 'usd')),
        requests: numberOf(cell(row, 'requests')),
        input: numberOf(cell(row, 'input')),
        output: numberOf(cell(row, 'output')),
      },
    ];
  });
}
