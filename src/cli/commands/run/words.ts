import { countsAll, leftOf } from '../../../budget/index.ts';
import type { Exchange } from '../../../exchange.ts';
import type { RunBudget, ServerStatus, Today } from '../../../server/index.ts';
import type { Context } from '../../context.ts';
import { lookOf, plural, safeText, sum, wrap } from '../../render/index.ts';
import { promptCache, spent } from '../../render/log/sums.ts';

const LABEL = 'unorouter  ';

/** What is told when an agent starts. */
export interface Opening {
  status: ServerStatus;
  started: boolean;
  command: string;
  model: string | null;
  seller: string | null;
  project: string | null;
  how: string;
  /** What it may spend; null = no budget of its own. */
  budget: RunBudget | null;
}

/** Says how the agent is wired; only to somebody who sits there. */
export function sayOpening(context: Context, facts: Opening): void {
  const { glyphs } = lookOf(context, context.stderr);
  const { status, started, command, model, seller, project, how, budget } = facts;
  const port = URL.canParse(status.url) ? `:${new URL(status.url).port}` : status.url;
  const server = started ? `private server on ${port} (ends with ${command})` : `using the one on ${port}`;
  const chosen = model === null ? null : [model, seller].filter(Boolean).join(` ${glyphs.arrow} `);
  const line = [
    server,
    chosen,
    project === null ? null : `project ${project}`,
    budget ? `${sum(budget.limitNanoUsd)} for this run` : null,
    budgetLeft(facts),
  ].filter((part) => part !== null);
  say(context, line.join(` ${glyphs.sep} `), `no file changed: ${how}`);
}

/** What is left of the standing budget of this session that has the least left; null = none is certain to count for it. */
function budgetLeft({ status, command, project }: Opening): string | null {
  const own = status.budgets.filter((one) => one.by !== 'run' && countsAll(one, { agent: command, project }));
  if (own.length === 0) return null;
  const left = Math.min(...own.map(leftOf));
  return left > 0 ? `budget ${sum(left)} left` : 'budget used up';
}

/** What the session was, in one line. */
export function sayClosing(
  context: Context,
  { sums, demo }: Session,
  { label: { agent }, budget }: { label: { agent: string }; budget: RunBudget | null },
): void {
  if (sums.requests + demo === 0) {
    say(context, 'this session: no requests');
    return;
  }
  const facts = [
    plural(sums.requests + demo, 'request'),
    demo > 0 && sums.requests === 0
      ? 'demo'
      : `${spent(sums)}${budget ? ` of ${sum(budget.limitNanoUsd)}` : ''}`,
    promptCache(sums),
    plural(sums.fallbacks, 'fallback'),
    sums.errors > 0 ? plural(sums.errors, 'error') : null,
  ].filter((fact) => fact !== null);
  say(context, `this session: ${facts.join(', ')}`, `details: ${context.prefix} logs --agent ${agent}`);
}

/** Sums of one run. */
export interface Session {
  sums: Today;
  /** Requests that the demo provider answered. */
  demo: number;
}

/** Whether a request belongs to a run: it shows the run's own label. */
export const isOfRun = (
  { agent, project, agentSource }: Exchange,
  label: { agent: string; project: string | null },
): boolean => agentSource === 'label' && agent === label.agent && project === label.project;

function say({ stderr, quiet }: Context, ...texts: readonly string[]): void {
  if (quiet || !stderr.tty) return;
  const lines = texts.flatMap((text) => wrap(safeText(text), stderr.width() - LABEL.length));
  stderr.write(lines.map((line, i) => `${i === 0 ? LABEL : ' '.repeat(LABEL.length)}${line}\n`).join(''));
}
