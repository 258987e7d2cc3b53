import type { Attempt, Exchange } from '../../../src/exchange.ts';

/** Noon UTC of a day without meaning, at the start of a quarter of an hour. */
export const NOON = Date.UTC(2026, 2, 3, 12);
export const QUARTER_MS = 900_000;

/** A finished exchange that went well, with whatever is said otherwise. */
export function exchange(id: string, fields: Partial<Exchange> = {}): Exchange {
  return {
    id,
    time: NOON,
    agent: 'codex',
    agentSource: 'user-agent',
    project: 'api',
    projectSource: 'label',
    session: 'session-1',
    protocol: 'openai-responses',
    endpoint: 'generate',
    stream: true,
    asked: 'gpt-5',
    provider: 'openai',
    model: 'gpt-5-2026',
    rule: 'default',
    status: 200,
    outcome: 'ok',
    usage: { input: 1_000, cacheRead: 800, output: 50 },
    usageSource: 'reported',
    cost: { nanoUsd: 1_234_567, state: 'exact', source: 'genai-prices openai/gpt-5 2026-03-01' },
    ttftMs: 420,
    totalMs: 2_100,
    attempts: [attempt(1)],
    losses: [],
    errorCode: null,
    errorMessage: null,
    demo: false,
    ...fields,
  };
}

/** The same exchange before it ended. */
export function opened(finished: Exchange): Exchange {
  return {
    ...finished,
    outcome: 'open',
    status: null,
    usage: {},
    usageSource: 'none',
    cost: { nanoUsd: null, state: 'unknown', source: null },
    ttftMs: null,
    totalMs: null,
    attempts: [],
  };
}

export function attempt(n: number, fields: Partial<Attempt> = {}): Attempt {
  return {
    n,
    provider: 'openai',
    model: 'gpt-5-2026',
    status: 200,
    failure: null,
    message: null,
    startedMs: 0,
    ms: 2_000,
    waitedMs: 0,
    billable: 'yes',
    ...fields,
  };
}
