import { diffLines } from 'diff';
import { type Look, pad, plural, safeText, widthOf } from '../../render/index.ts';
import { homeShort } from '../use/show.ts';

/** A file as it is and as it becomes; null = there is none. */
export interface TextChange {
  file: string;
  before: string | null;
  after: string | null;
}

interface Line {
  sign: '+' | '-';
  text: string;
}

/** The changes of some files, as lines for the screen: what each becomes, and its lines that come and go. */
export function diffText(changes: readonly TextChange[], env: NodeJS.ProcessEnv, look: Look): string {
  return changes.map((change) => fileText(change, env, look)).join('');
}

function fileText(change: TextChange, env: NodeJS.ProcessEnv, look: Look): string {
  const { style, width } = look;
  const lines = linesOf(change);
  const about = aboutOf(change, lines);
  const name = safeText(homeShort(change.file, env));
  const room = Math.min(width, WIDEST) - INDENT.length - about.length;
  const gap = widthOf(name) < room && Number.isFinite(width) ? pad(name, room) : `${name}  `;
  const body = lines.map(({ sign, text }) => {
    const line = safeText(`${sign} ${text}`, width - INDENT.length * 2, look.glyphs.ellipsis);
    return `${INDENT}${INDENT}${sign === '+' ? style.green(line) : style.red(line)}\n`;
  });
  return `${INDENT}${gap}${style.dim(about)}\n${body.join('')}`;
}

const WIDEST = 100;
const INDENT = '  ';

function linesOf({ before, after }: TextChange): Line[] {
  return diffLines(before ?? '', after ?? '').flatMap(({ added, removed, value }) =>
    added || removed
      ? value
          .replace(/\r?\n$/, '')
          .split(/\r?\n/)
          .map((text): Line => ({ sign: added ? '+' : '-', text: masked(text) }))
      : [],
  );
}

/** A terminal is looked at by others: what is secret in a line is not shown. */
function masked(line: string): string {
  const ours = line.replace(/uno-[a-z2-7]{26}/g, 'uno-…');
  return ours !== line ? ours : line.replace(SECRET, '$1…');
}

const SECRET = /((?:key|token|secret)["']?\s*[:=]\s*["']?)(?![\d.e-]+(?:[\s,}]|$))[^"'\s,{}]{8,}/gi;

function aboutOf({ before, after }: TextChange, lines: readonly Line[]): string {
  if (before === null) return 'new file';
  if (after === null) return 'removed';
  const added = lines.filter(({ sign }) => sign === '+').length;
  const removed = lines.length - added;
  return [added > 0 ? `+${plural(added, 'line')}` : null, removed > 0 ? `-${plural(removed, 'line')}` : null]
    .filter((part) => part !== null)
    .join(' ');
}
