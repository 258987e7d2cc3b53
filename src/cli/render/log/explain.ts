import type { Attempt, Exchange } from '../../../exchange.ts';
import { breakCause, breakPrice } from '../cache-break.ts';
import type { Glyphs } from '../look.ts';
import { shortDuration } from '../units.ts';

/**
 * Why a row is not what was asked for: another model, a rule, attempts that failed, an error, no price, something left out. Each
 * line stands alone; none for an ordinary row. The words of upstreams in it are not made safe yet.
 */
export function explain(x: Exchange, prefix: string, glyphs: Glyphs): string[] {
  const sep = ` ${glyphs.sep} `;
  return [
    [askedOther(x, sep), ...failed(x, glyphs)].filter((part) => part !== null).join(sep),
    errorLine(x, sep),
    cacheLost(x, sep),
    unpriced(x, prefix, sep),
    x.losses.length > 0 ? `left out: ${x.losses.join('; ')}` : '',
  ].filter((line) => line !== '');
}

/** Rules that change nothing that the user would have to be told. */
const SILENT_RULES: ReadonlySet<string> = new Set(['default']);

function askedOther(x: Exchange, sep: string): string | null {
  if (x.provider === null || x.model === null) return null;
  const asIs = x.asked === x.model || x.asked === `${x.provider}/${x.model}`;
  const parts = [
    ...(asIs ? [] : [`asked ${x.asked}`]),
    ...(SILENT_RULES.has(x.rule) ? [] : [`rule "${x.rule}"`]),
  ];
  return parts.length > 0 ? parts.join(sep) : null;
}

/** What happened to each attempt that another one followed. */
function failed(x: Exchange, glyphs: Glyphs): string[] {
  return x.attempts.slice(0, -1).map((attempt, i) => {
    const next = x.attempts[i + 1];
    const moved = next && (next.provider !== attempt.provider || next.model !== attempt.model);
    const what = trouble(attempt);
    if (moved)
      return `${what} ${glyphs.arrow} ${next.provider === attempt.provider ? next.model : next.provider}`;
    const waited = next && next.waitedMs > 0 ? `, waited ${shortDuration(next.waitedMs)}` : '';
    return `attempt ${attempt.n}: ${what}${waited}`;
  });
}

/** `openai 429 rate limit` */
function trouble({ provider, status, failure }: Attempt): string {
  return [provider, status, failure?.replaceAll('-', ' ')]
    .filter((part) => part !== null && part !== undefined && part !== '')
    .join(' ');
}

/** The sentence that the client got, which names what to do. */
function errorLine(x: Exchange, sep: string): string {
  if (x.outcome === 'ok' || x.outcome === 'open') return '';
  return brief(x.errorMessage ?? '', sep);
}

/**
 * An error's sentence for one line below a row: what the row says already is left out, so that the fix is in sight on a
 * narrow screen. `no key for google · fix: unorouter keys add google`
 */
export function brief(message: string, sep: string): string {
  const [what = '', fix] = message.replace(/^unorouter: /, '').split(' Run: ');
  const short = what.replace(/^no API key for (.+?), which serves .*$/s, 'no key for $1').replace(/\.$/, '');
  // Remarks behind a command are set off by blanks.
  return fix === undefined ? what : `${short}${sep}fix: ${fix.split('   ')[0]}`;
}

function cacheLost({ cacheBreak }: Exchange, sep: string): string {
  return cacheBreak ? `prompt cache lost: ${breakCause(cacheBreak)}${sep}${breakPrice(cacheBreak)}` : '';
}

function unpriced(x: Exchange, prefix: string, sep: string): string {
  if (x.cost.state !== 'unknown' || x.outcome === 'open' || x.provider === null) return '';
  return `no price for ${x.provider}/${x.model}${sep}fix: ${priceFix(x, prefix)}`;
}

/** The command that gives the model a price. */
export function priceFix({ provider, model }: Pick<Exchange, 'provider' | 'model'>, prefix: string): string {
  return `${prefix} models price ${provider}/${model} --in <usd> --out <usd>`;
}
