import { exchangeJson } from '../exchange.ts';
import { VERSION } from '../version.ts';
import type { Parts } from './parts.ts';
import type { ServerStatus } from './types.ts';

/** Node's own switch, which all programs of Node obey; it has nothing to do with a certificate of one's own. */
const UNCHECKED =
  'NODE_TLS_REJECT_UNAUTHORIZED=0 is set: nobody checks who the providers are that get your keys. Unset it; for a certificate of your own there is network.ca';

/** What `status` says at this moment. */
export function serverStatus(parts: Parts, at: { url: string; refused: number }): ServerStatus {
  const { shelves, options, tallies } = parts;
  const { catalog, config, warnings } = shelves.now();
  const keyTrouble = shelves.keys.trouble();
  return {
    running: true,
    pid: process.pid,
    url: at.url,
    version: VERSION,
    startedAt: parts.startedAt,
    auth: options.auth,
    demo: options.demo,
    bodies: parts.bodies.mode(),
    private: options.isPrivate === true,
    default: options.defaultModel ?? config.default,
    keys: shelves.keys
      .list(catalog.providers())
      .filter(({ masked, problem }) => masked !== null || (problem !== null && problem !== 'missing')),
    local: parts.lists.local().map(({ provider, url, models }) => ({ provider, url, models })),
    today: tallies.today(),
    budgets: parts.budgets.standings(),
    health: parts.health.providers().filter(({ answered, failed }) => answered + failed > 0),
    session: tallies.session(),
    live: parts.feed.live().map(exchangeJson),
    refused: at.refused,
    problems: [
      ...parts.ledger.problems(),
      ...(parts.trouble.config === null ? [] : [parts.trouble.config]),
      ...(keyTrouble ? [keyTrouble.message] : []),
      ...parts.budgets.warnings(),
      ...(options.env.NODE_TLS_REJECT_UNAUTHORIZED === '0' ? [UNCHECKED] : []),
      ...warnings,
    ],
  };
}
