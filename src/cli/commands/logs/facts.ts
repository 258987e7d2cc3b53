import type { CostState, Exchange, Outcome, UsageSource } from '../../../exchange.ts';
import { exact, type Look, percent, safeText, shortDuration } from '../../render/index.ts';
import { priceFix } from '../../render/log/explain.ts';
import type { DetailContext } from './sections.ts';

const NANO = 1e9;
/** Every digit that is known, six at least: `$0.040708`. */
export const dollars = (nanoUsd: number): string => usdText(nanoUsd / NANO, 6, 9);

/** US dollars with so many digits behind the point, at least and at most. */
export function usdText(usd: number, leastDigits: number, mostDigits: number): string {
  const [whole = '', fraction = ''] = usd.toFixed(mostDigits).split('.');
  return `$${whole}.${fraction.replace(/0+$/, '').padEnd(leastDigits, '0')}`;
}

const COSTS: { [S in CostState]: (amount: string, fix: string) => string } = {
  exact: (amount) => `${amount}   exact`,
  estimate: (amount) => `~${amount}   estimated`,
  free: () => 'free',
  local: () => 'local, nothing is billed',
  unknown: (amount, fix) =>
    `${amount === '?' ? '?' : `at least ${amount}`}   no price is known; set one: ${fix}`,
  none: () => 'nothing was billed',
  demo: (amount) => `${amount}   demo, in no sum`,
};

/** The total, what it rests on, and where the price comes from. */
export function costText(x: Exchange, { prefix, look }: DetailContext): string {
  const { cost, outcome } = x;
  if (outcome === 'open' && cost.nanoUsd === null) return look.glyphs.none;
  const amount = cost.nanoUsd === null ? '?' : dollars(cost.nanoUsd);
  const source = cost.source === null || cost.source === cost.state ? '' : `, ${safeText(cost.source)}`;
  return `${COSTS[cost.state](amount, priceFix(x, prefix))}${source}`;
}

const COUNTED: { [S in UsageSource]: string } = {
  reported: '',
  partial: 'as far as the provider came',
  estimated: 'estimated, the provider gave no counts',
  none: '',
};

const NUMBER_WIDTH = 10;

/** Input and output with what they are made of; unknown parts are left out. */
export function tokenLines({ usage, usageSource }: Exchange, { glyphs }: Look): string[] {
  const { input, cacheRead, cacheWrite, output, reasoning } = usage;
  const line = (name: string, count: number | undefined, parts: string[]): string =>
    [name.padEnd(7) + exact(count, glyphs.none).padStart(NUMBER_WIDTH), ...parts].join('   ');
  if (input === undefined && output === undefined) return ['not counted'];
  const cached = percent(cacheRead ?? 0, input ?? 0, '');
  return [
    line('input', input, [
      ...(cacheRead === undefined
        ? []
        : [`of which prompt-cache read ${exact(cacheRead)}${cached === '' ? '' : ` (${cached})`}`]),
      ...(cacheWrite === undefined ? [] : [`written ${exact(cacheWrite)}`]),
    ]),
    line('output', output, reasoning === undefined ? [] : [`of which reasoning ${exact(reasoning)}`]),
    ...(COUNTED[usageSource] === '' ? [] : [COUNTED[usageSource]]),
  ];
}

/** `in 88,104 (cached 80,402) · out 2,103 (rsn 1,412)` */
export function tokenText({ usage }: Exchange, { glyphs }: Look): string {
  const { input, cacheRead, output, reasoning } = usage;
  const cached = cacheRead === undefined ? '' : ` (cached ${exact(cacheRead)})`;
  const thought = reasoning === undefined ? '' : ` (rsn ${exact(reasoning)})`;
  return `in ${exact(input, glyphs.none)}${cached} ${glyphs.sep} out ${exact(output, glyphs.none)}${thought}`;
}

const ENDS: { [O in Outcome]: string } = {
  open: 'still running',
  ok: 'completed',
  error: 'failed',
  client_aborted: 'the client went away',
  upstream_cut: 'the upstream broke off',
  interrupted: 'unorouter was stopped while it ran',
};

/** How it ended, with the status that the client got. */
export function endText({ outcome, status }: Exchange): string {
  return `${ENDS[outcome]}${outcome === 'error' && status !== null ? `, status ${status}` : ''}`;
}

/** `ttft 1.92s · total 24.0s · 95 tok/s`, as far as it is known. */
export function rateText(x: Exchange, { glyphs }: Look): string {
  const rate = tokensPerSecond(x);
  return [
    x.ttftMs === null ? null : `ttft ${shortDuration(x.ttftMs, 2)}`,
    x.totalMs === null ? null : `total ${shortDuration(x.totalMs)}`,
    rate === null ? null : `${exact(rate)} tok/s`,
  ]
    .filter((part) => part !== null)
    .join(` ${glyphs.sep} `);
}

/** Below this the quotient says nothing: the whole answer came in one piece. */
const SHORTEST_STREAM_MS = 50;

/** Speed after the first content; null where it would mean nothing. */
export function tokensPerSecond({ attempts, usage: all, ttftMs, totalMs }: Exchange): number | null {
  // Of the answer, not of what was tried before.
  const usage = attempts.at(-1)?.billed?.usage ?? all;
  if (usage.output === undefined || ttftMs === null || totalMs === null) return null;
  const streamedMs = totalMs - ttftMs;
  return streamedMs < SHORTEST_STREAM_MS ? null : Math.round((usage.output / streamedMs) * 1000);
}
