import type { Today } from '../../../server/index.ts';
import { duration, plural } from '../../render/index.ts';
import { promptCache, spent } from '../../render/log/sums.ts';

/** `Stopped. 47 requests in 1h 12m: $1.83, prompt cache 91%, 2 fallbacks, 1 error.` */
export function summaryLine(session: Today, demo: number, ms: number): string {
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
  return `Stopped. ${plural(requests, 'request')} in ${duration(ms)}: ${facts.join(', ')}.${also}`;
}
