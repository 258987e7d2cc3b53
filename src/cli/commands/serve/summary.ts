import type { BudgetStanding } from '../../../budget/index.ts';
import type { Today } from '../../../server/index.ts';
import { budgetText } from '../../render/budget.ts';
import { duration, plural } from '../../render/index.ts';
import { promptCache, spent } from '../../render/log/sums.ts';

/** `Stopped. 47 requests in 1h 12m: $1.83, prompt cache 91%, 2 fallbacks, 1 error. Budget of this server: $1.83 of $10.00 today.` */
export function summaryLine(
  session: Today,
  demo: number,
  ms: number,
  budgets: readonly BudgetStanding[],
): string {
  const { requests, errors, fallbacks } = session;
  const demos = demo > 0 ? plural(demo, 'demo request') : null;
  if (requests === 0) return `Stopped. ${demos ?? 'No requests'} in ${duration(ms)}.`;
  const facts = [
    spent(session),
    promptCache(session),
    fallbacks > 0 ? plural(fallbacks, 'fallback') : null,
    errors > 0 ? plural(errors, 'error') : null,
  ].filter((fact) => fact !== null);
  const also = demos === null ? '' : ` And ${demos}.`;
  const own = budgets.filter(({ by }) => by === 'serve').map((one) => ` Budget of ${budgetText(one, true)}.`);
  return `Stopped. ${plural(requests, 'request')} in ${duration(ms)}: ${facts.join(', ')}.${also}${own.join('')}`;
}
