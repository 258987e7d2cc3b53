import type { KeptBodies, KeptBody } from '../../../bodies/index.ts';
import { type Look, pad, safeText, wrap } from '../../render/index.ts';
import { brokenLines } from './sections.ts';
import type { ShowOptions } from './show.ts';

const NOT_KEPT = 'not recorded (serve --bodies errors|on)';
const NARROW = 80;
const INDENT = 11;
const NARROW_INDENT = 8;

/** What is shown of bodies: whether there are any and how to see them, or what was asked for. */
export function bodiesText(
  bodies: KeptBodies | null,
  { body, headers }: ShowOptions,
  { look, prefix, id }: { look: Look; prefix: string; id: string },
): string {
  const narrow = look.width < NARROW;
  const indent = narrow ? NARROW_INDENT : INDENT;
  const label = narrow ? 'bodies' : 'Bodies';
  const shown = body || headers;
  // The brief form tells only what there is.
  if (narrow && !bodies && !shown) return '';
  const line = bodies
    ? `${sizes(bodies)}${shown ? '' : `   ${prefix} logs show ${safeText(id)} --body`}`
    : NOT_KEPT;
  const first = wrap(line, look.width - indent).map(
    (text, i) => `${i === 0 ? look.style.dim(pad(label, indent)) : ' '.repeat(indent)}${text}\n`,
  );
  const parts = bodies && shown ? [part('Request', bodies.request), part('Answer', bodies.answer)] : [];
  return first.join('') + parts.map((text) => `\n${text}`).join('');

  function part(title: string, kept: KeptBody): string {
    const lines = [
      ...(headers ? headerLines(kept) : []),
      ...(headers && body ? [''] : []),
      ...(body ? bodyLines(kept) : []),
    ];
    const broken = lines.flatMap((text) => brokenLines(safeText(text), look.width));
    return `${look.style.bold(title)}\n${broken.map((text) => `${text}\n`).join('')}`;
  }
}

const sizes = ({ request, answer }: KeptBodies): string =>
  `request ${sizeOf(request)}, answer ${sizeOf(answer)}`;

function sizeOf({ bytes, cut }: KeptBody): string {
  const size = bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KiB`;
  return cut ? `${size} (its beginning)` : size;
}

function headerLines({ headers }: KeptBody): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}

/** JSON as people read it, anything else as it came. */
function bodyLines({ text, bytes }: KeptBody): string[] {
  if (text === null) return [`(${bytes} bytes that are no text)`];
  if (text === '') return ['(empty)'];
  try {
    return JSON.stringify(JSON.parse(text), null, 2).split('\n');
  } catch {
    return text.trimEnd().split('\n');
  }
}

/** The same for programs: what was asked for, as it is kept. */
export function wantedJson(
  bodies: KeptBodies | null,
  { body, headers }: ShowOptions,
): Record<string, unknown> {
  if (!body && !headers) return {};
  const wanted = ({ text, bytes, cut, headers: all }: KeptBody): Record<string, unknown> => ({
    ...(headers ? { headers: all } : {}),
    ...(body ? { text, bytes, cut } : {}),
  });
  return { bodies: bodies && { request: wanted(bodies.request), answer: wanted(bodies.answer) } };
}
