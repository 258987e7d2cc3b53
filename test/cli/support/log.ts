import type { BudgetStanding } from '../../../src/budget/index.ts';
import type { Provider } from '../../../src/catalog/index.ts';
import { createLook } from '../../../src/cli/render/index.ts';
import { type LogChoice, shownBy } from '../../../src/cli/render/log/choice.ts';
import { createLiveLog } from '../../../src/cli/render/log/live.ts';
import { servedNames } from '../../../src/cli/render/log/served.ts';
import type { LogView } from '../../../src/cli/render/log/view.ts';
import type { Exchange } from '../../../src/exchange.ts';
import type { Today } from '../../../src/server/index.ts';
import { attempt, exchange } from '../../ledger/support/exchange-samples.ts';
import { createTerminal, type Terminal } from '../../support/terminal.ts';

/** 2026-11-22 14:03:30 UTC */
export const NOW = Date.UTC(2026, 10, 22, 14, 3, 30);

export const at = (clock: string): number => Date.parse(`2026-11-22T${clock}Z`);

const MAKERS = ['anthropic', 'openai', 'google'];

const provider = (id: string): Provider => ({
  id,
  name: id,
  kind: MAKERS.includes(id) ? 'maker' : 'reseller',
  surfaces: [],
  env: [],
  keyPage: null,
  pricesId: null,
  modelsUrl: null,
  quirks: [],
  headers: {},
  enabled: true,
  builtin: true,
  builtinOrigins: [],
});

/** Names as in a catalog that knows three makers. */
export const served = servedNames(provider);

/** A day with all there is to tell. */
export const TODAY: Today = {
  requests: 212,
  errors: 3,
  fallbacks: 2,
  costNanoUsd: 4_820_000_000,
  unpriced: 0,
  estimated: 0,
  input: 100,
  cacheRead: 71,
};

/** A live log on a terminal of our own, with the clock of the test. */
export interface LogOnTerminal {
  log: LogView;
  terminal: Terminal;
  today: Today;
  budgets: BudgetStanding[];
  problems: string[];
  counts: { demo: number };
  /** Events, as the feed would send them. */
  open(x: Exchange): void;
  update(x: Exchange): void;
  finish(...exchanges: Exchange[]): void;
  /** What stands on the terminal, from the first row. */
  text(): string;
  writes(): number;
}

/** Makes one. */
export function logOnTerminal(
  columns: number,
  options: { choice?: LogChoice; ascii?: boolean; onBroken?(error: unknown): void } = {},
): LogOnTerminal {
  const terminal = createTerminal(columns);
  let writes = 0;
  const on = {
    terminal,
    today: { ...TODAY },
    budgets: [] as BudgetStanding[],
    problems: [] as string[],
    counts: { demo: 0 },
  };
  const log = createLiveLog({
    screen: {
      width: () => terminal.columns,
      write: (text) => {
        writes++;
        terminal.write(text);
      },
    },
    terminal,
    look: () =>
      createLook({
        width: terminal.columns,
        color: false,
        ascii: options.ascii ?? false,
      }),
    utc: true,
    prefix: 'unorouter',
    now: Date.now,
    served,
    show: shownBy(options.choice ?? 'requests'),
    facts: () => ({
      today: on.today,
      budgets: on.budgets,
      demo: on.counts.demo,
      problems: on.problems,
    }),
    onBroken:
      options.onBroken ??
      ((error) => {
        throw error;
      }),
  });
  return {
    ...on,
    log,
    open: (x) => log.event({ type: 'open', exchange: x }),
    update: (x) => log.event({ type: 'update', exchange: x }),
    finish: (...exchanges) => {
      for (const x of exchanges) log.event({ type: 'finish', exchange: x });
    },
    text: () => terminal.text(),
    writes: () => writes,
  };
}

const usd = (dollars: number): Exchange['cost'] => ({
  nanoUsd: Math.round(dollars * 1e9),
  state: 'exact',
  source: 'list',
});

