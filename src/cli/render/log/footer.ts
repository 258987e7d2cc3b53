import type { BudgetStanding } from '../../../budget/index.ts';
import type { Today } from '../../../server/index.ts';
import { budgetMeter, todaysBudget } from '../budget.ts';
import type { Look } from '../look.ts';
import { cut, safeText, widthOf } from '../text.ts';
import { plural } from '../units.ts';
import { promptCache, spent } from './sums.ts';

/** What the footer tells. */
export interface FooterFacts {
  today: Today;
  /** As they stand now. */
  budgets: readonly BudgetStanding[];
  /** Finished requests of the demo provider, which are in no sum. */
  demo: number;
  /** What the user must know, as sentences. */
  problems: readonly string[];
}

/** A rule, today's sums and, when something is wrong, a line of its own for it. */
export function footerLines(facts: FooterFacts, live: number, look: Look): string[] {
  const { glyphs, style, width } = look;
  const { problems } = facts;
  const [problem] = problems;
  const more = problems.length > 1 ? ` (+${problems.length - 1} more)` : '';
  return [
    style.dim(glyphs.rule.repeat(width)),
    sums(facts, live, look),
    ...(problem === undefined
      ? []
      : [style.yellow(safeText(`${glyphs.warn} ${problem}${more}`, width, glyphs.ellipsis))]),
  ];
}

/** Facts in the order in which they are read; the higher the rank, the sooner one gives way on a narrow screen. */
function sums({ today, budgets, demo }: FooterFacts, live: number, look: Look): string {
  const { glyphs, width } = look;
  const budget = todaysBudget(budgets);
  let parts = [
    { rank: 0, text: `today ${spent(today)}${budget ? budgetMeter(budget, look) : ''}` },
    { rank: 3, text: plural(today.requests, 'request') },
    { rank: 4, text: promptCache(today) },
    { rank: 2, text: demo > 0 ? `${demo} demo` : null },
    { rank: 1, text: live > 0 ? `${live} live` : null },
  ].filter((part) => part.text !== null);
  const joined = (): string => parts.map(({ text }) => text).join(` ${glyphs.sep} `);
  while (widthOf(joined()) > width && parts.length > 1) {
    const last = Math.max(...parts.map(({ rank }) => rank));
    parts = parts.filter(({ rank }) => rank !== last);
  }
  return cut(joined(), width, glyphs.ellipsis);
}
