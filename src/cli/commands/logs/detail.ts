import type { Exchange } from '../../../exchange.ts';
import { clock, day, type Look, pad, safeText, widthOf, wrap } from '../../render/index.ts';
import { attemptLines } from './attempts.ts';
import { brief } from './brief.ts';
import { costText, endText, rateText, tokenLines } from './facts.ts';
import { timeline } from './timeline.ts';

/** What the description of a request needs besides the request. */
export interface DetailContext {
  look: Look;
  /** ms since 1970 */
  now: number;
  utc: boolean;
  /** How this program is called. */
  prefix: string;
  ascii: boolean;
}

/** A label and what stands beside it. */
export interface Section {
  label: string;
  lines: string[];
  /** Lines that are laid out to the column and must not be broken. */
  fixed?: boolean;
}

/** Below this many columns the brief form is used. */
const NARROW = 80;
const WIDEST = 100;
const INDENT = 11;
/** Where what is said about a name begins, beyond the names of usual length. */
const NAME_WIDTH = 20;

/** One request in full. */
export function detail(x: Exchange, context: DetailContext): string {
  if (context.look.width < NARROW) return brief(x, context);
  const width = Math.min(context.look.width, WIDEST) - INDENT;
  const groups: Section[][] = [
    namesOf(x, context),
    [{ label: 'Attempts', lines: attemptLines(x, context, context.look.width - INDENT), fixed: true }],
    [{ label: 'Time', lines: timeline(x, width, context), fixed: true }],
    [{ label: 'Tokens', lines: tokenLines(x, context.look) }],
    [{ label: 'Cost', lines: [costText(x, context)] }],
    endOf(x, context),
  ];
  const printed = groups
    .map((sections) => printSections(sections, INDENT, context.look))
    .filter((group) => group !== '');
  return [`${headOf(x, context).join('\n')}\n`, ...printed].join('\n');
}

/** Id, when, and who asked. */
function headOf(x: Exchange, context: DetailContext): string[] {
  const { look } = context;
  const when = `${startText(x, context)}${endClock(x, context)}`;
  return wrap(`${safeText(x.id)}   ${when}   ${whoText(x, look)}`, look.width);
}

/** The start; with its date when that is not today. */
export function startText({ time }: Exchange, { now, utc }: DetailContext): string {
  const date = day(time, utc);
  return `${date === day(now, utc) ? '' : `${date} `}${clock(time, utc)}`;
}

function endClock({ time, totalMs }: Exchange, { utc, look }: DetailContext): string {
  return totalMs === null ? '' : ` ${look.glyphs.none} ${clock(time + totalMs, utc)}`;
}

/** Enough of a session to know it again; JSON has all of it. */
const SESSION_WIDTH = 9;

/** `codex · project api · session 0199a3c4…` */
function whoText({ agent, project, session }: Exchange, { glyphs, width }: Look): string {
  const most = Number.isFinite(width) ? SESSION_WIDTH : undefined;
  return [
    safeText(agent ?? 'unknown agent'),
    project === null ? null : `project ${safeText(project)}`,
    session === null ? null : `session ${safeText(session, most, glyphs.ellipsis)}`,
  ]
    .filter((part) => part !== null)
    .join(` ${glyphs.sep} `);
}

function namesOf(x: Exchange, { look }: DetailContext): Section[] {
  const asked = safeText(x.asked);
  const served = x.provider === null ? 'nobody' : safeText(`${x.provider} / ${x.model}`);
  const width = Math.max(NAME_WIDTH, ...[asked, served].map(widthOf).filter((one) => one < look.width / 2));
  const how = `${x.protocol}${x.endpoint === 'generate' ? '' : `, ${x.endpoint}`}${x.stream ? ', streaming' : ''}`;
  return [
    { label: 'Asked', lines: [`${pad(asked, width)}   ${how}`] },
    { label: 'Served', lines: [`${pad(served, width)}   rule "${safeText(x.rule)}"`] },
  ];
}

function endOf(x: Exchange, { look }: DetailContext): Section[] {
  return [
    { label: 'Ended', lines: [[endText(x), rateText(x, look)].filter(Boolean).join(` ${look.glyphs.sep} `)] },
    ...troubles(x),
  ];
}

/** What was left out and what went wrong; the same in both forms. */
export function troubles({ losses, errorCode, errorMessage }: Exchange): Section[] {
  return [
    { label: 'Left out', lines: losses.map((loss) => safeText(loss)) },
    {
      label: 'Error',
      lines: [errorCode, errorMessage].filter((part) => part !== null).map((part) => safeText(part)),
    },
  ];
}

/** Labels dim, texts broken to the width; a section without lines is left out. */
export function printSections(sections: readonly Section[], indent: number, look: Look): string {
  const room = look.width - indent;
  return sections
    .flatMap(({ label, lines, fixed }) => {
      const broken = fixed ? lines : lines.flatMap((line) => hardWrap(line, room));
      return broken.map((line, i) => {
        const head = i === 0 ? look.style.dim(pad(label, indent)) : ' '.repeat(indent);
        return `${`${head}${line}`.trimEnd()}\n`;
      });
    })
    .join('');
}

/** As wrap, and words that are too long for a line are broken as well. */
function hardWrap(text: string, width: number): string[] {
  return wrap(text, width).flatMap((line) => {
    if (widthOf(line) <= width) return [line];
    const parts: string[] = [];
    let part = '';
    for (const { segment } of new Intl.Segmenter().segment(line)) {
      if (widthOf(part + segment) > width) {
        parts.push(part);
        part = '';
      }
      part += segment;
    }
    return [...parts, part];
  });
}
