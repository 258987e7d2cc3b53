import type { Exchange } from '../../../exchange.ts';
import { clock, type Look, pad, safeText, widthOf } from '../../render/index.ts';
import { costSections } from './arithmetic.ts';
import { attemptLines } from './attempts.ts';
import { endText, rateText, tokenLines } from './facts.ts';
import { type DetailContext, flow, printSections, type Section, startText, troubles } from './sections.ts';
import { timeline } from './timeline.ts';

const WIDEST = 100;
const INDENT = 11;
/** Where what is said about a name begins, beyond the names of usual length. */
const NAME_WIDTH = 20;

/** One request in full, for 80 columns and more. */
export function detail(x: Exchange, context: DetailContext): string {
  const width = Math.min(context.look.width, WIDEST) - INDENT;
  const groups: Section[][] = [
    namesOf(x, context),
    [{ label: 'Attempts', lines: attemptLines(x, context, context.look.width - INDENT), fixed: true }],
    [{ label: 'Time', lines: timeline(x, width, context), fixed: true }],
    [{ label: 'Tokens', lines: tokenLines(x, context.look) }],
    costSections(x, context),
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
  const [agent, ...others] = who(x, look);
  const parts = [`${safeText(x.id)}   ${when}   ${agent}`, ...others];
  return flow(parts, ` ${look.glyphs.sep} `, look.width);
}

function endClock({ time, totalMs }: Exchange, { utc, look }: DetailContext): string {
  return totalMs === null ? '' : ` ${look.glyphs.none} ${clock(time + totalMs, utc)}`;
}

/** Enough of a session to know it again; JSON has all of it. */
const SESSION_WIDTH = 9;

function who({ agent, project, session }: Exchange, { glyphs, width }: Look): string[] {
  const most = Number.isFinite(width) ? SESSION_WIDTH : undefined;
  return [
    safeText(agent ?? 'unknown agent'),
    ...(project === null ? [] : [`project ${safeText(project)}`]),
    ...(session === null ? [] : [`session ${safeText(session, most, glyphs.ellipsis)}`]),
  ];
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
