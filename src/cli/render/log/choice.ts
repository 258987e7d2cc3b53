import type { Exchange } from '../../../exchange.ts';

/** What `--log` takes. */
export const LOG_CHOICES = ['requests', 'all', 'errors', 'none'] as const;
export type LogChoice = (typeof LOG_CHOICES)[number];

/** An agent asks for token counts all the time, and they are not billed. */
export const isAside = (x: Exchange): boolean => x.endpoint === 'count-tokens';

const failed = (x: Exchange): boolean =>
  (x.outcome !== 'ok' && x.outcome !== 'open') || (x.status !== null && x.status >= 400);

const SHOWN: Readonly<Record<LogChoice, (x: Exchange) => boolean>> = {
  requests: (x) => !isAside(x),
  all: () => true,
  errors: failed,
  none: () => false,
};

/** Whether an exchange, open or finished, is to be shown. */
export function shownBy(choice: LogChoice): (x: Exchange) => boolean {
  return SHOWN[choice];
}
