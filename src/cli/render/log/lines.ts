import { type Exchange, exchangeJson } from '../../../exchange.ts';
import { jsonFields, jsonLine } from '../machine.ts';
import { safeText } from '../text.ts';

/** One exchange as one line of JSON, the shape of `logs --json`; no fields = every one. */
export function jsonLogLine(x: Exchange, fields: readonly string[] = []): string {
  return jsonLine(jsonFields([exchangeJson(x)], fields)[0]);
}

/** One exchange as one logfmt line: the names of the JSON in snake_case, usage spread out, unknown left out. */
export function logfmtLine(x: Exchange): string {
  const { usage, ...json } = exchangeJson(x);
  const fields = { ...flat(json), ...(usage as Record<string, unknown>), attempts: x.attempts.length };
  const pairs = Object.entries(fields).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join('; ') : value;
    return text === null || text === undefined || text === ''
      ? []
      : [`${snakeCase(name)}=${quoted(String(text))}`];
  });
  return `${pairs.join(' ')}\n`;
}

/** `{ saved: { cacheNanoUsd } }` -> `{ savedCacheNanoUsd }` */
function flat(json: Record<string, unknown>): Record<string, unknown> {
  const pairs = Object.entries(json).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([part, one]) => [`${name}${part[0]?.toUpperCase()}${part.slice(1)}`, one])
      : [[name, value]],
  );
  return Object.fromEntries(pairs);
}

/** `cacheWrite1h` -> `cache_write_1h` */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]|(?<=[a-z])\d/g, (at) => `_${at.toLowerCase()}`);
}

function quoted(text: string): string {
  const safe = safeText(text.replace(/["\\]/g, '\\$&'));
  return /[\s="\\]/.test(safe) ? `"${safe}"` : safe;
}
