import { type BudgetStanding, limitOf } from '../../../budget/index.ts';
import { type KeyEntry, keyName } from '../../../keys/index.ts';
import type { ServerStatus, Today } from '../../../server/index.ts';
import { budgetText, todaysBudget } from '../../render/budget.ts';
import {
  duration,
  type Look,
  pad,
  percent,
  plural,
  safeText,
  shortDuration,
  sum,
  widthOf,
  wrap,
} from '../../render/index.ts';
import { promptCache, spent } from '../../render/log/sums.ts';
import type { AgentStanding, State } from './state.ts';

const LABEL = 10;

/** What the text needs besides the state. */
export interface StatusWords {
  prefix: string;
  /** Of this program: a server that does not run has none. */
  version: string;
  /** ms since 1970 */
  now: number;
}

/** The state for people, laid out for the screen. */
export function statusText(state: State, words: StatusWords, look: Look): string {
  const lines = state.running ? running(state, words.now, look) : stopped(state, words, look);
  return lines.map((line) => `${line}\n`).join('');
}

function stopped(
  { today, budgets, agents }: Exclude<State, { running: true }>,
  { prefix, version }: StatusWords,
  look: Look,
): string[] {
  const { glyphs, style } = look;
  return [
    `${style.bold('unorouter')} ${version}  ${glyphs.circle} not running`,
    ...(today === null ? [] : field('Today', todayFacts(today, budgets, null), look)),
    ...field('Agents', agentFacts(agents, look), look),
    ...field('Start it', [`${prefix} serve`], look),
  ];
}

function running(status: Extract<State, { running: true }>, now: number, look: Look): string[] {
  return [
    ...heading(status, now, look),
    ...field('Keys', keyFacts(status.keys), look),
    ...field(
      'Local',
      status.local.map(({ provider, models }) => `${provider} (${plural(models, 'model')})`),
      look,
    ),
    ...field('Default', [status.default ?? 'none'], look),
    ...field('Today', todayFacts(status.today, status.budgets, status.refused), look),
    ...field('Budgets', otherBudgets(status.budgets), look),
    ...field('Live', liveFacts(status.live, now), look),
    ...field('Agents', agentFacts(status.agents, look), look),
    // A server of an older version does not say it.
    ...field(
      'Health',
      (status.health ?? []).map((one) => healthFact(one, look)),
      look,
    ),
    ...status.problems.flatMap((problem) => warning(problem, look)),
  ];
}

/** `claude ● setup`, `codex ○`: whose files lead here. */
function agentFacts(agents: readonly AgentStanding[], { glyphs }: Look): string[] {
  return agents.map(({ id, connected, setUp, overriddenBy }) => {
    if (connected) return `${id} ${glyphs.dot}${setUp ? ' setup' : ''}`;
    return overriddenBy === null ? `${id} ${glyphs.circle}` : `${id} ${glyphs.warn} overridden`;
  });
}

/** `anthropic ● 0.9s`, `openai ▲ 80% answered, 1.8s`, `groq ✗ quota used up`. */
function healthFact(
  { provider, state, why, answered, failed, ttftMs }: ServerStatus['health'][number],
  { glyphs }: Look,
): string {
  const facts = [
    state === 'ok' ? null : why,
    failed > 0 ? `${percent(answered, answered + failed)} answered` : null,
    ttftMs === null ? null : shortDuration(ttftMs, 1),
  ].filter((fact) => fact !== null);
  const sign = state !== 'ok' ? glyphs.cross : failed > 0 ? glyphs.warn : glyphs.dot;
  return `${provider} ${sign}${facts.length > 0 ? ` ${facts.join(', ')}` : ''}`;
}

function heading(status: ServerStatus, now: number, look: Look): string[] {
  const { glyphs, style, width } = look;
  const name = `${style.bold('unorouter')} ${safeText(status.version)}  ${style.green(glyphs.dot)} running`;
  const host = URL.canParse(status.url) ? new URL(status.url).host : status.url;
  const facts = [
    `pid ${status.pid}`,
    safeText(host),
    `up ${duration(now - status.startedAt)}`,
    ...(status.demo ? ['demo'] : []),
    ...(status.auth ? [] : ['no token']),
  ].join(` ${glyphs.sep} `);
  const line = `${name}   ${facts}`;
  return widthOf(line) <= width
    ? [line]
    : [name, ...wrap(facts, width - LABEL).map((part) => ' '.repeat(LABEL) + part)];
}

/** A label and its facts, broken between words where they do not fit. */
function field(label: string, facts: readonly string[], look: Look): string[] {
  if (facts.length === 0) return [];
  const text = facts.map((fact) => safeText(fact)).join(` ${look.glyphs.sep} `);
  return wrap(text, look.width - LABEL).map((line, i) =>
    i === 0 ? look.style.dim(pad(label, LABEL)) + line : ' '.repeat(LABEL) + line,
  );
}

function warning(text: string, { glyphs, style, width }: Look): string[] {
  return wrap(safeText(text), width - LABEL).map((line, i) =>
    i === 0 ? `${style.yellow(glyphs.warn)}${' '.repeat(LABEL - 1)}${line}` : ' '.repeat(LABEL) + line,
  );
}

/** `anthropic, openai (keychain)`, `google ($GEMINI_API_KEY)`: by where they come from. */
function keyFacts(keys: readonly KeyEntry[]): string[] {
  const places = new Map<string, string[]>();
  for (const key of keys) {
    const place = key.where ?? `not usable: ${key.problem ?? 'missing'}`;
    places.set(place, [...(places.get(place) ?? []), keyName(key)]);
  }
  const facts = [...places].map(([place, providers]) => `${providers.join(', ')} (${place})`);
  return facts.length > 0 ? facts : ['none'];
}

function todayFacts(today: Today, budgets: readonly BudgetStanding[], refused: number | null): string[] {
  const budget = todaysBudget(budgets);
  return [
    `${spent(today)}${budget ? ` of ${sum(limitOf(budget))}` : ''}`,
    plural(today.requests, 'request'),
    today.errors > 0 ? plural(today.errors, 'error') : null,
    promptCache(today),
    refused ? `${refused} refused at the door` : null,
  ].filter((fact) => fact !== null);
}

/** All but the one that stands beside today's sum. */
function otherBudgets(budgets: readonly BudgetStanding[]): string[] {
  return budgets.filter((one) => one !== todaysBudget(budgets)).map((one) => budgetText(one, true));
}

const MOST_LIVE = 5;

/** `2`, then `claude 5.1s claude-opus-4-5` for each. They come as JSON, from a server that may be another version. */
function liveFacts(live: readonly Record<string, unknown>[], now: number): string[] {
  const each = live.slice(0, MOST_LIVE).map(({ agent, time, served, asked }) => {
    const age = typeof time === 'string' ? duration(Math.max(0, now - Date.parse(time))) : null;
    return [agent, age, served ?? asked].filter((part) => typeof part === 'string').join(' ');
  });
  const more = live.length - each.length;
  return [String(live.length), ...each, ...(more > 0 ? [`+${more} more`] : [])];
}
