import type { JobClient } from './job.ts';
import type { Client } from './types.ts';

/** A client that waits hears of us this often (reliability rule R8b). */
const KEEP_ALIVE_MS = 10_000;

/**
 * A client whose head is sent once (behind a keep-alive the answer's own head comes too late), and that hears signs of
 * life while nothing else is sent.
 */
export function beginOnce(client: Client): JobClient {
  let begun = false;
  let wrote = false;
  let watched = false;
  let ticking: NodeJS.Timeout | undefined;

  function keepAlive(sign: { head(): void; frame: string } | null): void {
    clearInterval(ticking);
    if (!sign || client.signal.aborted) return;
    wrote = false;
    if (!watched) client.signal.addEventListener('abort', () => clearInterval(ticking), { once: true });
    watched = true;
    ticking = setInterval(() => {
      if (!wrote && !client.full()) {
        sign.head();
        if (sign.frame !== '') client.write(Buffer.from(sign.frame));
      }
      wrote = false;
    }, KEEP_ALIVE_MS);
  }
  return {
    ...client,
    begun: () => begun,
    head(status, headers) {
      if (begun) return;
      begun = true;
      client.head(status, headers);
    },
    write(chunk) {
      wrote = true;
      client.write(chunk);
    },
    end() {
      clearInterval(ticking);
      client.end();
    },
    keepAlive,
  };
}
