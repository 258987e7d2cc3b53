import { type Exchange, exchangeJson } from '../../../exchange.ts';
import { jsonFields, jsonLine } from '../machine.ts';
import { safeText } from '../text.ts';

/** One exchange as one line of JSON, the shape of `logs --json`; no fields = every one. */
export function jsonLogLine(x: Exchange, fields: readonly string[] = []): string {
  return jsonLine(jsonFields([exchangeJson(x)], fields)[0]);
}

/** One exchange as one logfmt line: the names of the JSON in snake_case, usage spread out, unknown left out. */
export function logfmtLine(x: Exchange): string {
  const { usage, saved, ...json } = exchangeJson(x);
  const { cacheNanoUsd, routeNanoUsd } = saved as Record<string, unknown>;
  const fields = {
    ...json,
    ...(usage as Record<string, unknown>),
    savedCacheNanoUsd: cacheNanoUsd,
    savedRouteNanoUsd: routeNanoUsd,
    attempts: x.attempts.length,
  };
  const pairs = Object.entries(fields).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join('; ') : value;
    return text === null || text === undefined || text === ''
      ? []
      : [`${snakeCase(name)}=${quoted(String(text))}`];
  });
  return `${pairs.join(' ')}\n`;
}

/** `cacheWrite1h` -> `cache_write_1h` */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]|(?<=[a-z])\d/g, (at) => `_${at.toLowerCase()}`);
}

function quoted(text: string): string {
  const safe = safeText(text.replace(/["\\]/g, '\\$&'));
  return /[\s="\\]/.test(safe) ? `"${safe}"` : safe;
}
