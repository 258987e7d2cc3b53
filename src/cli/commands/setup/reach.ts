import { readFileSync } from 'node:fs';
import type { SetupPlan } from '../../../agents/index.ts';
import { clientAt } from '../../client.ts';

/**
 * Whether what now stands in the agent's files reaches this unorouter: a request with the very token that is written there.
 * It costs nothing, as no model is asked.
 */
export async function reachedBy({
  plan,
  url,
  token,
}: {
  plan: SetupPlan;
  url: string;
  token: string;
}): Promise<boolean> {
  const written = plan.edits.some(({ file }) => readFileSync(file, 'utf8').includes(token));
  // Where a keychain holds the token, the file has only the address.
  if (!written && plan.fields.length === 0) return false;
  return clientAt(url, token)
    .status()
    .then(
      () => true,
      () => false,
    );
}