/** The requests of the interface's picture, finished ones first. */
export const PICTURE: Exchange[] = [
  exchange('1', {
    time: at('14:02:11'),
    agent: 'claude',
    asked: 'claude-opus-4-5',
    provider: 'anthropic',
    model: 'claude-opus-4-5',
    usage: { input: 121_004, cacheRead: 118_022, output: 1_201, reasoning: 640 },
    cost: usd(0.103946),
    ttftMs: 841,
    totalMs: 12_392,
  }),
  exchange('2', {
    time: at('14:02:13'),
    agent: 'claude',
    asked: 'claude-haiku-4-5',
    provider: 'openrouter',
    model: 'glm-4.6',
    rule: 'alias fast',
    usage: { input: 18_400, cacheRead: 0, output: 310 },
    cost: usd(0.0079),
    ttftMs: 610,
    totalMs: 4_100,
  }),
  exchange('3', {
    time: at('14:02:31'),
    agent: 'codex',
    asked: 'gpt-5-codex',
    model: 'gpt-5-codex',
    usage: { input: 88_100, cacheRead: 80_400, output: 2_100, reasoning: 1_400 },
    cost: usd(0.0407),
    ttftMs: 1_920,
    totalMs: 24_000,
    attempts: [
      attempt(1, { model: 'gpt-5-codex', status: 429, failure: 'rate-limit' }),
      attempt(2, { model: 'gpt-5-codex', waitedMs: 1_200 }),
    ],
  }),
  exchange('4', {
    time: at('14:03:02'),
    agent: 'cline',
    asked: 'claude-sonnet-4-5',
    provider: 'openrouter',
    model: 'claude-sonnet-4.5',
    usage: { input: 48_200, cacheRead: 41_000, output: 820 },
    cost: usd(0.0462),
    ttftMs: 2_100,
    totalMs: 11_800,
    attempts: [
      attempt(1, { provider: 'anthropic', status: 529, failure: 'overloaded' }),
      attempt(2, { provider: 'openrouter' }),
    ],
  }),
  exchange('5', {
    time: at('14:03:15'),
    agent: 'opencode',
    asked: 'acme/llama-4-mav',
    provider: 'acme',
    model: 'llama-4-mav',
    usage: { input: 6_200, cacheRead: 0, output: 233 },
    cost: { nanoUsd: null, state: 'unknown', source: null },
    ttftMs: 520,
    totalMs: 3_000,
  }),
  noKey('6', '14:03:22'),
];

/** A request for which there is no key. */
export function noKey(id: string, clock: string): Exchange {
  return exchange(id, {
    time: at(clock),
    agent: 'gemini',
    asked: 'gemini-2.5-pro',
    provider: null,
    model: null,
    usage: {},
    cost: { nanoUsd: null, state: 'none', source: null },
    status: 400,
    outcome: 'error',
    errorCode: 'no_provider_key',
    errorMessage:
      'unorouter: no API key for google, which serves gemini-2.5-pro. Run: unorouter keys add google   (to try without a key use model demo/echo)',
    ttftMs: null,
    totalMs: 12,
    attempts: [],
  });
}

/** Two requests that are still open: one streams, one waits. */
export const OPEN: Exchange[] = [
  exchange('7', {
    time: at('14:03:24'),
    agent: 'claude',
    asked: 'claude-opus-4-5',
    provider: 'anthropic',
    model: 'claude-opus-4-5',
    outcome: 'open',
    status: null,
    usage: { input: 123_000, cacheRead: 121_000, output: 418, reasoning: 96 },
    cost: { nanoUsd: 81_000_000, state: 'estimate', source: 'list' },
    ttftMs: 790,
    totalMs: null,
  }),
  exchange('8', {
    time: at('14:03:26'),
    agent: 'codex',
    asked: 'gpt-5-codex',
    model: 'gpt-5-codex',
    outcome: 'open',
    status: null,
    usage: { input: 91_000 },
    cost: { nanoUsd: null, state: 'unknown', source: null },
    ttftMs: null,
    totalMs: null,
  }),
];
