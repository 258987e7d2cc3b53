import type { JobClient } from './job.ts';
import type { Client } from './types.ts';

/** A client whose head is sent once: behind a keep-alive the answer's own head comes too late. */
export function beginOnce(client: Client): JobClient {
  let begun = false;
  return {
    ...client,
    begun: () => begun,
    head(status, headers) {
      if (begun) return;
      begun = true;
      client.head(status, headers);
    },
  };
}
